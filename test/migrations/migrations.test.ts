import BetterSqlite3 from 'better-sqlite3';
import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listBackups } from '../../electron/storage/backup.ts';
import type { Migration } from '../../electron/storage/migrate.ts';
import { migrations } from '../../electron/storage/migrations/index.ts';
import {
  createConversation,
  getConversation,
  updateConversation,
} from '../../electron/storage/repositories/conversations.ts';
import {
  getLoadOptions,
  setLoadOptions,
} from '../../electron/storage/repositories/load-options.ts';
import {
  addDownloadLog,
  deleteDownload,
  getDownload,
  insertDownload,
  listDownloadLog,
  listDownloadSpans,
  saveDownloadProgress,
} from '../../electron/storage/repositories/downloads.ts';
import {
  getDownloadOrigin,
  getOrigin,
  putDownloadOrigin,
  putOrigin,
} from '../../electron/storage/repositories/origins.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import type { OpenDatabase } from '../../electron/storage/open.ts';
import { sql } from '../../electron/storage/sql.ts';

let folder: string;
let file: string;
let backups: string;
let now: number;
let lines: string[];
const log = {
  info: (event: string) => void lines.push(event),
  warn: (event: string) => void lines.push(event),
  error: (event: string) => void lines.push(event),
};
const open = (steps?: readonly Migration[]): OpenDatabase =>
  openDatabase({
    file,
    clock: { now: () => (now += 1000) },
    log,
    backupFolder: backups,
    ...(steps === undefined ? {} : { migrations: steps }),
  });
const code = (code: string, detail?: object): Error =>
  expect.objectContaining(detail === undefined ? { code } : { code, detail }) as Error;
const raw = <T>(path: string, read: (database: BetterSqlite3.Database) => T): T => {
  const database = new BetterSqlite3(path);
  try {
    return read(database);
  } finally {
    database.close();
  }
};
const version = (path: string): unknown =>
  raw(path, (database) => database.pragma('user_version', { simple: true }));

