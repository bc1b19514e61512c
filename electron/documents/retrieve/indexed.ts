import { headingWeight } from '../../storage/repositories/passage-search.ts';

/** A passage as the index holds it: stems in their order. */
export interface Indexed {
  readonly rowid: number;
  readonly heading: readonly string[];
  readonly body: readonly string[];
}

/** @param heading stems parted by spaces, as the index keeps them; so is the body */
export const indexed = (row: { rowid: number; heading: string; body: string }): Indexed => ({
  rowid: row.rowid,
  heading: row.heading === '' ? [] : row.heading.split(' '),
  body: row.body === '' ? [] : row.body.split(' '),
});

/** Something to look for: any of the stems, or a phrase; and what it counts. */
export interface Wanted {
  readonly stems: readonly string[];
  readonly phrase?: readonly (readonly string[])[] | null;
  readonly weight: number;
}

/**
 * A passage as one question sees it: numbers of the stems that the question, its conversation or kindred words
 * name, `none` for all others. Walking numbers takes a tenth of the time that looking up words takes, and a passage
 * is walked several times.
 */
export interface Seen extends Indexed {
  readonly headingNumbers: Int32Array;
  readonly bodyNumbers: Int32Array;
}

export const none = -1;

/** Numbers for the stems of one question. */
export interface Vocabulary {
  readonly size: number;
  /** The stem's number; a new one where it has none. */
  number(stem: string): number;
  find(stem: string): number | undefined;
  /** Passages with the numbers of now, also where they were seen before the vocabulary grew. */
  see(passages: readonly Indexed[]): Seen[];
}

export function createVocabulary(): Vocabulary {
  const numbers = new Map<string, number>();
  const numbered = (stems: readonly string[]): Int32Array => {
    const found = new Int32Array(stems.length);
    for (let at = 0; at < stems.length; at += 1) found[at] = numbers.get(stems[at] ?? '') ?? none;
    return found;
  };
  return {
    get size() {
      return numbers.size;
    },
    number(stem) {
      const known = numbers.get(stem);
      if (known !== undefined) return known;
      numbers.set(stem, numbers.size);
      return numbers.size - 1;
    },
    find: (stem) => numbers.get(stem),
    see: (passages) =>
      passages.map(({ rowid, heading, body }) => ({
        ...{ rowid, heading, body },
        headingNumbers: numbered(heading),
        bodyNumbers: numbered(body),
      })),
  };
}

/** How often each thing wanted stands in each passage, by its number: only what stands there. */
export type Found = readonly (readonly (readonly [wanted: number, times: number])[])[];

/** Counts what is wanted in passages; one time in the heading path counts as much as headings weigh. */
export function find(
  passages: readonly Seen[],
  wanted: readonly Wanted[],
  vocabulary: Vocabulary,
): Found {
  const ofStem: number[][] = [];
  const phrases: { readonly index: number; readonly words: readonly (readonly number[])[] }[] = [];
  wanted.forEach(({ stems, phrase }, index) => {
    for (const stem of stems) (ofStem[vocabulary.number(stem)] ??= []).push(index);
    if (phrase !== undefined && phrase !== null) {
      const words = phrase.map((each) => each.map((stem) => vocabulary.number(stem)));
      phrases.push({ index, words });
    }
  });
  const times = new Float64Array(wanted.length);
  return passages.map(({ headingNumbers, bodyNumbers }) => {
    const touched: number[] = [];
    const note = (index: number, count: number): void => {
      if (count > 0 && times[index] === 0) touched.push(index);
      times[index] = (times[index] ?? 0) + count;
    };
    const walk = (numbers: Int32Array, count: number): void => {
      for (const number of numbers) {
        if (number === none) continue;
        const indexes = ofStem[number];
        if (indexes !== undefined) for (const index of indexes) note(index, count);
      }
    };
    walk(bodyNumbers, 1);
    walk(headingNumbers, headingWeight);
    for (const { index, words } of phrases) {
      const counts = words.map(
        (each) => sequences(bodyNumbers, each) + headingWeight * sequences(headingNumbers, each),
      );
      note(index, Math.max(0, ...counts));
    }
    return touched.map((index): readonly [number, number] => {
      const count = times[index] ?? 0;
      times[index] = 0;
      return [index, count];
    });
  });
}

function sequences(within: Int32Array, words: readonly number[]): number {
  let found = 0;
  for (let at = 0; at + words.length <= within.length; at += 1) {
    if (words.every((word, index) => within[at + index] === word)) found += 1;
  }
  return found;
}
