import type { PassageMatch } from '../../storage/repositories/documents.ts';
import { readMarks } from './marks.ts';
import { fold } from './terms.ts';
import type { Term } from './terms.ts';

export interface Ranked {
  readonly match: PassageMatch;
  readonly marks: readonly (readonly [number, number])[];
  /** Share of the question's terms that the passage, its headings or its document's name hold, 0 to 1. */
  readonly coverage: number;
  readonly score: number;
}

/** A term that stands only above the passage counts, but less than one in it. */
const headingShare = 0.7;
const nameShare = 0.5;
/** What full coverage and neighbouring terms add to the full-text score, as factors. */
const coverageGain = 1.5;
const adjacencyGain = 0.5;

/**
 * Second pass over the passages that full text found: bm25 counts a rare word twice as readily as two
 * words once, so passages that hold more of the question's terms, and hold neighbours of the question
 * as neighbours, move up.
 */
export function rank(matches: readonly PassageMatch[], terms: readonly Term[]): Ranked[] {
  return matches
    .map((match): Ranked => {
      const { text, marks } = readMarks(match.markedText);
      const inText = marks.map(([start, end]) => termsAt(text.slice(start, end), terms));
      const heading = readMarks(match.markedHeading ?? '');
      const inHeading = heading.marks.map(([start, end]) =>
        termsAt(heading.text.slice(start, end), terms),
      );
      const held = new Map<number, number>();
      const note = (indexes: readonly number[], share: number): void => {
        for (const index of indexes) held.set(index, Math.max(held.get(index) ?? 0, share));
      };
      inText.forEach((indexes) => note(indexes, 1));
      inHeading.forEach((indexes) => note(indexes, headingShare));
      const name = new Set(fold(match.documentName).match(/[\p{L}\p{N}]+/gu) ?? []);
      terms.forEach((term, index) => {
        if (term.forms.every((form) => name.has(form))) note([index], nameShare);
      });
      const coverage =
        terms.length === 0
          ? 0
          : [...held.values()].reduce((sum, each) => sum + each, 0) / terms.length;
      const adjacency = adjacentPairs(inText, marks, text) / Math.max(1, terms.length - 1);
      const score =
        match.rank *
        (1 + coverageGain * coverage ** 2) *
        (1 + adjacencyGain * Math.min(1, adjacency));
      return { match, marks, coverage, score };
    })
    .sort((a, b) => b.score - a.score || a.match.rowid - b.match.rowid);
}

/**
 * Which terms a matched stretch stands for. The index matched it by stem, so some term has the same
 * stem: the one that shares the longest beginning.
 */
function termsAt(stretch: string, terms: readonly Term[]): readonly number[] {
  return (fold(stretch).match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).flatMap((word) => {
    let best = -1;
    let bestShared = 0;
    terms.forEach((term, index) => {
      for (const form of term.forms) {
        const shared = form === word ? Infinity : sharedStart(form, word);
        if (shared > bestShared) {
          best = index;
          bestShared = shared;
        }
      }
    });
    return best < 0 ? [] : [best];
  });
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}

/** How many pairs that follow each other in the question also do in the text, nothing but a short gap between. */
function adjacentPairs(
  held: readonly (readonly number[])[],
  marks: readonly (readonly [number, number])[],
  text: string,
): number {
  const pairs = new Set<number>();
  held.forEach((indexes, at) => {
    for (let within = 1; within < indexes.length; within += 1) {
      if (indexes[within] === (indexes[within - 1] ?? -2) + 1) pairs.add(indexes[within] ?? 0);
    }
    const next = held[at + 1]?.[0];
    const end = marks[at]?.[1];
    const start = marks[at + 1]?.[0];
    if (next === undefined || end === undefined || start === undefined) return;
    const close = start - end <= 6 && !/[.!?\n]/.test(text.slice(end, start));
    if (close && next === (indexes.at(-1) ?? -2) + 1) pairs.add(next);
  });
  return pairs.size;
}