const first: Migration = {
  version: 10,
  purpose: 'first',
  up: `CREATE TABLE a (id INTEGER PRIMARY KEY, word TEXT) STRICT; INSERT INTO a VALUES (1, 'kept')`,
};
const second: Migration = {
  version: 20,
  purpose: 'second',
  up: `ALTER TABLE a ADD COLUMN more TEXT NOT NULL DEFAULT 'new'`,
};
const broken: Migration = {
  version: 30,
  purpose: 'broken',
  up: `CREATE TABLE b (id INTEGER) STRICT; INSERT INTO nowhere VALUES (1)`,
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-migrations-'));
  file = join(folder, 'profile', 'quarry.db');
  backups = join(folder, 'backups');
  now = Date.UTC(2026, 10, 22);
  lines = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the steps of the schema', () => {
  it('rise strictly', () => {
    const versions = migrations.map((migration) => migration.version);
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
    expect(() => open([second, first])).toThrowError(code('internal'));
  });

  it('lead from an empty file to the latest, with every table usable', () => {
    const { db, close } = open();
    expect(db.get(sql`PRAGMA integrity_check`)).toEqual({ integrity_check: 'ok' });
    const tables = db
      .all<{ name: string }>(
        sql`SELECT name FROM sqlite_schema
            WHERE type = 'table' AND name NOT GLOB '*_fts_*' ORDER BY name`,
      )
      .map(({ name }) => name);
    expect(tables).toEqual([
      'backends',
      'collections',
      'conversations',
      'document_pages',
      'document_set_contents',
      'document_set_reads',
      'document_set_uses',
      'document_sets',
      'documents',
      'download_log',
      'download_origins',
      'download_ranges',
      'downloads',
      'hub_files',
      'library',
      'library_leavings',
      'load_options',
      'memory_runs',
      'memory_samples',
      'message_tokens',
      'messages',
      'messages_fts',
      'model_origins',
      'model_proofs',
      'models',
      'passage_vectors',
      'passages',
      'passages_fts',
      'passages_terms',
      'read_chunks',
      'rewrite_tests',
      'search_backlog',
      'settings',
      'sqlite_sequence',
      'thread_timings',
      'vector_models',
      'vectors_due',
      'watch_pause',
      'watched_files',
      'watched_folders',
    ]);
    expect(db.get(sql`PRAGMA foreign_keys`)).toEqual({ foreign_keys: 1 });
    expect(db.get(sql`PRAGMA journal_mode`)).toEqual({ journal_mode: 'wal' });
    expect(db.get(sql`PRAGMA synchronous`)).toEqual({ synchronous: 2 });
    close();
    expect(version(file)).toBe(migrations.at(-1)?.version);
    expect(listBackups(backups)).toEqual([]);
    expect(readdirSync(join(folder, 'profile')).filter((name) => /-(wal|shm)$/.test(name))).toEqual(
      [],
    );
  });

  it('30: downloads come to a file of version 10, which keeps what it held', () => {
    const at10 = open(migrations.filter(({ version }) => version <= 10));
    at10.db.run(sql`INSERT INTO settings VALUES ('theme', '"dark"')`);
    at10.close();
    expect(version(file)).toBe(10);
    const { db, close } = open();
    expect(db.get(sql`SELECT value FROM settings WHERE key = 'theme'`)).toEqual({
      value: '"dark"',
    });
    insertDownload(db, {
      id: 'd',
      subject: 's',
      url: 'https://host/file',
      fileName: 'f',
      sha256: null,
      bytes: 10,
      expectedEtag: null,
      createdAt: 1,
    });
    saveDownloadProgress(db, 'd', { spans: [{ start: 2, end: 5 }], fetched: 3, at: 2 });
    addDownloadLog(db, 'd', { at: 1, event: 'one', facts: {} }, 1);
    addDownloadLog(db, 'd', { at: 2, event: 'two', facts: { a: 1 } }, 1);
    expect(getDownload(db, 'd')).toMatchObject({ state: 'queued', fetched: 3, pass: 1 });
    expect(listDownloadSpans(db, 'd')).toEqual([{ start: 2, end: 5 }]);
    expect(listDownloadLog(db, 'd')).toEqual([{ at: 2, event: 'two', facts: { a: 1 } }]);
    expect(() => db.run(sql`UPDATE downloads SET state = 'unheard of'`)).toThrowError();
    deleteDownload(db, 'd');
    expect([listDownloadSpans(db, 'd'), listDownloadLog(db, 'd')]).toEqual([[], []]);
    close();
    expect(listBackups(backups).length).toBe(1);
  });

  it('190: conversations keep how they use their documents, new ones choose for each question', () => {
    const before = open(migrations.filter(({ version }) => version < 190));
    for (const use of ['passages', 'whole']) {
      before.db.run(sql`INSERT INTO conversations (id, title, scope, use, created_at, updated_at)
        VALUES (${use}, '', '{"kind":"all"}', ${use}, 1, 1)`);
    }
    before.close();
    const { db, close } = open();
    createConversation(db, { id: 'new', modelId: null, scope: { kind: 'all' }, at: 2 });
    updateConversation(db, 'whole', { use: 'across' });
    expect(['passages', 'whole', 'new'].map((id) => getConversation(db, id).use)).toEqual([
      'passages',
      'across',
      'auto',
    ]);
    expect(() => db.run(sql`UPDATE conversations SET use = 'unheard of'`)).toThrowError();
    close();
  });

  it('10: the index of messages follows what is written, changed and erased', () => {
    const { db, close } = open();
    const count = (word: string): unknown =>
      db.get<{ n: number }>(
        sql`SELECT count(*) AS n FROM messages_fts WHERE messages_fts MATCH ${word}`,
      )?.n;
    db.run(
      sql`INSERT INTO conversations (id, title, scope, created_at, updated_at)
          VALUES ('c', '', '{}', 1, 1)`,
    );
    db.run(
      sql`INSERT INTO messages (id, conversation_id, role, text, status, created_at)
          VALUES ('m', 'c', 'user', 'Ångström', 'complete', 1),
                 ('n', 'c', 'user', 'other', 'complete', 1)`,
    );
    db.run(sql`UPDATE messages SET parent_id = 'm' WHERE id = 'n'`);
    expect(count('angstrom')).toBe(1);
    db.run(sql`UPDATE messages SET text = 'grown' WHERE id = 'm'`);
    expect([count('angstrom'), count('grown')]).toEqual([0, 1]);
    expect(() =>
      db.run(sql`UPDATE messages SET status = 'unheard of' WHERE id = 'm'`),
    ).toThrowError();
    expect(() => db.run(sql`UPDATE messages SET parent_id = 'nobody'`)).toThrowError();
    db.run(sql`DELETE FROM conversations`);
    expect([count('grown'), count('other')]).toEqual([0, 0]);
    close();
  });

  it('20: a database of version 10 keeps its models and gets room for their proof', () => {
    const before = open(migrations.filter((step) => step.version <= 10));
    before.db.run(
      sql`INSERT INTO models (id, name, origin, path, bytes, modified_at, sha256, hash_state, header,
            added_at)
          VALUES ('m', 'M', 'referenced', '/m', 1, 1, 'x', 'done', '{}', 1)`,
    );
    before.close();
    expect(version(file)).toBe(10);

    const { db, close } = open();
    const proof = (level: string) =>
      db.run(
        sql`INSERT INTO model_proofs (model_id, level, sha256, checked_at)
            VALUES ('m', ${level}, 'x', 1)`,
      );
    expect(db.get(sql`SELECT id, sha256 FROM models`)).toEqual({ id: 'm', sha256: 'x' });
    expect(() => proof('probably')).toThrowError();
    proof('signed');
    db.run(sql`DELETE FROM models`);
    expect(db.get(sql`SELECT count(*) AS n FROM model_proofs`)).toEqual({ n: 0 });
    close();
    expect(version(file)).toBeGreaterThanOrEqual(20);
  });

  it('50: a database of version 30 keeps its models, which may now say where they came from', () => {
    const before = open(migrations.filter((step) => step.version <= 30));
    before.db.run(
      sql`INSERT INTO models (id, name, origin, path, bytes, modified_at, sha256, hash_state, header,
            added_at)
          VALUES ('m', 'M', 'copied', '/m', 1, 1, 'x', 'done', '{}', 1)`,
    );
    before.close();
    expect(version(file)).toBe(30);

    const { db, close } = open();
    expect(getOrigin(db, 'm')).toBeUndefined();
    const origin = {
      ...({ source: 'hub', tool: null, repository: 'o/n', revision: 'a', file: 'm.gguf' } as const),
      ...{ url: 'https://host/m.gguf', isHint: false, signature: '{}', at: 7 },
    };
    putOrigin(db, 'm', origin);
    expect(getOrigin(db, 'm')).toEqual(origin);
    expect(() => db.run(sql`UPDATE model_origins SET source = 'hearsay'`)).toThrowError();
    putDownloadOrigin(db, 'gone', origin);
    expect(getDownloadOrigin(db, 'gone')).toBeUndefined();
    db.run(sql`DELETE FROM models`);
    expect(getOrigin(db, 'm')).toBeUndefined();
    close();
  });

  it('100: a database of version 90 keeps its models, which may now say how they are loaded', () => {
    const before = open(migrations.filter((step) => step.version <= 90));
    before.db.run(
      sql`INSERT INTO models (id, name, origin, path, bytes, modified_at, sha256, hash_state, header,
            added_at)
          VALUES ('m', 'M', 'copied', '/m', 1, 1, 'x', 'done', '{}', 1)`,
    );
    before.close();
    expect(version(file)).toBe(90);

    const { db, close } = open();
    expect(getLoadOptions(db, 'm')).toBeNull();
    const options = { contextSize: 8192, sessions: 2, kvType: 'q8_0' } as const;
    setLoadOptions(db, 'm', { ...options, sessions: 4 });
    setLoadOptions(db, 'm', options);
    expect(getLoadOptions(db, 'm')).toEqual(options);
    db.run(sql`UPDATE load_options SET kv_type = 'q2_k'`);
    expect(getLoadOptions(db, 'm')).toBeNull();
    expect(() => setLoadOptions(db, 'gone', options)).toThrowError();
    db.run(sql`DELETE FROM models`);
    expect(db.all(sql`SELECT * FROM load_options`)).toEqual([]);
    close();
  });

  it('60: samples of memory stay, and get what the system tells besides', () => {
    const before = open(migrations.filter((step) => step.version <= 30));
    before.db.run(
      sql`INSERT INTO memory_samples
            (at, model_id, pid, resident, weights, kv, recurrent, compute, output, checkpoints)
          VALUES (1, 'm', 2, 3, 4, 5, 6, 7, 8, 9)`,
    );
    before.close();
    expect(version(file)).toBe(30);

    const { db, close } = open();
    expect(db.get(sql`SELECT at, resident, process, swapped FROM memory_samples`)).toEqual({
      at: 1,
      resident: 3,
      process: 0,
      swapped: null,
    });
    expect(db.get(sql`SELECT count(*) AS n FROM memory_runs`)).toEqual({ n: 0 });
    close();
    expect(version(file)).toBeGreaterThanOrEqual(60);
  });

  it('10: the index of passages follows what is added and removed', () => {
    const { db, close } = open();
    db.run(sql`INSERT INTO collections VALUES ('k', 'K', NULL, 1)`);
    db.run(
      sql`INSERT INTO documents
            (id, collection_id, name, path, format, bytes, modified_at, sha256, state, added_at)
          VALUES ('d', 'k', 'D', '/d', 'md', 1, 1, 'x', 'ready', 1)`,
    );
    db.run(
      sql`INSERT INTO passages (id, document_id, ordinal, heading, start, "end", text)
          VALUES ('p', 'd', 0, 'Cleaning', 0, 9, 'the tanks')`,
    );
    const count = (): unknown =>
      db.get<{ n: number }>(
        sql`SELECT count(*) AS n FROM passages_fts WHERE passages_fts MATCH 'tank AND clean'`,
      )?.n;
    expect(count()).toBe(1);
    db.run(sql`DELETE FROM collections`);
    expect(count()).toBe(0);
    close();
  });
});

