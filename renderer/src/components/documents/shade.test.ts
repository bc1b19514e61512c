import { describe, expect, it } from 'vitest';
import { isShaded, shaded, within } from './shade.ts';

const text = 'The rent is due on the first.';
const at = (words: string, offset = 0) => {
  const start = offset + text.indexOf(words);
  return { start, end: start + words.length };
};

describe('shaded', () => {
  it('cuts exactly where the citation and the hits begin and end, and loses nothing', () => {
    const current = at('due', 100);
    const shades = {
      cited: [at('rent is due', 100)],
      found: [at('rent', 100), current, at('first', 100)],
      current,
    };
    const pieces = shaded(text, 100, shades);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
    const of = (what: 'cited' | 'found' | 'current') =>
      pieces.filter((piece) => piece[what]).map((piece) => piece.text);
    expect(of('cited')).toEqual(['rent', ' is ', 'due']);
    expect(of('found')).toEqual(['rent', 'due', 'first']);
    expect(of('current')).toEqual(['due']);
  });

  it('takes the share of a mark that begins before or ends after the text', () => {
    const cited = [{ start: 0, end: 1000 }];
    const pieces = shaded(text, 100, { cited, found: [], current: null });
    expect(pieces).toEqual([{ text, cited: true, found: false, current: false }]);
  });

  it('gives the text whole where nothing is marked', () => {
    const shades = { cited: [at('rent')], found: [], current: null };
    expect(shaded(text, 500, shades)).toHaveLength(1);
    expect(isShaded(shades, 500, 600)).toBe(false);
    expect(isShaded(shades, 0, 10)).toBe(true);
    expect(shaded('', 0, shades)).toEqual([]);
  });
});

describe('within', () => {
  it('finds the marks of a stretch among many', () => {
    const marks = Array.from({ length: 5000 }, (_, index) => ({
      start: index * 10,
      end: index * 10 + 3,
    }));
    expect(within(marks, 102, 121)).toEqual([marks[10], marks[11], marks[12]]);
    expect(within(marks, 104, 109)).toEqual([]);
    expect(within(marks, 49_990, 60_000)).toEqual([marks[4999]]);
    expect(within([], 0, 10)).toEqual([]);
  });
});
