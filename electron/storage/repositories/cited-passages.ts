import type { DocumentScope } from '../../ipc/contract/index.ts';
import type { Reader } from '../sql.ts';
import { sql } from '../sql.ts';
import { withinScope } from './scope.ts';

/** How many of the given passages can still be found within a scope: 0 for a scope of nothing. */
export function passagesWithin(
  db: Reader,
  scope: DocumentScope,
  passageIds: readonly string[],
): number {
  if (scope.kind === 'none' || passageIds.length === 0) return 0;
  const row = db.get<{ count: number }>(
    sql`SELECT count(DISTINCT p.id) AS count
        FROM passages p JOIN documents d ON d.id = p.document_id
        WHERE p.id IN (SELECT value FROM json_each(${JSON.stringify(passageIds)}))
          AND ${withinScope(scope, sql`d`)}`,
  );
  return row?.count ?? 0;
}
