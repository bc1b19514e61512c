import type { DocumentScope, Place, Source } from '../../ipc/contract/index.ts';
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

/**
 * Sources as their documents have them now: a passage keeps its id when its file changes elsewhere, and
 * stands in another place then. One that is gone stays as it was.
 */
export function sourcesNow(db: Reader, sources: readonly Source[]): Source[] {
  const ids = JSON.stringify(sources.map(({ passageId }) => passageId));
  const rows = db.all<{
    key: string;
    page: number | null;
    place: string | null;
    start: number;
    text: string;
  }>(
    sql`SELECT document_id || ' ' || id AS key, page, place, start, text FROM passages
        WHERE id IN (SELECT value FROM json_each(${ids}))`,
  );
  const byKey = new Map(rows.map((row) => [row.key, row]));
  return sources.map((source) => {
    const row = byKey.get(`${source.documentId} ${source.passageId}`);
    // What stood in the prompt may be a part of the passage.
    const within = row?.text.indexOf(source.text) ?? -1;
    if (row === undefined || within < 0) return source;
    const start = row.start + within;
    if (start === source.start) return source;
    return {
      ...source,
      page: row.page,
      ...(row.place !== null && { place: JSON.parse(row.place) as Place }),
      start,
      end: start + source.text.length,
    };
  });
}
