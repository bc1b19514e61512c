import { describe, expect, it } from 'vitest';
import { neighboursIn, sameFrom } from './alike.ts';
import { standing } from './near.ts';
import { pack } from './packed.ts';

/** Pairs of unit vectors, each pair on axes of its own, as alike as told. */
function pairs(count: number, likeness: (at: number) => number) {
  return Array.from({ length: count }, (_, at): readonly [Float32Array, Float32Array] => {
    const one = new Float32Array(count * 2);
    const other = new Float32Array(count * 2);
    const alike = likeness(at);
    one[at * 2] = 1;
    other[at * 2] = alike;
    other[at * 2 + 1] = Math.sqrt(1 - alike * alike);
    return [one, other];
  });
}

describe('from which likeness on two sentences say the same', () => {
  it('lies above what neighbours have, by three deviations', () => {
    // 0.5 and 0.7: 0.6 in mean, 0.1 of deviation.
    expect(sameFrom(pairs(40, (at) => (at % 2 === 0 ? 0.5 : 0.7)))).toBeCloseTo(0.9, 3);
  });

  it('is never low, however unlike the documents are', () => {
    expect(sameFrom(pairs(40, () => 0.1))).toBe(0.6);
  });

  it('is nowhere where the model takes neighbours for nearly one', () => {
    expect(sameFrom(pairs(40, (at) => 0.9 + (at % 10) / 110))).toBeGreaterThan(1);
  });
});

it('sentences of a calibration stand beside each other and are no fragments', () => {
  const one = 'The boiler is serviced each spring by its maker.';
  const other = 'Its pressure must stay below two bar.';
  expect(neighboursIn([`Yes. ${one} ${other} And more than that is said here.`])).toEqual([
    [one, other],
  ]);
  expect(
    neighboursIn(['Short. Texts. Only.', one, `${one} Yes. ${other}`, `${one} ${one}`]),
  ).toEqual([]);
});

describe('what stands out from chance', () => {
  const query = Float32Array.of(1, 0);
  const withLikeness = (value: number, seq: number) => ({
    ...pack(Float32Array.of(value, Math.sqrt(1 - value * value))),
    ...{ seq, rowid: seq },
  });

  it('is more alike than the most alike of so many passages, whatever the model gives to all', () => {
    const chance = Array.from({ length: 100 }, (_, at) => withLikeness(0.7 + (at - 50) / 1000, at));
    const few = standing(query, chance, 100);
    const many = standing(query, chance, 100_000);
    expect(few).toBeGreaterThan(0.75);
    expect(many).toBeGreaterThan(few);
    expect(many).toBeLessThan(0.9);
  });

  it('is not moved by passages that belong to the query', () => {
    const chance = Array.from({ length: 100 }, (_, at) => withLikeness(0.2 + (at - 50) / 1000, at));
    const some = chance.map((each, at) =>
      at < 20 ? each : at >= 90 ? withLikeness(0.95, at) : each,
    );
    expect(standing(query, some, 100)).toBeLessThan(0.5);
  });

  it('is nothing where next to nothing is known', () => {
    expect(standing(query, [withLikeness(0.1, 1)], 1)).toBe(Number.POSITIVE_INFINITY);
  });
});
