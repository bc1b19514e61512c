import type BetterSqlite3 from 'better-sqlite3';
import { AppError } from '../ipc/app-error.ts';

/** One step of the schema. Versions go up in tens, which leaves gaps; `up` runs inside one transaction. */
export interface Migration {
  readonly version: number;
  readonly purpose: string;
  readonly up: string;
}

/** What a database needs before this program may use it. */
export interface MigrationPlan {
  /** `user_version` of the file; 0 for a new one. */
  readonly from: number;
  readonly to: number;
  readonly pending: readonly Migration[];
}

/**
 * Compares a database with the steps this program knows. Changes nothing.
 * Throws AppError 'database-newer' (detail: found, supported) if a later program wrote the file, and
 * 'internal' if the list of steps itself is out of order.
 */
export function planMigrations(
  database: BetterSqlite3.Database,
  migrations: readonly Migration[],
): MigrationPlan {
  migrations.forEach((migration, index) => {
    const before = migrations[index - 1]?.version ?? 0;
    if (!Number.isInteger(migration.version) || migration.version <= before) {
      throw new AppError(
        'internal',
        `migration ${migration.version} does not come after ${before}`,
      );
    }
  });
  const from = database.pragma('user_version', { simple: true }) as number;
  const to = migrations.at(-1)?.version ?? 0;
  if (from > to) {
    throw new AppError('database-newer', `database version ${from}, this program knows ${to}`, {
      detail: { found: from, supported: to },
    });
  }
  return { from, to, pending: migrations.filter(({ version }) => version > from) };
}

/**
 * Applies the pending steps, each with its `user_version` in one transaction: a step that fails
 * leaves the database as the step before left it. Foreign keys are off meanwhile, so that a step may
 * rebuild a table, and are checked before each commit. Throws what SQLite throws.
 */
export function applyMigrations(
  database: BetterSqlite3.Database,
  pending: readonly Migration[],
): void {
  database.pragma('foreign_keys = OFF');
  try {
    for (const migration of pending) {
      database
        .transaction(() => {
          database.exec(migration.up);
          const broken = database.pragma('foreign_key_check') as readonly unknown[];
          if (broken.length > 0) {
            throw new AppError(
              'internal',
              `migration ${migration.version} leaves ${broken.length} broken references`,
            );
          }
          database.pragma(`user_version = ${migration.version}`);
        })
        .exclusive();
    }
  } finally {
    database.pragma('foreign_keys = ON');
  }
}
