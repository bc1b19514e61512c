import type { DocumentScope } from '../../ipc/contract/index.ts';
import type { Reader } from '../sql.ts';
import { sql } from '../sql.ts';
import { searchedDocuments } from './passage-search.ts';
import type { SearchFilters } from './passage-search.ts';

/** A document whose file holds, byte by byte, what another one does. */
export interface SameFile {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly collectionId: string;
  readonly modifiedAt: number;
}

/** For each of some documents those with the same content within a scope and filters, itself among them. */
export function sameFiles(
  db: Reader,
  documentIds: readonly string[],
  scope: DocumentScope,
  filters: SearchFilters = {},
): ReadonlyMap<string, readonly SameFile[]> {
  // In this order, by these indexes: in a large collection SQLite else looks through all of its documents.
  const from = sql`json_each(${JSON.stringify(documentIds)}) n
    CROSS JOIN documents o ON o.id = n.value
    CROSS JOIN documents d INDEXED BY documents_by_sha256
      ON d.sha256 = o.sha256 AND d.format = o.format`;
  const rows = db.all<SameFile & { of: string }>(sql`SELECT o.id AS "of", d.id, d.name, d.path,
      d.collection_id AS collectionId, d.modified_at AS modifiedAt
    ${searchedDocuments(scope, filters, from)} AND o.sha256 <> ''`);
  const same = new Map<string, SameFile[]>();
  for (const { of, ...file } of rows) same.set(of, [...(same.get(of) ?? []), file]);
  return same;
}

/** Names and paths of documents; one that is gone is left out. */
export const namesOf = (
  db: Reader,
  ids: readonly string[],
): ReadonlyMap<string, { readonly name: string; readonly path: string }> =>
  new Map(
    db
      .all<{ id: string; name: string; path: string }>(
        sql`SELECT id, name, path FROM documents
          WHERE id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`,
      )
      .map(({ id, name, path }) => [id, { name, path }]),
  );

/** The id of the passage that stands at the same place of another document, with the same words. */
export function twinOf(
  db: Reader,
  documentId: string,
  {
    ordinal,
    start,
    text,
  }: { readonly ordinal: number; readonly start: number; readonly text: string },
): string | undefined {
  return db.get<{ id: string }>(sql`SELECT id FROM passages WHERE document_id = ${documentId}
    AND ordinal = ${ordinal} AND start = ${start} AND text = ${text}`)?.id;
}