describe('an older database', () => {
  beforeEach(() => open([first]).close());

  it('is copied before it is changed, and the copy can be read', () => {
    const { db, close } = open([first, second]);
    expect(db.all(sql`SELECT * FROM a`)).toEqual([{ id: 1, word: 'kept', more: 'new' }]);
    close();
    const [copy = ''] = listBackups(backups);
    expect(readdirSync(backups)).toEqual([copy]);
    expect(copy).toMatch(/^quarry-v10-20261122T\d{9}Z\.db$/);
    expect(version(join(backups, copy))).toBe(10);
    expect(raw(join(backups, copy), (d) => d.prepare('SELECT * FROM a').all())).toEqual([
      { id: 1, word: 'kept' },
    ]);
    open([first, second]).close();
    expect(listBackups(backups)).toHaveLength(1);
  });

  it('stays as it was when a step fails, and can still be opened by the program before', () => {
    expect(() => open([first, broken])).toThrowError('nowhere');
    expect(version(file)).toBe(10);
    const { db, close } = open([first]);
    expect(db.all(sql`SELECT * FROM a`)).toEqual([{ id: 1, word: 'kept' }]);
    expect(db.get(sql`SELECT count(*) AS n FROM sqlite_schema WHERE name = 'b'`)).toEqual({ n: 0 });
    close();
    expect(listBackups(backups)).toHaveLength(1);
  });

  it('keeps the steps that worked when a later one fails', () => {
    expect(() => open([first, second, broken])).toThrowError();
    expect(version(file)).toBe(20);
  });

  it('is not given a schema with broken references', () => {
    const dangling: Migration = {
      version: 20,
      purpose: 'dangling',
      up: `CREATE TABLE c (a INTEGER REFERENCES a (id)) STRICT; INSERT INTO c VALUES (99)`,
    };
    expect(() => open([first, dangling])).toThrowError(code('internal'));
    expect(version(file)).toBe(10);
  });

  it('keeps the last three copies', () => {
    for (let step = 20; step <= 70; step += 10) {
      const steps = [first];
      for (let each = 20; each <= step; each += 10) {
        steps.push({ version: each, purpose: '', up: `CREATE TABLE t${each} (id INTEGER) STRICT` });
      }
      open(steps).close();
    }
    expect(listBackups(backups).map((name) => name.slice(0, 10))).toEqual([
      'quarry-v60',
      'quarry-v50',
      'quarry-v40',
    ]);
    expect(readdirSync(backups)).toHaveLength(3);
  });
});

