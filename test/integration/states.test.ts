import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attackStates } from '../bench/states/attacks.ts';
import { checkBudget } from '../bench/states/budget.ts';
import { temporaryFolder } from '../model/engine-support.ts';

// The short forms of `npm run bench states -- attacks` and `-- budget`.

let place: { path: string; remove(): Promise<void> };
beforeAll(async () => {
  place = await temporaryFolder();
});
afterAll(() => place.remove());

describe('kept states', () => {
  it('that 40 attacks were made on come back as they were, or not at all', async () => {
    const { cases, wrong, gone } = await attackStates(place.path, { cases: 40, seed: 1 });
    expect(wrong).toEqual([]);
    expect(cases).toBe(40);
    expect(gone).toBeGreaterThan(20);
  });

  it.each([1, 2])('never take a byte more than their budget (seed %i)', async (seed) => {
    const { steps, kept, found, most } = await checkBudget(place.path, { steps: 120, seed });
    expect(steps).toBe(120);
    expect(kept).toBeGreaterThan(10);
    expect(found).toBeGreaterThan(5);
    expect(most).toBeGreaterThan(0.5);
  });
});
