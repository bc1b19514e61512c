import { split } from '../../storage/terms/split.ts';
import { cut, languageOf, stemOf, stemsOf } from '../../storage/terms/stems.ts';
import type { Term } from './terms.ts';

export interface Held {
  /** [start, end) ranges of the text that the terms matched, in order, none touching another. */
  readonly marks: readonly (readonly [number, number])[];
  /** Numbers of the terms that stand in the text. */
  readonly terms: ReadonlySet<number>;
}

/** Terms as texts are looked through for them. */
export interface Looking {
  readonly terms: readonly Term[];
  readonly byStem: ReadonlyMap<string, readonly number[]>;
  readonly starts: readonly { readonly start: string; readonly index: number }[];
}

export function lookingFor(terms: readonly Term[]): Looking {
  const byStem = new Map<string, number[]>();
  const starts: { start: string; index: number }[] = [];
  terms.forEach(({ stems, start }, index) => {
    for (const stem of stems) {
      const indexes = byStem.get(stem);
      if (indexes === undefined) byStem.set(stem, [index]);
      else indexes.push(index);
    }
    if (start !== null) starts.push({ start, index });
  });
  return { terms, byStem, starts };
}

/**
 * Which terms a text holds, and where: read from the text itself, as the index was made from it, so that a mark is
 * always exactly the word that was found.
 *
 * @param like tells the language where the text is too short to (a heading)
 */
export function holds(text: string, { terms, byStem, starts }: Looking, like = text): Held {
  const language = languageOf(like);
  const pieces = text === like ? cut(text).pieces : split(text);
  const stems = pieces.map(({ text: piece, kind }) =>
    kind === 'word' ? stemOf(piece, language) : piece,
  );
  const found = new Set<number>();
  const ranges: [number, number][] = [];
  pieces.forEach(({ text: piece, start, end }, at) => {
    for (const index of byStem.get(stems[at] ?? '') ?? nothing) {
      const typed = terms[index]?.start ?? null;
      // A typed beginning also looks for shorter stems; only words that begin as typed are meant.
      if (typed !== null && !piece.startsWith(typed) && !fullForm(stems[at], terms[index]))
        continue;
      found.add(index);
      ranges.push([start, end]);
    }
    for (const each of starts) {
      if (!piece.startsWith(each.start)) continue;
      found.add(each.index);
      ranges.push([start, end]);
    }
  });
  terms.forEach(({ phrase }, index) => {
    for (const words of phrase ?? []) {
      for (let at = 0; at + words.length <= stems.length; at += 1) {
        if (!words.every((word, offset) => stems[at + offset] === word)) continue;
        found.add(index);
        ranges.push([pieces[at]?.start ?? 0, pieces[at + words.length - 1]?.end ?? 0]);
      }
    }
  });
  return { marks: joined(ranges), terms: found };
}

const nothing: readonly number[] = [];

/** A typed word that is already whole: its own stem, not a shorter one that it might be growing from. */
const fullForm = (stem: string | undefined, term: Term | undefined): boolean =>
  stem !== undefined && stemsOf(term?.start ?? '').includes(stem);

function joined(ranges: [number, number][]): (readonly [number, number])[] {
  ranges.sort((x, y) => x[0] - y[0] || x[1] - y[1]);
  const out: [number, number][] = [];
  for (const [start, end] of ranges) {
    const last = out.at(-1);
    // Pairs of characters overlap; words never touch.
    if (last !== undefined && start <= last[1] && (start < last[1] || end === last[1])) {
      last[1] = Math.max(last[1], end);
    } else out.push([start, end]);
  }
  return out;
}
