import type BetterSqlite3 from 'better-sqlite3';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';

const kept = 3;
const shape = /^quarry-v\d+-\d{8}T\d{9}Z\.db$/;

/** Names of the backups in a folder, newest first. A missing folder has none. */
export function listBackups(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => shape.test(name))
      .sort((a, b) => stamp(b).localeCompare(stamp(a)));
  } catch {
    return [];
  }
}

/**
 * Copies a database that is open into `folder` and drops all but the newest three copies. The copy
 * is whole (one read transaction), compact, and appears under its name only once it is on disk.
 *
 * @param at milliseconds since 1970 UTC, becomes part of the name.
 * @returns the path of the copy. Throws what SQLite and the file system throw.
 */
export function backUp(database: BetterSqlite3.Database, folder: string, at: number): string {
  mkdirSync(folder, { recursive: true });
  const version = database.pragma('user_version', { simple: true }) as number;
  const time = new Date(at).toISOString().replaceAll(/[-:.]/g, '');
  const path = join(folder, `quarry-v${version}-${time}.db`);
  const temporary = `${path}.part`;
  rmSync(temporary, { force: true });
  try {
    database.prepare('VACUUM INTO ?').run(temporary);
    flush(temporary);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  for (const name of listBackups(folder).slice(kept)) rmSync(join(folder, name), { force: true });
  return path;
}

function flush(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function stamp(name: string): string {
  return name.slice(name.lastIndexOf('-') + 1);
}
