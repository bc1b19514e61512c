import type BetterSqlite3 from 'better-sqlite3';
import { fold } from './terms/split.ts';
import { indexText } from './terms/stems.ts';

/** Functions of this program that triggers and statements of the schema call. */
export function registerFunctions(database: BetterSqlite3.Database): void {
  database.function('index_text', { deterministic: true }, (text: unknown, like: unknown) =>
    indexText(typeof text === 'string' ? text : null, typeof like === 'string' ? like : ''),
  );
  database.function('fold_text', { deterministic: true }, (text: unknown) =>
    typeof text === 'string' ? fold(text) : null,
  );
}
