import { describe, expect, it } from 'vitest';
import { createIds } from './ids.ts';

describe('ids', () => {
  it('are version 7 UUIDs that carry the time', () => {
    const id = createIds({ now: () => 0x0123_4567_89ab }).next();
    expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sort in the order of making, within a millisecond and when the clock goes back', () => {
    let now = 1_800_000_000_000;
    const ids = createIds({ now: () => now });
    const made = Array.from({ length: 20_000 }, (_, index) => {
      if (index === 10_000) now -= 5_000;
      return ids.next();
    });
    expect([...made].sort()).toEqual(made);
    expect(new Set(made).size).toBe(made.length);
  });
});