describe('a database that cannot be used', () => {
  it('newer than the program: refused by both versions, untouched', () => {
    open([first, second]).close();
    expect(() => open([first])).toThrowError(code('database-newer', { found: 20, supported: 10 }));
    expect(version(file)).toBe(20);
    open([first, second]).close();
  });

  it('open in another process: refused; the lock goes with its holder', () => {
    const holder = open();
    expect(() => open()).toThrowError(code('database-locked'));
    holder.close();
    holder.close();
    open().close();
  });

  it('not a database: called damaged, with the name of the newest copy', () => {
    open([first]).close();
    open([first, second]).close();
    const [copy = ''] = listBackups(backups);
    writeFileSync(file, 'this is no database, and long enough to be read as a header '.repeat(20));
    expect(() => open([first, second])).toThrowError(
      code('database-corrupt', { file, backup: copy }),
    );
  });

  it('damaged by a crash: found by the check that follows an unclean end', () => {
    open().close();
    const database = new BetterSqlite3(file);
    database.exec(`CREATE TABLE big (text TEXT) STRICT`);
    const insert = database.prepare('INSERT INTO big VALUES (?)');
    for (let n = 0; n < 400; n += 1) insert.run('x'.repeat(2000));
    const pages = database.pragma('page_count', { simple: true }) as number;
    database.close();
    truncateSync(file, (pages - 40) * 4096);
    writeFileSync(`${file}-wal`, Buffer.alloc(4096));
    expect(() => open()).toThrowError(code('database-corrupt', { file, backup: '' }));
  });

  it('left by a crash but whole: checked, then opened with everything committed', () => {
    const left = open();
    left.db.run(sql`INSERT INTO settings VALUES ('theme', '"dark"')`);
    // A copy of the files while they are open is what kill -9 leaves.
    const copy = join(folder, 'copy');
    raw(file, (database) => database.pragma('wal_checkpoint(PASSIVE)'));
    left.db.run(sql`INSERT INTO settings VALUES ('locale', '"ko"')`);
    cpSync(join(folder, 'profile'), copy, { recursive: true });
    left.close();
    lines = [];
    file = join(copy, 'quarry.db');
    const { db, close } = open();
    expect(lines).toContain('database.unclean');
    expect(db.all(sql`SELECT key FROM settings ORDER BY key`)).toEqual([
      { key: 'locale' },
      { key: 'theme' },
    ]);
    close();
  });
});
