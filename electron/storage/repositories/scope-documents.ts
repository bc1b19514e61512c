import type { DocumentScope } from '../../ipc/contract/index.ts';
import type { Reader } from '../sql.ts';
import { sql } from '../sql.ts';
import { withinScope } from './scope.ts';

/** A document of a scope, without its text. */
export interface ScopeDocument {
  readonly id: string;
  readonly name: string;
  /** UTF-16 units of text. */
  readonly characters: number;
  /** 0 = it has no text: not read yet, or not readable. */
  readonly passages: number;
}

/** In the order in which they were added. */
export function documentsWithin(db: Reader, scope: DocumentScope): ScopeDocument[] {
  return db.all<ScopeDocument>(
    sql`SELECT d.id, d.name, d.characters, d.passages FROM documents d
        WHERE ${withinScope(scope, sql`d`)} ORDER BY d.added_at, d.id`,
  );
}

/** Documents of a scope that no search looks into. */
export interface Unsearched {
  /** Wait to be read, for the first time or again, are being read, or were stopped before. */
  readonly unread: number;
  /** Could not be read. */
  readonly failed: number;
  /** The name of one that could not be read. */
  readonly failedName: string | null;
}

export function unsearchedWithin(db: Reader, scope: DocumentScope): Unsearched {
  return (
    db.get<Unsearched>(
      sql`SELECT COALESCE(SUM(d.state IN ('waiting', 'reading', 'stopped')), 0) AS unread,
          COALESCE(SUM(d.state = 'failed'), 0) AS failed,
          MIN(CASE WHEN d.state = 'failed' THEN d.name END) AS failedName
          FROM documents d WHERE ${withinScope(scope, sql`d`)}`,
    ) ?? { unread: 0, failed: 0, failedName: null }
  );
}

/** Names of the documents of a scope, and of the collections that they are in. */
export function mentionable(db: Reader, scope: DocumentScope): string[] {
  return db
    .all<{ name: string }>(
      sql`SELECT d.name FROM documents d WHERE ${withinScope(scope, sql`d`)}
        UNION SELECT c.name FROM documents d JOIN collections c ON c.id = d.collection_id
        WHERE ${withinScope(scope, sql`d`)}`,
    )
    .map(({ name }) => name);
}
