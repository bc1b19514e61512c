import { expect, it } from 'vitest';
import { runWatch } from '../support/watch-kit.ts';

// The long run with 5,000 operations and 10 kills: npm run bench watch.
it(
  'gpt4all#1757, anything-llm#1425: a folder changed at random while CORE is killed ends as if read from scratch',
  { timeout: 240_000 },
  async () => {
    const { differences, searches, documents } = await runWatch({
      operations: 200,
      kills: 2,
      seed: 6,
      away: 1,
    });
    expect(differences).toEqual([]);
    expect(documents).toBeGreaterThan(10);
    expect(searches).toBeGreaterThan(0);
  },
);
