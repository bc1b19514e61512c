import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openDatabase } from '../../storage/open.ts';
import type { OpenDatabase } from '../../storage/open.ts';
import { documentsRepository } from '../../storage/repositories/documents.ts';
import { insertPassages, mergeIndex } from '../../storage/repositories/passage-rows.ts';
import { sql } from '../../storage/sql.ts';
import { createMerging } from './merging.ts';
import type { Merging } from './merging.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const count = 40;

let opened: OpenDatabase;
let merging: Merging | undefined;
beforeEach(() => {
  opened = openDatabase({
    file: ':memory:',
    clock: { now: () => 1 },
    log: quiet,
    backupFolder: '',
  });
  const { db } = opened;
  db.run(sql`INSERT INTO collections VALUES ('k', 'K', NULL, 1)`);
  for (let at = 0; at < count; at += 1) {
    const id = `d${at}`;
    db.run(sql`INSERT INTO documents
        (id, collection_id, name, path, format, bytes, modified_at, sha256, state, added_at)
      VALUES (${id}, 'k', ${id}, ${id}, 'md', 1, 1, 'x', 'ready', 1)`);
    const plain = { page: null, heading: null, place: null, lead: '', start: 0, end: 9 };
    insertPassages(db, id, [{ ...plain, id, ordinal: 0, text: `owls and number${at}` }]);
  }
});
afterEach(() => {
  merging?.close();
  opened.close();
});

const parts = (): number =>
  opened.db.get<{ n: number }>(sql`SELECT COUNT(DISTINCT segid) AS n FROM passages_fts_idx`)?.n ??
  0;
const found = (word: string): number =>
  opened.db.all(sql`SELECT rowid FROM passages_fts WHERE passages_fts MATCH ${word}`).length;
const start = (isBusy: () => boolean): Merging =>
  (merging = createMerging({ db: opened.db, log: quiet, isBusy, restMs: 0, busyMs: 1 }));

it('270: parts of the index become few in the background, and hold the same', async () => {
  expect(parts()).toBeGreaterThanOrEqual(8);
  start(() => false).wake();
  await vi.waitFor(() => expect(parts()).toBeLessThan(5));
  expect(found('owl')).toBe(count);
  expect(found('number17')).toBe(1);
  opened.db.run(sql`INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)`);
});

it('270: they stay while documents or an answer are read', async () => {
  const before = parts();
  let isBusy = true;
  let asked = 0;
  start(() => {
    asked += 1;
    return isBusy;
  }).wake();
  await vi.waitFor(() => expect(asked).toBeGreaterThan(3));
  expect(parts()).toBe(before);
  isBusy = false;
  await vi.waitFor(() => expect(parts()).toBeLessThan(before));
});

it('290: while documents are written parts are merged between two of them, sixteen at a time', () => {
  const { db } = opened;
  const documents = documentsRepository(db);
  db.run(sql`INSERT INTO passages_fts (passages_fts) VALUES ('optimize')`);
  let merges = 0;
  for (let at = 0; at < 120; at += 1) {
    const plain = { page: null, heading: null, place: null, lead: '', start: 0, end: 9 };
    documents.appendContent(
      'd0',
      1,
      [],
      [{ ...plain, id: `more${at}`, ordinal: at + 1, text: `owls and more${at}` }],
    );
    while (documents.mergeSome(10)) merges += 1;
    // Two sizes of parts, fewer than sixteen of each, and the one that was there.
    expect(parts()).toBeLessThanOrEqual(32);
  }
  expect(merges).toBeGreaterThan(3);
  expect(merges).toBeLessThan(40);
  expect(parts()).toBeGreaterThan(4);
  while (mergeIndex(db, 10));
  expect(parts()).toBeLessThanOrEqual(8);
  expect(found('owl')).toBe(count + 120);
  db.run(sql`INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)`);
});
