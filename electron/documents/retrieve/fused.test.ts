import { describe, expect, it } from 'vitest';
import { fused } from './fused.ts';
import { elsewhereOf } from './index.ts';
import type { RetrievedPassage } from './index.ts';

function hit(id: string, score: number, extra: Partial<RetrievedPassage> = {}): RetrievedPassage {
  return {
    ...{ passageId: id, documentId: 'd', documentName: 'D', collectionId: 'c', page: null },
    ...{ heading: null, place: null, text: `text of ${id}`, start: 0, end: 1, score, marks: [] },
    ...{ coverage: 0.5, ordinal: 0 },
    ...extra,
  };
}
const near = (passage: RetrievedPassage, stands = true) => ({ passage, stands });
const ids = (passages: readonly RetrievedPassage[]): string[] =>
  passages.map(({ passageId }) => passageId);

describe('words and meaning together', () => {
  it('put first what both lists hold', () => {
    const found = fused(
      [hit('a', 9), hit('b', 5)],
      [near(hit('c', 0.9)), near(hit('b', 0.8))],
      'all',
    );
    expect(ids(found)).toEqual(['b', 'a', 'c']);
  });

  it('do not put a passage back that has no vector yet', () => {
    const words = [hit('new', 9), hit('a', 5), hit('newer', 4)];
    const meaning = [near(hit('a', 0.9)), near(hit('b', 0.8)), near(hit('c', 0.7))];
    expect(ids(fused(words, meaning, new Set(['a'])))).toEqual(['new', 'a', 'newer', 'b', 'c']);
    // Were it known to be unlike, it would go behind.
    expect(ids(fused(words, meaning, 'all')).indexOf('newer')).toBeGreaterThan(2);
  });

  it('leave out what words do not find and meaning does not stand by', () => {
    const words = [hit('a', 9)];
    const meaning = [near(hit('b', 0.9), false), near(hit('a', 0.8), false)];
    expect(ids(fused(words, meaning, 'all'))).toEqual(['a']);
    expect(fused(words, meaning, 'all')[0]?.near).toBeUndefined();
    expect(ids(fused(words, meaning, 'all', { allNear: true }))).toEqual(['a', 'b']);
  });

  it('give one of several passages with the same text, counted once', () => {
    const text = 'The same words.';
    const words = [hit('a', 9, { text }), hit('b', 5)];
    const meaning = [
      near(hit('a2', 0.9, { text })),
      near(hit('a', 0.9, { text })),
      near(hit('a3', 0.8, { text })),
    ];
    expect(ids(fused(words, meaning, 'all'))).toEqual(['a', 'b']);
    const elsewhere = (of: readonly RetrievedPassage[]) =>
      of.map((one) => one.elsewhere?.map(({ documentId }) => documentId));
    const known = [hit('a', 9, { text, elsewhere: [elsewhereOf(hit('a1', 1))] }), hit('b', 5)];
    const places = [near(hit('a2', 0.9, { text, documentId: 'e' })), ...meaning.slice(1)];
    expect(elsewhere(fused(known, places, 'all'))).toEqual([['d', 'e', 'd'], undefined]);
    expect(ids(fused([], meaning, 'all'))).toEqual(['a2']);
    expect(ids(fused(words, meaning, 'all', { copies: true }))).toContain('a2');
  });

  it('deal the scores of words out in the new order, so that they still fall', () => {
    const found = fused(
      [hit('a', 9), hit('b', 5), hit('c', 1)],
      [near(hit('x', 0.9)), near(hit('c', 0.8)), near(hit('y', 0.7))],
      'all',
    );
    const scores = found.map(({ score }) => score);
    expect(ids(found)[0]).toBe('c');
    expect(scores).toEqual([9, 5, 1, 1, 1]);
  });

  it('are the likenesses where words find nothing', () => {
    expect(
      fused([], [near(hit('a', 0.9)), near(hit('b', 0.8))], 'all').map(({ score }) => score),
    ).toEqual([0.9, 0.8]);
  });
});
