import { describe, expect, it } from 'vitest';
import { createBits } from './bits.ts';
import { dot, likeness, pack } from './packed.ts';

const dimensions = 96;

/** Random numbers, the same for a seed (Mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Unit vectors in clusters, all leaning one way, as those of embedding models do. */
function clustered(seed: number, count: number, clusters: number): Float32Array[] {
  const next = random(seed);
  const normal = (): number =>
    Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  const made = (length: number): Float32Array => {
    const vector = Float32Array.from({ length: dimensions }, normal);
    const size = Math.hypot(...vector);
    return vector.map((value) => (value * length) / size);
  };
  const lean = made(1.2);
  const middles = Array.from({ length: clusters }, () => made(1));
  return Array.from({ length: count }, (_, index) => {
    const own = made(0.8);
    const middle = middles[index % clusters] ?? lean;
    const sum = own.map((value, at) => value + (middle[at] ?? 0) + (lean[at] ?? 0));
    const size = Math.hypot(...sum);
    return sum.map((value) => value / size);
  });
}

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(dimensions);
  for (const vector of vectors) {
    vector.forEach((value, at) => {
      mean[at] = (mean[at] ?? 0) + value / vectors.length;
    });
  }
  return mean;
}

const best = (scored: readonly (readonly [number, number])[], most: number): number[] =>
  scored
    .toSorted(([, x], [, y]) => y - x)
    .slice(0, most)
    .map(([seq]) => seq);

describe('vectors as bits', () => {
  it.each([1, 2])('hold the ten nearest among their candidates: seed %i', (seed) => {
    const vectors = clustered(seed, 4020, 40);
    const queries = vectors.splice(4000);
    const packed = vectors.map(pack);
    const bits = createBits(meanOf(vectors.slice(0, 1000)));
    packed.forEach((each, index) => bits.add(index + 1, 0, each));
    let found = 0;
    for (const query of queries) {
      const exact = best(
        vectors.map((vector, index) => [index + 1, dot(query, vector)] as const),
        10,
      );
      const near = best(
        bits
          .candidates(query, 160)
          .map((seq) => [seq, likeness(query, packed[seq - 1] ?? pack(query))] as const),
        10,
      );
      found += exact.filter((seq) => near.includes(seq)).length;
    }
    expect(found / (queries.length * 10)).toBeGreaterThanOrEqual(0.97);
  });

  it('are all candidates where they are few, only those of the documents asked for', () => {
    const vectors = clustered(4, 300, 5);
    const bits = createBits(meanOf(vectors));
    vectors.forEach((vector, index) => bits.add(index * 3, index % 2, pack(vector)));
    const query = vectors[7] ?? new Float32Array(dimensions);
    expect(bits.candidates(query, 300)).toHaveLength(300);
    const odd = bits.candidates(query, 300, Uint8Array.from([0, 1]));
    expect(odd).toHaveLength(150);
    expect(odd.every((seq) => (seq / 3) % 2 === 1)).toBe(true);
  });

  it('forget what was removed, through growing and shrinking, and keep the rest', () => {
    const next = random(9);
    const vectors = clustered(5, 4000, 40);
    const bits = createBits(meanOf(vectors));
    const there = new Set<number>();
    vectors.forEach((vector, index) => {
      bits.add(index, 0, pack(vector));
      there.add(index);
      const gone = Math.floor(next() * (index + 1));
      if (next() < 0.7 && there.delete(gone)) bits.remove(gone);
      if (!there.has(gone)) bits.remove(gone);
    });
    for (let seq = 0; seq < 3000; seq += 1) if (there.delete(seq)) bits.remove(seq);
    expect(bits.size).toBe(there.size);
    const left = bits.candidates(vectors[3999] ?? new Float32Array(dimensions), 4000);
    expect(new Set(left)).toEqual(there);
    expect(left).toHaveLength(there.size);
  });
});

describe('a packed vector', () => {
  it('is as alike as the vector itself within half a hundredth', () => {
    const [one, other, ...rest] = clustered(6, 50, 3);
    for (const vector of [one, other, ...rest]) {
      if (one === undefined || vector === undefined) throw new Error('no vector');
      expect(Math.abs(likeness(one, pack(vector)) - dot(one, vector))).toBeLessThan(0.005);
    }
  });

  it('of another length is like nothing', () => {
    expect(likeness(new Float32Array(3), pack(new Float32Array(4)))).toBeNaN();
  });

  it('of zeros stays one of zeros', () => {
    expect(likeness(Float32Array.of(1, 0), pack(new Float32Array(2)))).toBe(0);
  });
});
