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
  readonly headingWords: Words;
  readonly bodyWords: Words;
  readonly headingNumbers: Int32Array;
  readonly bodyNumbers: Int32Array;
  /** The numbers that stand in it, each once, in the order of their first places, the body's first. */
  readonly held: readonly number[];
  /** How often each of `held` stands there; one time in the heading path counts as much as headings weigh. */
  readonly times: readonly number[];
}

/** Where each stem of a text begins, with its end behind the last one; and a hash of each. */
export interface Words {
  readonly starts: Int32Array;
  readonly hashes: Int32Array;
}

export const none = -1;

/** Numbers for the stems of one question. */
export interface Vocabulary {
  readonly size: number;
  /** The stem's number; a new one where it has none. */
  number(stem: string): number;
  find(stem: string): number | undefined;
  /** Passages with the numbers of now. */
  see(passages: readonly Indexed[]): Seen[];
  /**
   * Passages that were seen when it was `from` large, with what stands in them of what came since. Only `held` and
   * `times` know of that: the numbers of their words stay those that they were seen with.
   */
  seeAgain(passages: readonly Seen[], from: number): Seen[];
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

const noWords: Words = { starts: new Int32Array(1), hashes: new Int32Array(0) };
/** Numbers of many passages share one buffer: each buffer of its own would take longer to make than to fill. */
const chunk = 65_536;
let pool = { numbers: new Int32Array(chunk), taken: 0 };

function take(count: number): Int32Array {
  if (pool.taken + count > pool.numbers.length) {
    pool = { numbers: new Int32Array(Math.max(chunk, count)), taken: 0 };
  }
  pool.taken += count;
  return pool.numbers.subarray(pool.taken - count, pool.taken);
}

function kept(numbers: Int32Array, count: number): Int32Array {
  const own = take(count);
  for (let at = 0; at < count; at += 1) own[at] = numbers[at] ?? 0;
  return own;
}

/** Where words are gathered before their count is known. */
let room = { starts: new Int32Array(4096), hashes: new Int32Array(4096) };

function wordsOf(text: string): Words {
  if (text === '') return noWords;
  const { length } = text;
  if (room.starts.length < length + 2) {
    room = { starts: new Int32Array(length * 2), hashes: new Int32Array(length * 2) };
  }
  const { starts, hashes } = room;
  let count = 0;
  let from = 0;
  for (let at = 0; at <= length; at += 1) {
    if (at < length && text.charCodeAt(at) !== space) continue;
    starts[count] = from;
    hashes[count] = hashOf(text, from, at);
    count += 1;
    from = at + 1;
  }
  starts[count] = from;
  return { starts: kept(starts, count + 1), hashes: kept(hashes, count) };
}

/** The number of the stem that stands from one place to another, `none` where it is none of the table's. */
function lookUp(
  { stems, hashes, places }: Table,
  hash: number,
  text: string,
  from: number,
  to: number,
): number {
  const last = places.length - 1;
  for (let place = hash & last; ; place = (place + 1) & last) {
    const number = places[place] ?? none;
    if (number === none) return none;
    if (hashes[number] !== hash) continue;
    const stem = stems[number] ?? '';
    if (stem.length === to - from && text.startsWith(stem, from)) return number;
  }
}

function numbered(text: string, { starts, hashes }: Words, table: Table): Int32Array {
  const { places } = table;
  const last = places.length - 1;
  const found = take(hashes.length);
  for (let at = 0; at < hashes.length; at += 1) {
    const hash = hashes[at] ?? 0;
    found[at] =
      places[hash & last] === none
        ? none
        : lookUp(table, hash, text, starts[at] ?? 0, (starts[at + 1] ?? 0) - 1);
  }
  return found;
}

/** In how many passages' bodies each of some stems stands. */
export function holding(passages: readonly Seen[], stems: readonly string[]): Int32Array {
  const table = tableOf(stems);
  const { places } = table;
  const last = places.length - 1;
  const counts = new Int32Array(stems.length);
  const seenIn = new Int32Array(stems.length).fill(none);
  passages.forEach(({ body, bodyWords: { starts, hashes } }, at) => {
    for (let word = 0; word < hashes.length; word += 1) {
      const hash = hashes[word] ?? 0;
      if (places[hash & last] === none) continue;
      const number = lookUp(table, hash, body, starts[word] ?? 0, (starts[word + 1] ?? 0) - 1);
      if (number === none || seenIn[number] === at) continue;
      seenIn[number] = at;
      counts[number] = (counts[number] ?? 0) + 1;
    }
  });
  return counts;
}

export function createVocabulary(): Vocabulary {
  const numbers = new Map<string, number>();
  let counts = new Float64Array(64);
  const makeRoom = (): void => {
    if (counts.length < numbers.size) counts = new Float64Array(numbers.size * 2);
  };
  /** Counts what stands in a passage's heading and body; `numbers` of one table, the first of them `from`. */
  const counted = (
    bodyNumbers: Int32Array,
    headingNumbers: Int32Array,
    from: number,
  ): { held: number[]; times: number[] } => {
    const held: number[] = [];
    const count = (of: Int32Array, weight: number): void => {
      for (let at = 0; at < of.length; at += 1) {
        const number = of[at] ?? none;
        if (number === none) continue;
        const before = counts[number] ?? 0;
        if (before === 0) held.push(number);
        counts[number] = before + weight;
      }
    };
    count(bodyNumbers, 1);
    count(headingNumbers, headingWeight);
    const times = new Array<number>(held.length);
    for (let at = 0; at < held.length; at += 1) {
      const number = held[at] ?? 0;
      times[at] = counts[number] ?? 0;
      counts[number] = 0;
      held[at] = number + from;
    }
    return { held, times };
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
    see(passages) {
      const table = tableOf([...numbers.keys()]);
      makeRoom();
      return passages.map(({ rowid, heading, body }) => {
        const [headingWords, bodyWords] = [wordsOf(heading), wordsOf(body)];
        const headingNumbers = numbered(heading, headingWords, table);
        const bodyNumbers = numbered(body, bodyWords, table);
        const { held, times } = counted(bodyNumbers, headingNumbers, 0);
        const words = { headingWords, bodyWords, headingNumbers, bodyNumbers };
        return { rowid, heading, body, ...words, held, times };
      });
    },
    seeAgain(passages, from) {
      const table = tableOf([...numbers.keys()].slice(from));
      if (table.stems.length === 0) return [...passages];
      makeRoom();
      return passages.map((passage) => {
        const { heading, body, headingWords, bodyWords } = passage;
        const more = counted(
          numbered(body, bodyWords, table),
          numbered(heading, headingWords, table),
          from,
        );
        if (more.held.length === 0) return passage;
        return {
          ...passage,
          held: [...passage.held, ...more.held],
          times: [...passage.times, ...more.times],
        };
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
