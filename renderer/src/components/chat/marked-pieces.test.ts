import { describe, expect, it } from 'vitest';
import { markedPieces } from './marked-pieces.ts';

const show = (text: string, marks: [number, number][]) =>
  markedPieces(text, marks)
    .map((piece) => (piece.marked ? `[${piece.text}]` : piece.text))
    .join('');

describe('markedPieces', () => {
  it('cuts at the marks', () => {
    expect(show('the lease ends', [[4, 9]])).toBe('the [lease] ends');
    expect(show('ab', [[0, 2]])).toBe('[ab]');
    expect(show('ab', [])).toBe('ab');
  });

  it('bears marks that overlap, stand in no order or lie outside', () => {
    expect(
      show('abcdef', [
        [4, 99],
        [1, 3],
        [2, 5],
        [9, 10],
      ]),
    ).toBe('a[bc][de][f]');
  });
});
