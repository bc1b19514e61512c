import { describe, expect, it } from 'vitest';
import type { Place } from '../ipc/contract/index.ts';
import { placeWords } from './cli-output.ts';

describe('places on the command line', () => {
  it.each<[Partial<Place> | null, string]>([
    [{ kind: 'page', number: 3 }, 'page 3'],
    [{ kind: 'slide', number: 4, name: 'Budget' }, 'slide 4'],
    [{ kind: 'sheet', name: 'Costs', rows: [5, 9] }, 'sheet Costs, rows 5–9'],
    [{ kind: 'sheet', name: 'Costs', rows: [5, 5] }, 'sheet Costs, row 5'],
    [{ kind: 'chapter', number: 2 }, 'chapter 2'],
    [{ kind: 'lines', rows: [20, 41] }, 'lines 20–41'],
    [{ kind: 'message', number: 2 }, 'message 2'],
    [{ kind: 'section' }, 'Terms'],
    [null, 'Terms'],
  ])('%j is %s', (place, words) => {
    const whole = place && { kind: 'page' as const, number: null, name: null, ...place };
    expect(placeWords({ place: whole, page: null, heading: 'Terms' })).toBe(words);
  });

  it('falls back to the page of what was kept before places were', () => {
    expect(placeWords({ page: 7, heading: 'Terms' })).toBe('page 7');
    expect(placeWords({ page: null, heading: null })).toBe('');
  });
});
