import { describe, expect, it } from 'vitest';
import type { PassageHit } from '../../../../electron/ipc/contract/index.ts';
import { hitMarks } from './hit-marks.ts';

const hit = (text: string, ...words: string[]): PassageHit => ({
  ...{ passageId: 'p', documentId: 'd', documentName: 'a.csv', collectionId: 'c', page: 1 },
  ...{ heading: null, text, start: 100, end: 100 + text.length, score: 1 },
  marks: words.flatMap((word) =>
    [...text.matchAll(new RegExp(word, 'g'))].map(
      ({ index }) => [index, index + word.length] as const,
    ),
  ),
});
const marked = (one: PassageHit): string[] =>
  hitMarks(one).map(({ start, end }) => one.text.slice(start - 100, end - 100));

describe('hitMarks', () => {
  const table = 'Item\tCost\nMaple\t5\nBirch\t7\nMaple tree\t7\nLinden\t9';

  it('marks the rows of a table that hold what was looked for, and no other', () => {
    expect(marked(hit(table, 'Birch'))).toEqual(['Birch\t7']);
    expect(marked(hit(table, 'Maple'))).toEqual(['Maple\t5', 'Maple tree\t7']);
  });

  it('prefers rows that hold more of several words', () => {
    expect(marked(hit(table, 'Maple', '7'))).toEqual(['Maple tree\t7']);
  });

  it('marks all of a passage of prose, and of a table that only its heading speaks for', () => {
    expect(marked(hit('The rent is due.\nIt is paid.', 'rent'))).toEqual([
      'The rent is due.\nIt is paid.',
    ]);
    expect(marked(hit(table))).toEqual([table]);
  });
});
