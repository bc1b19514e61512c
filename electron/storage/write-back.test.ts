import BetterSqlite3 from 'better-sqlite3';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDatabase } from './open.ts';
import { sql } from './sql.ts';
import { createWriteBack, partsAtOnce } from './write-back.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quarry-write-back-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (file: string) =>
  openDatabase({
    ...{ file, clock: { now: () => 0 }, backupFolder: join(folder, 'backups') },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });

/** The settings in the file itself, without its log. */
function inFile(file: string): unknown[] {
  const copy = join(folder, 'copy.sqlite');
  copyFileSync(file, copy);
  const database = new BetterSqlite3(copy, { readonly: true });
  try {
    return database.prepare(`SELECT key FROM settings WHERE key LIKE 'part-%'`).pluck().all();
  } finally {
    database.close();
  }
}

/** A program for the thread. */
function program(text: string): URL {
  const file = join(folder, 'thread.mjs');
  writeFileSync(file, text);
  return pathToFileURL(file);
}

describe('write-back', () => {
  it('brings parts into the file while the database stays open, and leaves no log behind', async () => {
    const file = join(folder, 'quarry.sqlite');
    const { db, close } = open(file);
    db.get(sql`PRAGMA wal_checkpoint(TRUNCATE)`);
    for (let part = 1; part <= partsAtOnce + 2; part += 1) {
      db.loose(() =>
        db.run(sql`INSERT INTO settings (key, value) VALUES (${`part-${part}`}, '1')`),
      );
      await db.written(1);
      if (part === partsAtOnce - 1) expect(inFile(file)).toEqual([]);
      if (part === partsAtOnce) expect(inFile(file)).toHaveLength(partsAtOnce);
    }
    // Somebody else's work is waited for as ever.
    expect(db.get(sql`PRAGMA wal_autocheckpoint`)).toEqual({ wal_autocheckpoint: 8000 });
    close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(inFile(file)).toHaveLength(partsAtOnce + 2);
  });

  it('writes back after as much as that, in however many parts', async () => {
    const file = join(folder, 'quarry.sqlite');
    const { db, close } = open(file);
    db.get(sql`PRAGMA wal_checkpoint(TRUNCATE)`);
    for (let part = 1; part <= 8 * partsAtOnce; part += 1) {
      expect(inFile(file)).toEqual([]);
      db.loose(() =>
        db.run(sql`INSERT INTO settings (key, value) VALUES (${`part-${part}`}, '1')`),
      );
      await db.written(1 / 8);
    }
    expect(inFile(file)).toHaveLength(8 * partsAtOnce);
    close();
  });

  it('begins the log anew itself: whoever writes next does not wait for the head of it', async () => {
    const file = join(folder, 'quarry.sqlite');
    const { db, close } = open(file);
    const version = db.get(sql`PRAGMA user_version`);
    // sqlite.org/walformat.html: the fourth number of the head counts the times that the log began anew.
    const begun = () => readFileSync(`${file}-wal`).readUInt32BE(12);
    const before = begun();
    for (let part = 1; part <= partsAtOnce; part += 1) {
      expect(begun()).toBe(before);
      db.loose(() =>
        db.run(sql`INSERT INTO settings (key, value) VALUES (${`part-${part}`}, '1')`),
      );
      await db.written(1);
    }
    expect(begun()).toBe(before + 1);
    db.loose(() => db.run(sql`INSERT INTO settings (key, value) VALUES ('part-last', '1')`));
    expect(begun()).toBe(before + 1);
    expect(db.get(sql`PRAGMA user_version`)).toEqual(version);
    expect(db.get(sql`PRAGMA quick_check`)).toEqual({ quick_check: 'ok' });
    close();
    expect(inFile(file)).toHaveLength(partsAtOnce + 1);
  });

  it('finds no work half done: who reads first and writes then has the log for itself from the start', () => {
    const file = join(folder, 'quarry.sqlite');
    const { db, close } = open(file);
    const other = new BetterSqlite3(file, { timeout: 0 });
    for (const work of [db.transaction, db.loose]) {
      work(() => {
        expect(db.all(sql`SELECT key FROM settings WHERE key = 'part-1'`)).toEqual([]);
        expect(() => other.pragma('user_version = 1')).toThrow('locked');
        db.run(sql`INSERT INTO settings (key, value) VALUES ('part-1', '1')`);
        db.run(sql`DELETE FROM settings WHERE key = 'part-1'`);
      });
    }
    other.close();
    close();
  });

  it('ends its thread after a rest, and SQLite writes back by itself again', async () => {
    const limits: number[] = [];
    const writeBack = createWriteBack({
      ...{ file: join(folder, 'none.sqlite'), restMs: 1 },
      limit: (pages) => limits.push(pages),
    });
    // A file that cannot be opened stops nobody.
    for (let part = 0; part < partsAtOnce; part += 1) await writeBack.written(1);
    await vi.waitFor(() => expect(limits).toEqual([8000, 1000]));
    for (let part = 0; part < partsAtOnce; part += 1) await writeBack.written(1);
    expect(limits).toEqual([8000, 1000, 8000]);
    writeBack.close();
    expect(limits).toEqual([8000, 1000, 8000, 1000]);
  });

  it.each([
    ['that breaks at its start', `throw new Error('no');`],
    [
      'that is ended at its work',
      `(await import('node:worker_threads')).parentPort.on('message', () => process.exit(1));`,
    ],
  ])('goes on without a thread %s', async (_, text) => {
    const limits: number[] = [];
    const writeBack = createWriteBack({
      ...{ file: join(folder, 'quarry.sqlite'), entry: program(text) },
      limit: (pages) => limits.push(pages),
    });
    for (let part = 0; part < 3 * partsAtOnce; part += 1) await writeBack.written(1);
    expect(limits).toEqual([8000, 1000]);
    writeBack.close();
  });

  it('lets go of whoever waits when the database is closed', async () => {
    const writeBack = createWriteBack({
      file: join(folder, 'quarry.sqlite'),
      entry: program(`(await import('node:worker_threads')).parentPort.on('message', () => {});`),
      limit: () => {},
    });
    for (let part = 0; part < partsAtOnce - 1; part += 1) await writeBack.written(1);
    const waiting = writeBack.written(1);
    writeBack.close();
    await expect(waiting).resolves.toBeUndefined();
  });
});
