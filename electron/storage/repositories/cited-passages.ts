import type { DocumentScope, Place, Source } from '../../ipc/contract/index.ts';
import type { Reader, Sql } from '../sql.ts';
import { sql } from '../sql.ts';
import { withinScope } from './scope.ts';

/** What names a passage. */
export type PassageName = Pick<Source, 'documentId' | 'passageId'>;

/** The passages `p` of these names that are there; one that is named twice comes twice. */
export const passagesNamed = (names: readonly PassageName[]): Sql =>
  sql`json_each(${JSON.stringify(names.map(({ documentId, passageId }) => [documentId, passageId]))}) n
    CROSS JOIN passages p ON p.document_id = n.value ->> 0 AND p.id = n.value ->> 1`;

/** How many of the given passages can still be found within a scope: 0 for a scope of nothing. */
export function passagesWithin(
  db: Reader,
  scope: DocumentScope,
  names: readonly PassageName[],
): number {
  if (scope.kind === 'none' || names.length === 0) return 0;
  const row = db.get<{ count: number }>(
    sql`SELECT count(DISTINCT p.id) AS count
        FROM ${passagesNamed(names)} JOIN documents d ON d.id = p.document_id
        WHERE ${withinScope(scope, sql`d`)}`,
  );
  return row?.count ?? 0;
}

/**
 * Sources as their documents have them now: a passage keeps its id when its file changes elsewhere, and
 * stands in another place then. One that is gone stays as it was.
 */
export function sourcesNow(db: Reader, sources: readonly Source[]): Source[] {
  const rows = db.all<{
    key: string;
    page: number | null;
    place: string | null;
    start: number;
    text: string;
  }>(
    sql`SELECT p.document_id || ' ' || p.id AS key, p.page, p.place, p.start, p.text
        FROM ${passagesNamed(sources)}`,
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
