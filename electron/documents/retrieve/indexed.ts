import { headingWeight } from '../../storage/repositories/passage-search.ts';

/** A passage as the index holds it: stems in their order, parted by spaces. */
export interface Indexed {
  readonly rowid: number;
  readonly heading: string;
  readonly body: string;
}

/** Something to look for: any of the stems, or a phrase; and what it counts. */
export interface Wanted {
  readonly stems: readonly string[];
  readonly phrase?: readonly (readonly string[])[] | null;
  readonly weight: number;
}

/**
 * A passage as one question sees it: numbers of the stems that the question, its conversation or kindred words
 * name, `none` for all others. A passage is walked several times, and most of its stems are none that are looked for:
 * no string is made of them.
 */
export interface Seen extends Indexed {
  readonly headingNumbers: Int32Array;
  readonly bodyNumbers: Int32Array;
  /** The numbers that stand in it, each once, in the order of their first places, the body's first. */
  readonly held: readonly number[];
  /** How often each of `held` stands there; one time in the heading path counts as much as headings weigh. */
  readonly times: readonly number[];
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

const space = 32;

/** Of a stem's length, its first two characters and its last two: what differs in none of them is compared whole. */
const hashOf = (text: string, from: number, to: number): number => {
  let hash = to - from;
  hash = hash * 31 + text.charCodeAt(from);
  hash = hash * 31 + (to - from > 1 ? text.charCodeAt(from + 1) : 0);
  hash = hash * 31 + (to - from > 2 ? text.charCodeAt(to - 2) : 0);
  return (hash * 31 + text.charCodeAt(to - 1)) & 0x7fffffff;
};

/** Stems by their hash, so that a text is looked through without a string made of every word of it. */
interface Table {
  readonly stems: readonly string[];
  readonly hashes: Int32Array;
  /** Number of the stem at a place, `none` where no stem has it; a stem stands at its hash's place or after it. */
  readonly places: Int32Array;
}

function tableOf(stems: readonly string[]): Table {
  // Most of it stays empty: nearly all that is looked up is none of the stems.
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, stems.length * 8)));
  const places = new Int32Array(size).fill(none);
  const hashes = new Int32Array(stems.length);
  stems.forEach((stem, number) => {
    const hash = stem === '' ? 0 : hashOf(stem, 0, stem.length);
    hashes[number] = hash;
    let at = hash & (size - 1);
    while (places[at] !== none) at = (at + 1) & (size - 1);
    places[at] = number;
  });
  return { stems, hashes, places };
}

/** Where numbers are gathered before their count is known. */
let room = new Int32Array(4096);

function numbered(text: string, { stems, hashes, places }: Table): Int32Array {
  if (text === '') return new Int32Array(0);
  if (room.length <= text.length / 2 + 1) room = new Int32Array(text.length);
  const last = places.length - 1;
  let count = 0;
  let from = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (at < text.length && text.charCodeAt(at) !== space) continue;
    let found = none;
    const hash = hashOf(text, from, at);
    for (let place = hash & last; ; place = (place + 1) & last) {
      const number = places[place] ?? none;
      if (number === none) break;
      if (hashes[number] !== hash) continue;
      const stem = stems[number] ?? '';
      if (stem.length === at - from && text.startsWith(stem, from)) {
        found = number;
        break;
      }
    }
    room[count] = found;
    count += 1;
    from = at + 1;
  }
  return room.slice(0, count);
}

export function createVocabulary(): Vocabulary {
  const numbers = new Map<string, number>();
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
    see(passages) {
      const table = tableOf([...numbers.keys()]);
      const counts = new Float64Array(numbers.size);
      return passages.map(({ rowid, heading, body }) => {
        const headingNumbers = numbered(heading, table);
        const bodyNumbers = numbered(body, table);
        const held: number[] = [];
        const count = (of: Int32Array, weight: number): void => {
          for (const number of of) {
            if (number === none) continue;
            if (counts[number] === 0) held.push(number);
            counts[number] = (counts[number] ?? 0) + weight;
          }
        };
        count(bodyNumbers, 1);
        count(headingNumbers, headingWeight);
        const times = held.map((number) => counts[number] ?? 0);
        for (const number of held) counts[number] = 0;
        return { rowid, heading, body, headingNumbers, bodyNumbers, held, times };
      });
    },
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
  const counts = new Float64Array(wanted.length);
  return passages.map(({ headingNumbers, bodyNumbers, held, times }) => {
    const touched: number[] = [];
    const note = (index: number, count: number): void => {
      if (count > 0 && counts[index] === 0) touched.push(index);
      counts[index] = (counts[index] ?? 0) + count;
    };
    for (let at = 0; at < held.length; at += 1) {
      const indexes = ofStem[held[at] ?? none];
      if (indexes !== undefined) for (const index of indexes) note(index, times[at] ?? 0);
    }
    for (const { index, words } of phrases) {
      const inEach = words.map(
        (each) => sequences(bodyNumbers, each) + headingWeight * sequences(headingNumbers, each),
      );
      note(index, Math.max(0, ...inEach));
    }
    return touched.map((index): readonly [number, number] => {
      const count = counts[index] ?? 0;
      counts[index] = 0;
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
