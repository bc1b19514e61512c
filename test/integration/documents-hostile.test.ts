import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostileDocuments, quickHostileDocuments } from '../support/hostile-documents.ts';
import { openHostileReading } from '../support/hostile-reading.ts';
import type { HostileReading } from '../support/hostile-reading.ts';

// Those that take long are read by `npm run bench hostile`, with the same code.
let reading: HostileReading;

beforeAll(async () => {
  reading = await openHostileReading();
});
afterAll(() => reading.close());

describe('hostile files', () => {
  it('lmstudio#893: are of more than fifty kinds, all named apart', () => {
    const names = hostileDocuments.map(({ name, format }) => `${format} ${name}`);
    expect(new Set(names).size).toBe(names.length);
    expect(quickHostileDocuments.length).toBeGreaterThan(60);
  });

  it.each(quickHostileDocuments)(
    'lmstudio#893: $format, $name: ends with words or a code, and a good file is read after it',
    async (document) => {
      expect((await reading.tryOne(document)).wrong).toBeUndefined();
    },
    180_000,
  );
});
