import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededBelow } from '../support/seeded.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import type { OpenDatabase } from '../../electron/storage/open.ts';
import { createPostingsReader } from '../../electron/storage/postings.ts';
import { sql } from '../../electron/storage/sql.ts';
import { createFullText } from '../../electron/storage/repositories/full-text.ts';
import { mergeIndex } from '../../electron/storage/repositories/passage-rows.ts';
import { bestRows } from '../../electron/storage/repositories/passage-search.ts';

let opened: OpenDatabase;
beforeEach(() => {
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const clock = { now: () => 1 };
  opened = openDatabase({ file: ':memory:', clock, log, backupFolder: '/nowhere' });
});
afterEach(() => opened.close());

/** Words of which the first are in most rows and the last in few, some of them letters beyond ASCII. */
const words = Array.from({ length: 80 }, (_, at) => `w${at}${at % 7 === 0 ? 'é한' : ''}`);
const everything = { owner: null, documents: null, inside: null };

/** Writes rows, changes some, takes some away, and merges parts of the index now and then. */
function churn(seed: number, steps: number): void {
  const { db } = opened;
  const below = seededBelow(seed);
  const word = (): string => words[Math.min(below(80), below(80), below(80))] ?? '';
  const text = (most: number): string => Array.from({ length: below(most) }, word).join(' ');
  let last = 0;
  const add = (row: number): void => {
    const body = below(50) === 0 ? `${text(40)} ${'w3 '.repeat(6000)}` : text(60);
    db.run(sql`INSERT INTO passages_fts (rowid, heading, body, owner)
      VALUES (${row}, ${text(4)}, ${body}, ${`d${row} w1 w2`})`);
  };
  for (let at = 0; at < steps; at += 1) {
    db.transaction(() => {
      for (let count = below(120); count > 0; count -= 1) add((last += 1 + below(3)));
      for (let count = below(20); count > 0; count -= 1) {
        const row = 1 + below(last);
        db.run(sql`DELETE FROM passages_fts WHERE rowid = ${row}`);
        if (below(2) === 0) add(row);
      }
    });
    if (below(3) === 0) mergeIndex(db, 1 + below(200));
  }
}

describe('the full-text index’s own lists', () => {
  it.each([1, 2, 3, 4])('hold what FTS5 says of every word (%i)', (seed) => {
    churn(seed, 30);
    const { db } = opened;
    db.run(sql`CREATE VIRTUAL TABLE temp.counted USING fts5vocab ('main', 'passages_fts', 'col')`);
    const { rows, tokens, postings } = createPostingsReader(db).now();
    expect(rows).toBe(db.get<{ n: number }>(sql`SELECT COUNT(*) AS n FROM passages_fts`)?.n);
    expect(tokens).toHaveLength(3);
    const lists = postings?.([...words, 'w', 'w999', 'zz', 'd1']) ?? [];
    words.forEach((word, at) => {
      const expected = db
        .all<{
          rowid: number;
        }>(
          sql`SELECT rowid FROM passages_fts WHERE passages_fts MATCH ${`{heading body} : "${word}"`}`,
        )
        .map(({ rowid }) => rowid);
      expect(
        [...(lists[at]?.rows ?? [])].sort((x, y) => x - y),
        word,
      ).toEqual(expected);
      if (at < 40) expect(expected.length, word).toBeGreaterThan(0);
    });
    expect(lists.slice(words.length).map((list) => list.rows.length)).toEqual([0, 0, 0, 0]);
    // The same with all parts as one, where lists go on over many pages.
    db.run(sql`INSERT INTO passages_fts (passages_fts) VALUES ('optimize')`);
    const merged = createPostingsReader(db).now().postings?.(words) ?? [];
    merged.forEach((list, at) => {
      expect(list.rows.length).toBe(lists[at]?.rows.length);
      expect(list.times).toBe(lists[at]?.times);
      const counted = db.get<{ n: number }>(
        sql`SELECT SUM(cnt) AS n FROM counted WHERE term = ${words[at] ?? ''} AND col <> 'owner'`,
      );
      expect(list.times).toBe(counted?.n ?? 0);
    });
  });

  it.each([5, 6])('rank rows as FTS5 does (%i)', (seed) => {
    churn(seed, 30);
    const { db } = opened;
    const index = createFullText(db).now();
    const below = seededBelow(seed);
    for (let at = 0; at < 60; at += 1) {
      const groups = Array.from({ length: 1 + below(2) }, () =>
        Array.from({ length: 1 + below(5) }, () => words[below(80)] ?? ''),
      );
      const limit = 1 + below(80);
      const all = groups
        .map((stems) => `(${stems.map((stem) => `"${stem}"`).join(' OR ')})`)
        .join(' AND ');
      expect(index.best(groups, limit, null), all).toEqual(
        bestRows(db, { all, within: everything, limit }),
      );
    }
  });

  it('keep a search to its rows, and leave it to FTS5 where those are few among others', () => {
    churn(7, 20);
    const index = createFullText(opened.db).now();
    const all = index.best([['w1', 'w2']], 1000, null) ?? [];
    const inside = (keeps: (row: number) => boolean) => (rows: readonly number[]) =>
      new Set(rows.filter(keeps));
    const even = (row: number): boolean => row % 2 === 0;
    expect(index.best([['w1', 'w2']], 20, inside(even))).toEqual(all.filter(even).slice(0, 20));
    expect(
      index.best(
        [['w1', 'w2']],
        20,
        inside((row) => row === all.at(-1)),
      ),
    ).toBeNull();
    expect(
      index.best(
        [['w79']],
        1000,
        inside(() => false),
      ),
    ).toEqual([]);
  });

  it('are read again after something was written, also lengths that have changed', () => {
    churn(8, 10);
    const { db } = opened;
    const text = createFullText(db);
    const rank = (): readonly number[] | null => text.now().best([['w5', 'w6']], 50, null);
    const asked = (): number[] =>
      bestRows(db, { all: '"w5" OR "w6"', within: everything, limit: 50 });
    const before = rank();
    expect(before).toEqual(asked());
    const [best = 0] = before ?? [];
    db.run(
      sql`UPDATE passages_fts SET body = ${`w5 ${'other '.repeat(300)}`} WHERE rowid = ${best}`,
    );
    rank();
    text.now().learnLength(best, 1);
    expect(rank()).toEqual(asked());
    db.run(sql`DELETE FROM passages_fts WHERE rowid = ${best}`);
    expect(rank()).toEqual(asked());
    expect(rank()).not.toContain(best);
  });

  it('are left to FTS5 for a stem that is no single term, and for an index of another format', () => {
    churn(9, 3);
    const { db } = opened;
    expect(
      createFullText(db)
        .now()
        .best([['(1)']], 5, null),
    ).toBeNull();
    // FTS5 keeps an index another way from the first row on that it takes out so.
    db.run(sql`INSERT INTO passages_fts (passages_fts, rank) VALUES ('secure-delete', 1)`);
    db.run(sql`DELETE FROM passages_fts WHERE rowid IN (SELECT MAX(rowid) FROM passages_fts)`);
    const index = createFullText(db).now();
    expect(index.best([['w1']], 5, null)).toBeNull();
    expect(index.totals.passages).toBeGreaterThan(0);
  });
});
