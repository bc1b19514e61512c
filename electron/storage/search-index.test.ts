import { describe, expect, it } from 'vitest';
import { useDatabaseFile } from './database.fixture.ts';
import type { OpenDatabase } from './open.ts';
import { passagesNamed, passagesWithin } from './repositories/cited-passages.ts';
import { insertPassages } from './repositories/passage-rows.ts';
import { indexTotals } from './repositories/passage-search.ts';
import { searchBacklog } from './repositories/search-backlog.ts';
import { sql } from './sql.ts';

const open = useDatabaseFile();

function add({ db }: OpenDatabase, id: string, texts: readonly string[], heading = 'Costs'): void {
  db.run(sql`INSERT OR IGNORE INTO collections VALUES ('k', 'K', NULL, 1)`);
  db.run(sql`INSERT INTO documents
      (id, collection_id, name, path, format, bytes, modified_at, sha256, state, added_at)
    VALUES (${id}, 'k', ${id}, ${id}, 'md', 1, 1, 'x', 'ready', 1)`);
  texts.forEach((text, at) => {
    db.run(sql`INSERT INTO passages (id, document_id, ordinal, heading, start, "end", text, lead)
      VALUES (${`${id}${at}`}, ${id}, ${at}, ${heading}, 0, 9, ${text}, 'Item\tPrice')`);
  });
}

const plain = {
  page: null,
  heading: 'Costs',
  place: null,
  lead: 'Item\tPrice',
  start: 0,
  end: 9,
  text: 'More',
};

const found = ({ db }: OpenDatabase, match: string): number[] =>
  db
    .all<{ rowid: number }>(
      sql`SELECT rowid FROM passages_fts WHERE passages_fts MATCH ${match} ORDER BY rowid`,
    )
    .map(({ rowid }) => rowid);

describe('the index of passages', () => {
  it('holds heading, lead and text, and follows every change', () => {
    const opened = open();
    const { db } = opened;
    add(opened, 'd', ['The tanks are cleaned', '계약서는 서울에서']);
    expect(found(opened, 'tank')).toEqual([1]);
    expect(found(opened, 'price')).toEqual([1, 2]);
    expect(found(opened, 'heading : cost')).toEqual([1, 2]);
    expect(found(opened, '"계약"')).toEqual([2]);
    db.run(sql`UPDATE passages SET text = 'Pumps' WHERE rowid = 1`);
    expect([found(opened, 'tank'), found(opened, 'pump')]).toEqual([[], [1]]);
    db.run(sql`INSERT INTO collections VALUES ('z', 'Z', NULL, 1)`);
    db.run(sql`UPDATE documents SET collection_id = 'z'`);
    expect(found(opened, `owner : "c${Buffer.from('z').toString('hex')}"`)).toEqual([1, 2]);
    expect(found(opened, `owner : "c${Buffer.from('k').toString('hex')}"`)).toEqual([]);
    db.run(sql`DELETE FROM documents`);
    expect(found(opened, 'price')).toEqual([]);
    opened.close();
  });

  it('260: passages that are written together are indexed as the trigger indexes each', () => {
    const opened = open();
    const { db } = opened;
    const texts = Array.from({ length: 171 }, (_, at) => `Tank ${at} costs más, 계약서`);
    add(opened, 'one', texts);
    add(opened, 'many', []);
    const passages = texts.map((text, ordinal) => ({ ...plain, id: `${ordinal}`, ordinal, text }));
    const made = { heading: 'made', body: 'elsewhere' };
    insertPassages(db, 'many', [...passages, { ...plain, id: 'x', ordinal: 171, index: made }]);
    const rows = (from: number): unknown[] =>
      db.all(sql`SELECT heading, body FROM passages_fts
        WHERE rowid > ${from} AND rowid <= ${from + texts.length} ORDER BY rowid`);
    expect(rows(171)).toEqual(rows(0));
    expect(rows(171)).toHaveLength(171);
    expect(found(opened, `owner : "d${Buffer.from('many').toString('hex')}"`)).toHaveLength(172);
    expect(found(opened, `owner : "c${Buffer.from('k').toString('hex')}"`)).toHaveLength(343);
    expect(found(opened, 'elsewhere')).toEqual([343]);
    expect(found(opened, 'tank')).toHaveLength(342);
    db.run(sql`INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)`);
    opened.close();
  });

  it('170: indexes an older database again, in parts, whatever happens between them', () => {
    const old = open(160);
    add(
      old,
      'old',
      Array.from({ length: 25 }, (_, at) => `Tank number ${at} has a valve`),
    );
    old.close();
    let opened = open();
    expect(found(opened, 'tank')).toEqual([]);
    expect(searchBacklog(opened.db).progress()).toEqual({ done: 0, total: 25 });
    expect(searchBacklog(opened.db).step(10)).toBe(true);
    expect(found(opened, 'tank')).toHaveLength(10);
    // Written, changed and removed while it goes on.
    add(opened, 'new', ['A new tank']);
    opened.db.run(sql`UPDATE passages SET text = 'A changed tank' WHERE rowid = 3`);
    opened.db.run(sql`DELETE FROM passages WHERE rowid = 5`);
    opened.close();
    opened = open();
    while (searchBacklog(opened.db).step(10));
    expect(searchBacklog(opened.db).progress()).toBeNull();
    expect(found(opened, 'tank')).toHaveLength(25);
    expect(found(opened, 'chang')).toEqual([3]);
    opened.db.run(sql`INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)`);
    opened.close();
  });

  it('reads the totals that FTS5 keeps as they are counted', () => {
    const opened = open();
    add(
      opened,
      'd',
      Array.from({ length: 300 }, (_, at) => `tank ${at} `.repeat(1 + (at % 90))),
    );
    opened.db.run(sql`DELETE FROM passages WHERE rowid % 3 = 0`);
    const rows = opened.db.all<{ heading: string; body: string }>(
      sql`SELECT heading, body FROM passages_fts`,
    );
    const terms = rows.reduce(
      (sum, { heading, body }) => sum + `${heading} ${body}`.trim().split(/\s+/).length,
      0,
    );
    const { version, ...totals } = indexTotals(opened.db);
    expect(totals).toEqual({ passages: rows.length, terms });
    opened.db.run(sql`UPDATE passages SET text = 'other' WHERE rowid = 1`);
    expect(indexTotals(opened.db).version).not.toBe(version);
    opened.close();
  });

  it('270: passages are found by their document and id, also in a database of before', () => {
    const old = open(260);
    add(old, 'd', ['Owls hunt', 'Bats sleep']);
    add(old, 'e', ['Mice hide']);
    old.close();
    const opened = open();
    const within = (names: readonly string[]): number =>
      passagesWithin(
        opened.db,
        { kind: 'all' },
        names.map((name) => {
          const [documentId = '', passageId = ''] = name.split(' ');
          return { documentId, passageId };
        }),
      );
    expect(within(['d d0', 'd d1', 'e e0'])).toBe(3);
    expect(within(['e d0', 'd gone', 'd d1', 'd d1'])).toBe(1);
    const plan = opened.db
      .all<{ detail: string }>({
        text: `EXPLAIN QUERY PLAN SELECT 1 FROM ${passagesNamed([]).text}`,
        values: ['[]'],
      })
      .map(({ detail }) => detail);
    expect(plan.join()).toContain('passages_by_document (document_id=? AND id=?)');
    opened.close();
  });
});
