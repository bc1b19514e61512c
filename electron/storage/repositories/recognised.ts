import type { Reader } from '../sql.ts';
import { sql } from '../sql.ts';

/** Pages of some documents whose text was recognised in a picture, by document. */
export function recognisedPages(
  db: Reader,
  documentIds: readonly string[],
): ReadonlyMap<string, ReadonlySet<number>> {
  const rows = db.all<{ id: string; page: number }>(sql`SELECT document_id AS id, page
    FROM document_pages INDEXED BY document_pages_recognised
    WHERE recognised = 1 AND document_id IN (SELECT value FROM json_each(${JSON.stringify(documentIds)}))`);
  const pages = new Map<string, Set<number>>();
  for (const { id, page } of rows) pages.set(id, (pages.get(id) ?? new Set()).add(page));
  return pages;
}
