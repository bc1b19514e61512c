import type { DocumentScope } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';
import { recognisedPages } from './recognised.ts';
import { withinScope } from './scope.ts';

/** A document with all of its extracted text. */
export interface WholeText {
  readonly documentId: string;
  readonly name: string;
  readonly sha256: string;
  readonly text: string;
}

/** A passage as an answer's check needs it. */
export interface PlacedPassage {
  readonly passageId: string;
  readonly documentId: string;
  readonly documentName: string;
  readonly page: number | null;
  readonly heading: string | null;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Recognised in a picture. */
  readonly isRecognised?: true;
}

/** Length of a scope's texts, without reading them. */
export interface WholeSize {
  readonly documents: number;
  /** Not read yet, or not readable. */
  readonly missing: number;
  /** UTF-16 units. */
  readonly characters: number;
}

export function wholeSize(db: Reader, scope: DocumentScope): WholeSize {
  const row = db.get<{ documents: number; missing: number; characters: number }>(
    sql`SELECT COALESCE(SUM(d.passages > 0), 0) AS documents,
          COALESCE(SUM(d.passages = 0), 0) AS missing, COALESCE(SUM(d.characters), 0) AS characters
        FROM documents d WHERE ${withinScope(scope, sql`d`)}`,
  );
  return row ?? { documents: 0, missing: 0, characters: 0 };
}

/** In the order in which they were added, so that what is added later stands behind what was read. */
export function wholeTexts(db: Reader, scope: DocumentScope): WholeText[] {
  const found = db.all<Omit<WholeText, 'text'>>(
    sql`SELECT d.id AS documentId, d.name, d.sha256 FROM documents d
        WHERE d.passages > 0 AND ${withinScope(scope, sql`d`)} ORDER BY d.added_at, d.id`,
  );
  return found.map((document) => ({
    ...document,
    text: db
      .all<{ text: string }>(
        sql`SELECT text FROM document_pages WHERE document_id = ${document.documentId} ORDER BY page`,
      )
      .map(({ text }) => text)
      .join('\n'),
  }));
}

/** Every passage of the documents, in reading order. */
export function passagesOf(db: Reader, documentIds: readonly string[]): PlacedPassage[] {
  const recognised = recognisedPages(db, documentIds);
  const isRecognised = ({ documentId, page }: PlacedPassage): boolean =>
    page !== null && recognised.get(documentId)?.has(page) === true;
  const found = documentIds.flatMap((documentId) =>
    db.all<PlacedPassage>(
      sql`SELECT p.id AS passageId, p.document_id AS documentId, d.name AS documentName, p.page,
            p.heading, p.text, p.start, p."end"
          FROM passages p JOIN documents d ON d.id = p.document_id
          WHERE p.document_id = ${documentId} ORDER BY p.ordinal`,
    ),
  );
  if (recognised.size === 0) return found;
  return found.map((one) => (isRecognised(one) ? { ...one, isRecognised: true } : one));
}

/** Notes that a conversation's states hold a set. */
export function useDocumentSet(
  db: Writer,
  set: { readonly id: string; readonly contents: readonly string[] },
  conversationId: string,
  at: number,
): void {
  db.transaction(() => {
    db.run(sql`INSERT OR IGNORE INTO document_sets (id, created_at) VALUES (${set.id}, ${at})`);
    for (const sha256 of set.contents) {
      db.run(sql`INSERT OR IGNORE INTO document_set_contents (set_id, sha256)
        VALUES (${set.id}, ${sha256})`);
    }
    db.run(sql`INSERT OR IGNORE INTO document_set_uses (set_id, conversation_id)
      SELECT ${set.id}, id FROM conversations WHERE id = ${conversationId}`);
  });
}

interface SetRead {
  readonly setId: string;
  readonly modelId: string;
  /** Hash of the instructions. */
  readonly instructions: string;
}

/** Notes that a model has read a set to its end; nothing where the set has ended meanwhile. */
export function noteSetRead(
  db: Writer,
  { setId, modelId, instructions }: SetRead,
  at: number,
): void {
  db.run(sql`INSERT OR REPLACE INTO document_set_reads (set_id, model_id, instructions, read_at)
    SELECT id, ${modelId}, ${instructions}, ${at} FROM document_sets WHERE id = ${setId}`);
}

/** Whether the model has ever read the set behind these instructions. */
export function isSetRead(db: Reader, { setId, modelId, instructions }: SetRead): boolean {
  const row = db.get(sql`SELECT 1 AS found FROM document_set_reads
    WHERE set_id = ${setId} AND model_id = ${modelId} AND instructions = ${instructions}`);
  return row !== undefined;
}

export function isDocumentSet(db: Reader, id: string): boolean {
  return db.get(sql`SELECT 1 AS found FROM document_sets WHERE id = ${id}`) !== undefined;
}

/**
 * Removes the sets of which a content is no longer among the documents.
 * @returns them, with the conversations whose states hold their texts
 */
export function endDocumentSets(
  db: Writer,
): { readonly id: string; readonly conversationIds: readonly string[] }[] {
  return db.transaction(() => {
    const ended = db.all<{ id: string }>(sql`SELECT DISTINCT c.set_id AS id
      FROM document_set_contents c
      WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.sha256 = c.sha256)`);
    return ended.map(({ id }) => {
      const uses = db.all<{ id: string }>(
        sql`SELECT conversation_id AS id FROM document_set_uses WHERE set_id = ${id}`,
      );
      db.run(sql`DELETE FROM document_sets WHERE id = ${id}`);
      return { id, conversationIds: uses.map((use) => use.id) };
    });
  });
}
