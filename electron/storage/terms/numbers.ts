import { randomBytes } from 'node:crypto';
import { saysOf, stemOf } from './stems.ts';
import type { StemLanguage } from './stems.ts';

/**
 * Words that were seen, each with a number, so that a word of a document becomes no string: its letters are looked up
 * where they stand, and its stems are kept as the bytes that the index will hold.
 */
export interface WordNumbers {
  readonly count: number;
  /** The number of a word of ASCII letters and digits that stands as codes at [from, to); its hash by `hashed`. */
  at(codes: Uint16Array, from: number, to: number, hash: number): number;
  /** The number of any folded word. */
  of(folded: string): number;
  /** Of which language it is a function word: its place in `languages`, -1 for none. */
  says(word: number): number;
  /** Writes a word's stem in UTF-8 into `bytes`, which must have room for `mostBytes`. Gives the end. */
  write(word: number, language: number, bytes: Uint8Array, at: number): number;
  /** No number that was given before means anything any more. */
  forget(): void;
}

export const languages: readonly StemLanguage[] = ['en', 'es'];
/** Bytes of a stem, most: 64 UTF-16 units of three. */
export const mostBytes = 192;

/** So that no file can be made of words that all meet in one place of the table. */
export const hashSeed = randomBytes(4).readInt32LE();
export const hashed = (hash: number, code: number): number =>
  Math.imul(hash ^ code, 0x01000193) ^ (hash >>> 15);

const lowered = (code: number): number => (code >= 0x41 && code <= 0x5a ? code + 0x20 : code);

/** A word's facts: hash, place and length of its letters, what it says, then place and length of each stem. */
const width = 8;
const [hashAt, placeAt, lengthAt, saysAt, stemsAt] = [0, 1, 2, 3, 4];

export function createWordNumbers(): WordNumbers {
  let count = 0;
  let facts = new Int32Array(width * 4096);
  /** Open addressing: a word's number + 1, 0 where nothing stands. */
  let slots = new Int32Array(1 << 13);
  let bytes = Buffer.alloc(1 << 16);
  let end = 0;
  const others = new Map<string, number>();

  const place = (length: number): number => {
    if (end + length > bytes.length) {
      const larger = Buffer.alloc(2 * (end + length));
      larger.set(bytes);
      bytes = larger;
    }
    end += length;
    return end - length;
  };
  const keep = (text: string): readonly [at: number, length: number] => {
    const length = Buffer.byteLength(text);
    const at = place(length);
    bytes.write(text, at);
    return [at, length];
  };
  const add = (folded: string, hash: number): number => {
    if ((count + 1) * width > facts.length) {
      const larger = new Int32Array(2 * facts.length);
      larger.set(facts);
      facts = larger;
    }
    const base = count * width;
    const [at, length] = keep(folded);
    const says = saysOf(folded);
    facts[base + hashAt] = hash;
    facts[base + placeAt] = at;
    facts[base + lengthAt] = length;
    facts[base + saysAt] = says === null ? -1 : languages.indexOf(says);
    for (let index = 0; index < languages.length; index += 1)
      facts[base + stemsAt + 2 * index] = -1;
    count += 1;
    return count - 1;
  };
  const widen = (): void => {
    const before = slots;
    slots = new Int32Array(2 * before.length);
    const mask = slots.length - 1;
    for (const entry of before) {
      if (entry === 0) continue;
      let slot = (facts[(entry - 1) * width + hashAt] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = entry;
    }
  };

  return {
    get count() {
      return count;
    },
    at(codes, from, to, hash) {
      const mask = slots.length - 1;
      const length = to - from;
      let slot = hash & mask;
      for (; slots[slot] !== 0; slot = (slot + 1) & mask) {
        const word = (slots[slot] ?? 0) - 1;
        const base = word * width;
        if (facts[base + hashAt] !== hash || facts[base + lengthAt] !== length) continue;
        const letters = facts[base + placeAt] ?? 0;
        let same = 0;
        while (same < length && bytes[letters + same] === lowered(codes[from + same] ?? 0)) {
          same += 1;
        }
        if (same === length) return word;
      }
      let folded = '';
      for (let at = from; at < to; at += 1) folded += String.fromCharCode(lowered(codes[at] ?? 0));
      const word = add(folded, hash);
      slots[slot] = word + 1;
      if (2 * count > slots.length) widen();
      return word;
    },
    of(folded) {
      const known = others.get(folded);
      if (known !== undefined) return known;
      const word = add(folded, 0);
      // A part of a longer text would keep all of that text in memory.
      others.set(Buffer.from(folded).toString(), word);
      return word;
    },
    says: (word) => facts[word * width + saysAt] ?? -1,
    write(word, language, into, at) {
      const base = word * width;
      const stem = base + stemsAt + 2 * language;
      let from = facts[stem] ?? -1;
      if (from < 0) {
        const letters = facts[base + placeAt] ?? 0;
        const folded = bytes.toString('utf8', letters, letters + (facts[base + lengthAt] ?? 0));
        const [placed, size] = keep(stemOf(folded, languages[language] ?? 'en'));
        facts[stem] = from = placed;
        facts[stem + 1] = size;
      }
      const length = facts[stem + 1] ?? 0;
      for (let index = 0; index < length; index += 1) into[at + index] = bytes[from + index] ?? 0;
      return at + length;
    },
    forget() {
      count = 0;
      end = 0;
      slots.fill(0);
      others.clear();
    },
  };
}
