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
});
