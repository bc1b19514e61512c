import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { migrations } from './migrations/index.ts';
import { openDatabase } from './open.ts';
import type { OpenDatabase } from './open.ts';

/**
 * A database file for each test of the file that calls this. What it gives opens it, with the migrations up to a
 * version: as a program of that time left it, if it was never opened with later ones.
 */
export function useDatabaseFile(): (upTo?: number) => OpenDatabase {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quarry-database-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return (upTo = Infinity) =>
    openDatabase({
      file: join(folder, 'quarry.db'),
      clock: { now: () => 1 },
      log: { info: () => {}, warn: () => {}, error: () => {} },
      backupFolder: join(folder, 'backups'),
      migrations: migrations.filter(({ version }) => version <= upTo),
    });
}
