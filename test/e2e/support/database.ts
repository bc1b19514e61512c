import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';

/** Looks into the database of a profile whose app has ended. */
export function inspectDatabase(profile: string): {
  readonly integrity: string;
  readonly messages: ReadonlySet<string>;
} {
  const file = path.join(profile, 'quarry.db');
  if (!existsSync(file))
    throw new Error(`no quarry.db in ${profile}: ${readdirSync(profile).join(', ')}`);
  const database = new BetterSqlite3(file);
  try {
    const rows = database.prepare('SELECT id FROM messages').all() as { id: string }[];
    return {
      integrity: String(database.pragma('integrity_check', { simple: true })),
      messages: new Set(rows.map((row) => row.id)),
    };
  } finally {
    database.close();
  }
}
