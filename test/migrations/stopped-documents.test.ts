import { expect, it } from 'vitest';
import { useDatabaseFile } from '../../electron/storage/database.fixture.ts';
import { documentsRepository } from '../../electron/storage/repositories/documents.ts';
import { unsearchedWithin } from '../../electron/storage/repositories/scope-documents.ts';
import { watchedRepository } from '../../electron/storage/repositories/watched.ts';
import { sql } from '../../electron/storage/sql.ts';

const open = useDatabaseFile();

const error = (code: string): string => JSON.stringify({ code, message: 'm' });
/** Every state there was, and an error that is no JSON. */
const before = [
  ['ready', 'ready', null],
  ['ready but changed', 'ready', error('document-broken')],
  ['read before, stopped', 'ready', error('cancelled')],
  ['broken', 'failed', error('document-broken')],
  ['garbled', 'failed', 'no json'],
  ['stopped', 'failed', error('cancelled')],
  ['waits', 'waiting', null],
  ['is read', 'reading', null],
] as const;

it('320: documents that were stopped get a state of their own, with all that refers to documents', () => {
  const old = open(310);
  const { db: past } = old;
  past.run(sql`INSERT INTO collections (id, name, created_at) VALUES ('c', 'C', 1)`);
  for (const [id, state, problem] of before) {
    past.run(sql`INSERT INTO documents
        (id, collection_id, name, path, format, bytes, modified_at, sha256, state, error, passages, added_at)
      VALUES (${id}, 'c', ${id}, ${`/${id}`}, 'md', 1, 1, ${id}, ${state}, ${problem}, 1, 1)`);
    past.run(sql`INSERT INTO passages (id, document_id, ordinal, heading, start, "end", text)
      VALUES (${`p ${id}`}, ${id}, 0, '', 0, 9, 'the tanks')`);
    past.run(sql`INSERT INTO document_pages (document_id, page, start, text, spans, headings)
      VALUES (${id}, 1, 0, 'the tanks', '[]', '[]')`);
    past.run(sql`INSERT INTO watched_files VALUES (${id}, 1, 1, 1, 'i', 1)`);
  }
  past.run(sql`UPDATE documents SET read_at = 7`);
  const columns = past.all<{ name: string }>(sql`SELECT name FROM pragma_table_info('documents')`);
  old.close();

  const { db, close } = open();
  const states = db.all(
    sql`SELECT id, state, error, read_at AS readAt FROM documents ORDER BY rowid`,
  );
  expect(states).toEqual(
    before.map(([id, state, problem]) =>
      id === 'stopped'
        ? { id, state: 'stopped', error: null, readAt: 7 }
        : { id, state, error: problem, readAt: 7 },
    ),
  );
  const now = db.all<{ name: string }>(sql`SELECT name FROM pragma_table_info('documents')`);
  expect(now.map(({ name }) => name).sort()).toEqual(columns.map(({ name }) => name).sort());
  const referring = [
    sql`SELECT count(*) AS rows FROM passages JOIN documents d ON d.id = document_id`,
    sql`SELECT count(*) AS rows FROM document_pages JOIN documents d ON d.id = document_id`,
    sql`SELECT count(*) AS rows FROM watched_files JOIN documents d ON d.id = document_id`,
    sql`SELECT count(*) AS rows FROM passages_fts WHERE passages_fts MATCH 'tank'`,
  ];
  for (const one of referring) expect(db.get(one)).toEqual({ rows: before.length });
  expect(db.all(sql`PRAGMA foreign_key_check`)).toEqual([]);
  expect(db.get(sql`PRAGMA integrity_check`)).toEqual({ integrity_check: 'ok' });

  // What asks about it.
  const all = { kind: 'all' } as const;
  expect(unsearchedWithin(db, all)).toEqual({ unread: 3, failed: 2, failedName: 'broken' });
  const [collection] = documentsRepository(db).collections();
  expect(collection).toMatchObject({ documentCount: 8, failedCount: 2, stoppedCount: 1 });
  const watched = watchedRepository(db);
  expect(watched.stopped('c')).toEqual(['stopped']);
  expect(watched.counts('c')).toEqual({ unread: 2, failed: 4 });

  // What a table of before did by itself.
  expect(() => db.run(sql`UPDATE documents SET state = 'unheard of'`)).toThrowError();
  db.run(sql`UPDATE documents SET state = 'ready' WHERE id = 'stopped'`);
  const read = db.get<{ readAt: number }>(
    sql`SELECT read_at AS readAt FROM documents WHERE id = 'stopped'`,
  );
  expect(read?.readAt).toBeGreaterThan(7);
  db.run(sql`DELETE FROM collections`);
  for (const one of referring) expect(db.get(one)).toEqual({ rows: 0 });
  close();
});
