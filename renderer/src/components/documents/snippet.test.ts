import { describe, expect, it } from 'vitest';
import { snippet } from './snippet.ts';

const words = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ');
const at = (text: string): [number, number] => [
  words.indexOf(text),
  words.indexOf(text) + text.length,
];

describe('snippet', () => {
  it('shows a short passage whole, with its matches', () => {
    expect(
      snippet('The lease ends in March.', [
        [4, 9],
        [10, 14],
      ]),
    ).toEqual([
      { text: 'The ', marked: false },
      { text: 'lease', marked: true },
      { text: ' ', marked: false },
      { text: 'ends', marked: true },
      { text: ' in March.', marked: false },
    ]);
  });

  it('begins near a late match, at a word, and says that text was left out', () => {
    const pieces = snippet(words, [at('word150')]);
    const text = pieces.map((piece) => piece.text).join('');
    expect(text).toMatch(/^… word\d+ .* word\d+ …$/);
    expect(pieces.filter((piece) => piece.marked).map((piece) => piece.text)).toEqual(['word150']);
    expect(text.length).toBeLessThan(320);
  });

  it('never shows a match twice where matches overlap', () => {
    const text = snippet('abcdef', [
      [0, 3],
      [1, 4],
      [5, 6],
    ])
      .map((piece) => piece.text)
      .join('');
    expect(text).toBe('abcdef');
  });

  it('shows the rare matches of a table, not the first of a common one', () => {
    const rows = Array.from({ length: 20 }, (_, row) => `Site ${row} 2021 ${row}00 euros`);
    rows[15] = 'Holbewick workshop 2021 RC-55334';
    const text = rows.join('\n');
    const marks = [...text.matchAll(/2021|Holbewick|workshop/g)].map(
      ({ index, 0: word }): [number, number] => [index, index + word.length],
    );
    const shown = snippet(text, marks)
      .map((piece) => piece.text)
      .join('');
    expect(shown).toContain('Holbewick workshop 2021 RC-55334');
  });

  it('parts a heading and rows from what follows, and leaves wrapped lines together', () => {
    const text = (of: string) =>
      snippet(of, [])
        .map((piece) => piece.text)
        .join('');
    expect(text('Machines\nThe boiler is old.\nIt was built in 1987.')).toBe(
      'Machines · The boiler is old. It was built in 1987.',
    );
    expect(text('Rents\n\nMaple\t5\nBirch\t7')).toBe('Rents · Maple 5 · Birch 7');
    const wrapped = 'The boiler of the plant was made, long ago, by\nVelmor Works.';
    expect(text(wrapped)).toBe(wrapped.replace('\n', ' '));
  });
});
