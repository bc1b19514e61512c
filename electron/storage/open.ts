import BetterSqlite3 from 'better-sqlite3';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Clock, Log } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import { backUp, listBackups } from './backup.ts';
import { applyMigrations, planMigrations } from './migrate.ts';
import type { Migration } from './migrate.ts';
import { migrations as allMigrations } from './migrations/index.ts';
import { registerFunctions } from './functions.ts';
import { wrap } from './sql.ts';
import type { Writer } from './sql.ts';
import { createWriteBack } from './write-back.ts';

export interface OpenOptions {
  /** Path of the database, or ':memory:'. Its folder is made if need be. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Where a copy is put before the schema changes. */
  readonly backupFolder: string;
  /** Other steps than the program's own: tests. */
  readonly migrations?: readonly Migration[];
}

export interface OpenDatabase {
  readonly db: Writer;
  /** Writes the log back into the file, closes, lets the next process in. Idempotent. */
  close(): void;
}

/** A lock that nobody refers to would be collected, closed, and let a second process in. */
const locks = new WeakMap<Writer, BetterSqlite3.Database>();

/**
 * Opens the one database of a profile and brings its schema up to date.
 *
 * Throws AppError 'database-locked' (another process has this profile open), 'database-newer'
 * (detail: found, supported), 'database-corrupt' (detail: file, backup = name of the newest copy or
 * ''), 'permission-denied', 'disk-full'. After a throw nothing is held and nothing was changed, or
 * only whole schema steps were.
 */
export function openDatabase(options: OpenOptions): OpenDatabase {
  const { file } = options;
  const inMemory = file === ':memory:';
  let lock: BetterSqlite3.Database | undefined;
  let database: BetterSqlite3.Database | undefined;
  const release = (): void => {
    database?.close();
    lock?.close();
  };
  try {
    if (!inMemory) {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      lock = lockProfile(`${file}.lock`);
    }
    // A clean close removes the write-ahead log, so one that is still there tells of a crash.
    const unclean =
      !inMemory && (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    database = new BetterSqlite3(file, { timeout: 5000 });
    registerFunctions(database);
    const plan = planMigrations(database, options.migrations ?? allMigrations);
    database.pragma('journal_mode = WAL');
    // FULL, not NORMAL: both survive kill -9, but only FULL flushes the log at each commit, so that a
    // message shown as saved also survives a power cut. A turn commits about once a second.
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    if (unclean) {
      options.log.warn('database.unclean', { file: basename(file) });
      checkWhole(database);
    }
    if (plan.pending.length > 0) {
      if (plan.from > 0) {
        const copy = backUp(database, options.backupFolder, options.clock.now());
        options.log.info('database.backup', { copy: basename(copy) });
      }
      applyMigrations(database, plan.pending);
      options.log.info('database.migrated', { from: plan.from, to: plan.to });
    }
  } catch (error) {
    release();
    throw explain(error, options);
  }
  const opened = database;
  const writeBack = inMemory
    ? null
    : createWriteBack({
        file,
        limit: (pages) => void opened.pragma(`wal_autocheckpoint = ${pages}`),
      });
  const db = wrap(opened, writeBack?.written);
  if (lock !== undefined) locks.set(db, lock);
  let open = true;
  return {
    db,
    close: () => {
      if (!open) return;
      open = false;
      writeBack?.close();
      opened.pragma('optimize');
      release();
    },
  };
}

/**
 * Keeps a second process out of the profile. The lock is SQLite's own on a file beside the database:
 * the operating system drops it when the process dies, however it dies, and the database itself stays
 * readable for others (a backup tool, a test).
 */
function lockProfile(path: string): BetterSqlite3.Database {
  const lock = new BetterSqlite3(path, { timeout: 0 });
  try {
    // Rollback journal in memory: the lock needs no file of its own beside it.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    const code = sqliteCode(error);
    if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
      throw new AppError('database-locked', 'another process has this profile open', {
        cause: error,
      });
    }
    throw error;
  }
}

function checkWhole(database: BetterSqlite3.Database): void {
  const found = database.pragma('quick_check(1)', { simple: true }) as string;
  if (found !== 'ok') throw new CorruptError(found);
}

class CorruptError extends Error {}

function explain(error: unknown, options: OpenOptions): unknown {
  if (error instanceof AppError) return error;
  const code = sqliteCode(error);
  if (
    error instanceof CorruptError ||
    code.startsWith('SQLITE_CORRUPT') ||
    code === 'SQLITE_NOTADB'
  ) {
    return new AppError('database-corrupt', 'the database is damaged', {
      detail: { file: options.file, backup: listBackups(options.backupFolder)[0] ?? '' },
      cause: error,
    });
  }
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) {
    return new AppError('database-locked', 'the database is in use', { cause: error });
  }
  if (
    code.startsWith('SQLITE_READONLY') ||
    code.startsWith('SQLITE_PERM') ||
    (code.startsWith('SQLITE_CANTOPEN') && existsSync(dirname(options.file)))
  ) {
    return new AppError('permission-denied', 'the database cannot be opened for writing', {
      detail: { file: options.file },
      cause: error,
    });
  }
  return error;
}

function sqliteCode(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
