import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** Every stored setting, parsed. A value that is not JSON is left out. */
export function readSettings(db: Reader): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const row of db.all<{ key: string; value: string }>(sql`SELECT key, value FROM settings`)) {
    try {
      values.set(row.key, JSON.parse(row.value));
    } catch {
      continue;
    }
  }
  return values;
}

/** Stores the values in one transaction. */
export function writeSettings(db: Writer, values: ReadonlyMap<string, unknown>): void {
  db.transaction(() => {
    for (const [key, value] of values) {
      db.run(
        sql`INSERT INTO settings (key, value) VALUES (${key}, ${JSON.stringify(value)})
            ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
      );
    }
  });
}
