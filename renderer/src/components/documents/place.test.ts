import { describe, expect, it } from 'vitest';
import type { Place } from '../../../../electron/ipc/contract/index.ts';
import { partName, placeWords } from './place.ts';

const at = (place: Partial<Place> | null, page: number | null = null) =>
  placeWords({
    place: place && { kind: 'page', number: null, name: null, ...place },
    page,
    heading: 'Terms',
  });

describe('places in words', () => {
  it.each<[Partial<Place> | null, string]>([
    [{ kind: 'page', number: 3 }, 'page 3'],
    [{ kind: 'slide', number: 4, name: 'Budget' }, 'slide 4'],
    [{ kind: 'sheet', number: 2, name: 'Costs', rows: [5, 9] }, 'sheet Costs, rows 5–9'],
    [{ kind: 'sheet', number: 2, name: 'Costs', rows: [5, 5] }, 'sheet Costs, row 5'],
    [{ kind: 'sheet', number: 2 }, 'sheet 2'],
    [{ kind: 'lines', rows: [20, 41] }, 'lines 20–41'],
    [{ kind: 'lines', rows: [20, 20] }, 'line 20'],
    [{ kind: 'message', number: 2, name: 'Re: lease' }, 'message 2'],
    [{ kind: 'chapter', number: 3, name: 'The storm' }, 'chapter The storm'],
    [{ kind: 'cell', number: 7 }, 'cell 7'],
    [{ kind: 'section', name: 'Deposit' }, 'Deposit'],
    // Nothing to say of itself: the heading says more than nothing.
    [{ kind: 'section' }, 'Terms'],
    [null, 'Terms'],
  ])('%j is %s', (place, words) => expect(at(place)).toBe(words));

  it('falls back to the page of what was kept before places were', () => {
    expect(at(null, 1200)).toBe('page 1,200');
    expect(placeWords({ page: null, heading: null })).toBe('');
  });

  it('names parts by their titles, counted ones by number too', () => {
    expect(partName({ kind: 'slide', page: 4, title: 'Budget' })).toBe('Slide 4: Budget');
    expect(partName({ kind: 'sheet', page: 1, title: 'Costs' })).toBe('Costs');
    expect(partName({ kind: 'cell', page: 2, title: null })).toBe('Cell 2');
  });
});
