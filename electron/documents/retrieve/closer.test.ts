import { describe, expect, it } from 'vitest';
import { createCloser } from './closer.ts';
import type { Seen } from './indexed.ts';
import type { Saying } from './units.ts';

const nothing = new Int32Array(0);
const words = { starts: nothing, hashes: nothing };
const seen = (rowid: number): Seen => ({
  ...{ rowid, heading: '', body: '', headingWords: words, bodyWords: words },
  ...{ headingNumbers: nothing, bodyNumbers: nothing, held: [], times: [] },
});

/** Numbers from 0 up to 1 that are the same for the same seed. */
const seeded = (seed: number) => {
  let state = seed * 7919;
  return (): number => (state = (state * 48_271) % 0x7fff_ffff) / 0x7fff_ffff;
};

/** Passages with what a unit of each gives, what their words bound it with, and whether they have rows. */
function made(seed: number, count: number) {
  const random = seeded(seed);
  const passages = Array.from({ length: count }, (_, at) => seen(at + 1));
  const facts = passages.map(() => {
    const bound = random();
    const hasRows = random() < 0.2;
    const rowsBound = bound + (1 - bound) * random();
    return { bound, rowsBound, hasRows, share: (hasRows ? rowsBound : bound) * random() };
  });
  // Some passages are alike, and some are nothing.
  const scores = passages.map(() => Math.round(random() * 20) / 20);
  const of = ({ rowid }: Seen) => facts[rowid - 1] ?? { bound: 0, rowsBound: 0, share: 0 };
  const lookedInto = new Set<number>();
  const saying: Saying = {
    bound: (passage) => of(passage).bound,
    rowsBound: (passage) => of(passage).rowsBound,
    share: (passage) => {
      lookedInto.add(passage.rowid);
      return of(passage).share;
    },
    factor: (share) => 1 + 4 * share ** 3,
  };
  const read = (rows: readonly number[]) =>
    rows.map((rowid) => ({
      ...{ rowid, lead: '' },
      text: facts[rowid - 1]?.hasRows === true ? 'Mill\t300' : 'Mill.',
    }));
  return { passages, facts, scores, saying, read, lookedInto };
}

describe('createCloser', () => {
  it('gives the order that looking into every passage gives, and looks into few', () => {
    let looked = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const { passages, facts, scores, saying, read, lookedInto } = made(seed, 150);
      const full = passages
        .map(({ rowid }, at) => ({
          rowid,
          score: (scores[at] ?? 0) * saying.factor(facts[at]?.share ?? 0),
        }))
        .filter(({ score }) => score > 0)
        .sort((x, y) => y.score - x.score || x.rowid - y.rowid);
      const order = createCloser(saying, 150, read).order(passages, scores);
      expect(order.first(10)).toEqual(full.slice(0, 10));
      looked += lookedInto.size;
      expect(order.first(30)).toEqual(full.slice(0, 30));
      expect(order.first(200)).toEqual(full);
    }
    expect(looked / 40).toBeLessThan(100);
  });

  it('looks into no more passages than may be read', () => {
    const { passages, scores, saying, read, lookedInto } = made(3, 150);
    createCloser(saying, 20, read).order(passages, scores).first(150);
    expect(lookedInto.size).toBe(20);
  });

  it('tells whether a unit says nearly all, also by a row whose column is called otherwise', () => {
    let said = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const { passages, facts, scores, saying, read } = made(seed, 12);
      const is = facts.some(({ share }, at) => share >= 0.8 && (scores[at] ?? 0) > 0);
      expect(createCloser(saying, 12, read).isSaid(passages, scores), `seed ${seed}`).toBe(is);
      said += is ? 1 : 0;
    }
    expect(said).toBeGreaterThan(5);
    expect(said).toBeLessThan(35);
  });

  it('leaves out what is gone', () => {
    const { passages, scores, saying } = made(5, 10);
    const order = createCloser(saying, 10, () => []).order(passages, scores);
    expect(order.first(3).map(({ score }) => score)).toEqual(
      scores.toSorted((x, y) => y - x).slice(0, 3),
    );
  });
});
