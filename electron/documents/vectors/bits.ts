import type { PackedVector } from '../../storage/repositories/vectors.ts';
import { bytesOf } from './packed.ts';

/**
 * All vectors of a model in memory, one bit a dimension: on which side of the middle of the library each number
 * lies. 48 bytes a passage at 384 dimensions, and 12 beside it. What is nearest by bits is only a choice of
 * candidates; their own vectors decide.
 */
export interface Bits {
  /** Vectors come in the order of their numbers. */
  add(seq: number, document: number, packed: PackedVector): void;
  remove(seq: number): void;
  readonly size: number;
  /**
   * Numbers of vectors among which those nearest to the query are, in no order: all of them where there are at
   * most `most`. Two steps: equal bits counted (Hamming distance), which takes no more than a few instructions a
   * word, and of the best of these the bits weighed with the query's own numbers.
   *
   * @param allowed 1 at the documents that count; without it all do
   */
  candidates(query: Float32Array, most: number, allowed?: Uint8Array): number[];
}

/** Vectors whose bits are weighed, for each one that is wanted. */
const weighedPerWanted = 8;
const none = -1;

export function createBits(centre: Float32Array): Bits {
  const dimensions = centre.length;
  const words = Math.ceil(dimensions / 32);
  let capacity = 1024;
  let bits = new Uint32Array(capacity * words);
  let seqs = new Float64Array(capacity);
  let documents = new Int32Array(capacity);
  let distances = new Uint16Array(capacity);
  /** Places used, and how many of them are of vectors that went. */
  let used = 0;
  let dead = 0;

  const resize = (to: number): void => {
    const [before, numbers, owners] = [bits, seqs, documents];
    bits = new Uint32Array(to * words);
    seqs = new Float64Array(to);
    documents = new Int32Array(to);
    distances = new Uint16Array(to);
    capacity = to;
    let next = 0;
    for (let place = 0; place < used; place += 1) {
      if (owners[place] === none) continue;
      bits.set(before.subarray(place * words, (place + 1) * words), next * words);
      seqs[next] = numbers[place] ?? 0;
      documents[next] = owners[place] ?? none;
      next += 1;
    }
    used = next;
    dead = 0;
  };

  const placeOf = (seq: number): number => {
    let low = 0;
    let high = used;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((seqs[middle] ?? 0) < seq) low = middle + 1;
      else high = middle;
    }
    return low < used && seqs[low] === seq ? low : none;
  };

  const signs = (query: Float32Array): Uint32Array => {
    const own = new Uint32Array(words);
    for (let at = 0; at < dimensions; at += 1) {
      if ((query[at] ?? 0) > (centre[at] ?? 0)) {
        own[at >>> 5] = (own[at >>> 5] ?? 0) | (1 << (at & 31));
      }
    }
    return own;
  };

  /** How many places are within each distance, and the distance of each. */
  const measure = (own: Uint32Array, allowed: Uint8Array | undefined): Uint32Array => {
    const counts = new Uint32Array(words * 32 + 2);
    const beyond = words * 32 + 1;
    for (let place = 0, at = 0; place < used; place += 1) {
      const owner = documents[place] as number;
      if (owner === none || (allowed !== undefined && allowed[owner] !== 1)) {
        distances[place] = beyond;
        at += words;
        continue;
      }
      let distance = 0;
      for (let word = 0; word < words; word += 1, at += 1) {
        // Number of set bits, the sums of neighbours added up (Warren, Hacker's Delight, 5-1).
        let x = (bits[at] as number) ^ (own[word] as number);
        x -= (x >>> 1) & 0x55555555;
        x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
        x = (x + (x >>> 4)) & 0x0f0f0f0f;
        distance += Math.imul(x, 0x01010101) >>> 24;
      }
      distances[place] = distance;
      counts[distance] = (counts[distance] as number) + 1;
    }
    return counts;
  };

  /** For each byte of bits, what its 256 values say for the query. */
  const weights = (query: Float32Array): Float32Array => {
    const table = new Float32Array(words * 4 * 256);
    for (let byte = 0; byte < words * 4; byte += 1) {
      for (let value = 0; value < 256; value += 1) {
        let sum = 0;
        for (let bit = 0; bit < 8; bit += 1) {
          const at = byte * 8 + bit;
          const weight = at < dimensions ? (query[at] ?? 0) - (centre[at] ?? 0) : 0;
          sum += (value >>> bit) & 1 ? weight : -weight;
        }
        table[byte * 256 + value] = sum;
      }
    }
    return table;
  };

  const weigh = (places: readonly number[], query: Float32Array, most: number): number[] => {
    const table = weights(query);
    return places
      .map((place) => {
        let worth = 0;
        for (let word = 0; word < words; word += 1) {
          const value = bits[place * words + word] ?? 0;
          for (let byte = 0; byte < 4; byte += 1) {
            worth += table[(word * 4 + byte) * 256 + ((value >>> (byte * 8)) & 255)] ?? 0;
          }
        }
        return { place, worth };
      })
      .sort((x, y) => y.worth - x.worth)
      .slice(0, most)
      .map(({ place }) => place);
  };

  return {
    add(seq, document, packed) {
      if (used === capacity) resize(dead > capacity / 4 ? capacity : capacity * 2);
      const bytes = bytesOf(packed);
      for (let at = 0; at < dimensions; at += 1) {
        if ((bytes[at] ?? 0) * packed.scale > (centre[at] ?? 0)) {
          const word = used * words + (at >>> 5);
          bits[word] = (bits[word] ?? 0) | (1 << (at & 31));
        }
      }
      seqs[used] = seq;
      documents[used] = document;
      used += 1;
    },
    remove(seq) {
      const place = placeOf(seq);
      if (place === none || documents[place] === none) return;
      documents[place] = none;
      dead += 1;
      if (dead > 1024 && dead > used / 2) resize(Math.max(1024, used - dead + 1024));
    },
    get size() {
      return used - dead;
    },
    candidates(query, most, allowed) {
      const counts = measure(signs(query), allowed);
      const wanted = most * weighedPerWanted;
      let limit = 0;
      let within = counts[0] ?? 0;
      while (within < wanted && limit < words * 32) within += counts[(limit += 1)] ?? 0;
      const places: number[] = [];
      for (let place = 0; place < used; place += 1) {
        if ((distances[place] as number) <= limit) places.push(place);
      }
      const best = places.length <= most ? places : weigh(places, query, most);
      return best.map((place) => seqs[place] ?? 0);
    },
  };
}
