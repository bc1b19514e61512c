import type {
  Block,
  Collection,
  DocumentFormat,
  DocumentPage,
  DocumentScope,
  DocumentState,
  ErrorShape,
  Heading,
  PageSpan,
  PartKind,
  Place,
} from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';
import { withinScope } from './scope.ts';

/** A document's row, as the feature works with it. */
export interface StoredDocument {
  readonly id: string;
  readonly collectionId: string;
  readonly name: string;
  readonly path: string;
  readonly format: DocumentFormat;
  readonly bytes: number;
  readonly modifiedAt: number;
  /** Empty until the file was read once. */
  readonly sha256: string;
  readonly state: DocumentState;
  readonly error: ErrorShape | null;
  readonly pages: number;
  readonly characters: number;
  readonly passages: number;
  readonly addedAt: number;
  /** When what is kept was read. */
  readonly readAt: number | null;
}

export interface NewPage {
  readonly start: number;
  readonly text: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly spans: readonly PageSpan[];
  readonly headings: readonly Heading[];
  readonly kind: PartKind;
  readonly title: string | null;
  readonly blocks: readonly Block[];
}

export interface NewPassage {
  readonly id: string;
  readonly ordinal: number;
  readonly page: number | null;
  readonly heading: string | null;
  /** Null for what was read before places were kept. */
  readonly place: Place | null;
  /** What belongs before the text and stands elsewhere: the header of a table that was cut. '' for none. */
  readonly lead: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The file that was read. */
export interface FileFacts {
  readonly sha256: string;
  readonly bytes: number;
  readonly modifiedAt: number;
}

/** A passage that matched, before the feature's own ranking. `rank`: bm25, higher is better. */
export interface PassageMatch extends NewPassage {
  readonly rowid: number;
  readonly documentId: string;
  readonly documentName: string;
  readonly collectionId: string;
  readonly rank: number;
  /** Text and heading with `mark.open` and `mark.close` around what matched. */
  readonly markedText: string;
  readonly markedHeading: string | null;
}

/** Control characters that extraction removes from every text, so they can only be marks. */
export const mark = { open: '\u0002', close: '\u0003' } as const;

/** How much more a word counts in the heading path than in the text. */
const headingWeight = 1.5;

interface DocumentRow extends Omit<StoredDocument, 'error'> {
  readonly error: string | null;
}

export interface DocumentsRepository {
  collections(): Collection[];
  collection(id: string): Collection | undefined;
  collectionOfFolder(folder: string): Collection | undefined;
  /** The collection without a folder that already holds all these files. */
  collectionOfFiles(paths: readonly string[]): Collection | undefined;
  addCollection(collection: { id: string; name: string; folder: string | null; at: number }): void;
  renameCollection(id: string, name: string): boolean;
  removeCollection(id: string): boolean;

  list(collectionId?: string): StoredDocument[];
  get(id: string): StoredDocument | undefined;
  byPath(collectionId: string, path: string): StoredDocument | undefined;
  /** Documents that a crash or a full stop left in the middle. */
  unfinished(): StoredDocument[];
  addWaiting(document: {
    readonly id: string;
    readonly collectionId: string;
    readonly name: string;
    readonly path: string;
    readonly format: DocumentFormat;
    readonly bytes: number;
    readonly modifiedAt: number;
    readonly at: number;
  }): void;
  setState(id: string, state: DocumentState, error: ErrorShape | null): boolean;
  /** Notes that the file was touched but holds what was read before. */
  setModified(id: string, modifiedAt: number): void;
  /** All of the new content instead of all of the old, or nothing. False if the document is gone. */
  replaceContent(
    id: string,
    file: FileFacts,
    pages: readonly NewPage[],
    passages: readonly NewPassage[],
  ): boolean;
  /** Deletes pages and passages; the row stays. */
  clearContent(id: string): void;
  /** Adds a part of the content, pages from number `firstPage` on. False if the document is gone. */
  appendContent(
    id: string,
    firstPage: number,
    pages: readonly NewPage[],
    passages: readonly NewPassage[],
  ): boolean;
  /** Makes the content that was appended count: the document is ready. False if it is gone. */
  finishContent(id: string, file: FileFacts): boolean;
  remove(id: string): boolean;
  /** Whether any document was read from this content. */
  usesContent(sha256: string, format: DocumentFormat): boolean;

  page(documentId: string, page: number): DocumentPage | undefined;
  pageStarts(documentId: string): number[];
  /** Conversations with an answer that cites the document. */
  citedIn(documentId: string): number;

  /** Best `limit` passages for an FTS5 expression. */
  match(expression: string, scope: DocumentScope, limit: number): PassageMatch[];
  /** Passages of one document from `ordinal - before` to `ordinal + after`, in order. */
  neighbours(documentId: string, ordinal: number, before: number, after: number): NewPassage[];
  passageOrdinal(documentId: string, passageId: string): number | undefined;
  /** Documents within the scope that can be searched. */
  searchable(scope: DocumentScope): number;
}

const collectionColumns = sql`c.id, c.name, c.folder, c.created_at AS createdAt,
  (SELECT COUNT(*) FROM documents d WHERE d.collection_id = c.id) AS documentCount,
  (SELECT COUNT(*) FROM documents d WHERE d.collection_id = c.id AND d.state = 'failed') AS failedCount`;

const documentColumns = sql`id, collection_id AS collectionId, name, path, format, bytes,
  modified_at AS modifiedAt, sha256, state, error, pages, characters, passages, added_at AS addedAt,
  read_at AS readAt`;

export function documentsRepository(db: Writer): DocumentsRepository {
  const one = (row: DocumentRow | undefined): StoredDocument | undefined =>
    row === undefined ? undefined : toDocument(row);
  return {
    collections: () =>
      db.all<Collection>(
        sql`SELECT ${collectionColumns} FROM collections c ORDER BY c.created_at, c.id`,
      ),
    collection: (id) =>
      db.get<Collection>(sql`SELECT ${collectionColumns} FROM collections c WHERE c.id = ${id}`),
    collectionOfFolder: (folder) =>
      db.get<Collection>(
        sql`SELECT ${collectionColumns} FROM collections c WHERE c.folder = ${folder} ORDER BY c.created_at LIMIT 1`,
      ),
    collectionOfFiles: (paths) =>
      db.get<Collection>(sql`SELECT ${collectionColumns} FROM collections c WHERE c.folder IS NULL
        AND (SELECT COUNT(*) FROM documents d WHERE d.collection_id = c.id
          AND d.path IN (SELECT value FROM json_each(${JSON.stringify(paths)}))) = ${new Set(paths).size}
        ORDER BY c.created_at LIMIT 1`),
    addCollection: ({ id, name, folder, at }) => {
      db.run(sql`INSERT INTO collections (id, name, folder, created_at)
        VALUES (${id}, ${name}, ${folder}, ${at})`);
    },
    renameCollection: (id, name) =>
      db.run(sql`UPDATE collections SET name = ${name} WHERE id = ${id}`) > 0,
    removeCollection: (id) => db.run(sql`DELETE FROM collections WHERE id = ${id}`) > 0,

    list: (collectionId) =>
      db
        .all<DocumentRow>(
          collectionId === undefined
            ? sql`SELECT ${documentColumns} FROM documents ORDER BY path, id`
            : sql`SELECT ${documentColumns} FROM documents WHERE collection_id = ${collectionId} ORDER BY path`,
        )
        .map(toDocument),
    get: (id) =>
      one(db.get<DocumentRow>(sql`SELECT ${documentColumns} FROM documents WHERE id = ${id}`)),
    byPath: (collectionId, path) =>
      one(
        db.get<DocumentRow>(sql`SELECT ${documentColumns} FROM documents
          WHERE collection_id = ${collectionId} AND path = ${path}`),
      ),
    unfinished: () =>
      db
        .all<DocumentRow>(
          sql`SELECT ${documentColumns} FROM documents WHERE state IN ('waiting', 'reading') ORDER BY path`,
        )
        .map(toDocument),
    addWaiting: (document) => {
      db.run(sql`INSERT INTO documents
        (id, collection_id, name, path, format, bytes, modified_at, sha256, state, added_at)
        VALUES (${document.id}, ${document.collectionId}, ${document.name}, ${document.path},
          ${document.format}, ${document.bytes}, ${document.modifiedAt}, '', 'waiting', ${document.at})`);
    },
    setState: (id, state, error) =>
      db.run(sql`UPDATE documents SET state = ${state},
        error = ${error === null ? null : JSON.stringify(error)} WHERE id = ${id}`) > 0,
    setModified: (id, modifiedAt) => {
      db.run(sql`UPDATE documents SET modified_at = ${modifiedAt} WHERE id = ${id}`);
    },
    replaceContent: (id, file, pages, passages) =>
      db.transaction(() => {
        clearContent(db, id);
        return appendContent(db, id, 1, pages, passages) && finishContent(db, id, file);
      }),
    clearContent: (id) => db.transaction(() => clearContent(db, id)),
    appendContent: (id, firstPage, pages, passages) =>
      db.transaction(() => appendContent(db, id, firstPage, pages, passages)),
    finishContent: (id, file) => db.transaction(() => finishContent(db, id, file)),
    remove: (id) => db.run(sql`DELETE FROM documents WHERE id = ${id}`) > 0,
    usesContent: (sha256, format) =>
      db.get(sql`SELECT 1 AS found FROM documents
        WHERE sha256 = ${sha256} AND format = ${format} LIMIT 1`) !== undefined,

    page: (documentId, page) => {
      const row = db.get<PageRow>(sql`SELECT page, start, text, width, height, spans, headings,
          kind, title, blocks FROM document_pages WHERE document_id = ${documentId} AND page = ${page}`);
      return row === undefined
        ? undefined
        : {
            ...row,
            documentId,
            spans: JSON.parse(row.spans) as PageSpan[],
            headings: JSON.parse(row.headings) as Heading[],
            blocks: JSON.parse(row.blocks) as Block[],
          };
    },
    pageStarts: (documentId) =>
      db
        .all<{ start: number }>(
          sql`SELECT start FROM document_pages WHERE document_id = ${documentId} ORDER BY page`,
        )
        .map((row) => row.start),
    citedIn: (documentId) =>
      db.get<{ count: number }>(sql`SELECT COUNT(DISTINCT m.conversation_id) AS count
        FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE c.removed_at IS NULL AND instr(m.claims, ${documentId}) > 0
          AND EXISTS (SELECT 1 FROM json_each(m.claims)
            WHERE json_extract(value, '$.citation.documentId') = ${documentId})`)?.count ?? 0,

    match: (expression, scope, limit) => findMatches(db, expression, scope, limit),
    neighbours: (documentId, ordinal, before, after) =>
      db
        .all<Placed<NewPassage>>(
          sql`SELECT id, ordinal, page, heading, place, lead, start, "end", text FROM passages
        WHERE document_id = ${documentId}
          AND ordinal BETWEEN ${ordinal - before} AND ${ordinal + after} ORDER BY ordinal`,
        )
        .map(withPlace),
    passageOrdinal: (documentId, passageId) =>
      db.get<{ ordinal: number }>(sql`SELECT ordinal FROM passages
        WHERE document_id = ${documentId} AND id = ${passageId}`)?.ordinal,
    searchable: (scope) =>
      scope.kind === 'none'
        ? 0
        : (db.get<{ count: number }>(sql`SELECT COUNT(*) AS count FROM documents d
            WHERE d.passages > 0 AND ${withinScope(scope, sql`d`)}`)?.count ?? 0),
  };
}

function clearContent(db: Writer, id: string): void {
  db.run(sql`DELETE FROM passages WHERE document_id = ${id}`);
  db.run(sql`DELETE FROM document_pages WHERE document_id = ${id}`);
}

function appendContent(
  db: Writer,
  id: string,
  firstPage: number,
  pages: readonly NewPage[],
  passages: readonly NewPassage[],
): boolean {
  if (db.get(sql`SELECT 1 AS found FROM documents WHERE id = ${id}`) === undefined) return false;
  pages.forEach((page, index) => {
    db.run(sql`INSERT INTO document_pages
      (document_id, page, start, text, width, height, spans, headings, kind, title, blocks)
      VALUES (${id}, ${firstPage + index}, ${page.start}, ${page.text}, ${page.width},
        ${page.height}, ${JSON.stringify(page.spans)}, ${JSON.stringify(page.headings)},
        ${page.kind}, ${page.title}, ${JSON.stringify(page.blocks)})`);
  });
  for (const each of passages) {
    db.run(sql`INSERT INTO passages
        (id, document_id, ordinal, page, heading, place, lead, start, "end", text)
      VALUES (${each.id}, ${id}, ${each.ordinal}, ${each.page}, ${each.heading},
        ${each.place === null ? null : JSON.stringify(each.place)}, ${each.lead}, ${each.start},
        ${each.end}, ${each.text})`);
  }
  return true;
}

/** Offsets count UTF-16 units, SQLite's length() characters: the text's length is taken here. */
function finishContent(db: Writer, id: string, file: FileFacts): boolean {
  const last = db.get<{ start: number; text: string }>(
    sql`SELECT start, text FROM document_pages WHERE document_id = ${id} ORDER BY page DESC LIMIT 1`,
  );
  const characters = last === undefined ? 0 : last.start + last.text.length;
  return (
    db.run(sql`UPDATE documents SET state = 'ready', error = NULL, sha256 = ${file.sha256},
      bytes = ${file.bytes}, modified_at = ${file.modifiedAt}, characters = ${characters},
      pages = (SELECT COUNT(*) FROM document_pages WHERE document_id = ${id}),
      passages = (SELECT COUNT(*) FROM passages WHERE document_id = ${id}) WHERE id = ${id}`) > 0
  );
}

interface PageRow extends Omit<DocumentPage, 'documentId' | 'spans' | 'headings' | 'blocks'> {
  readonly spans: string;
  readonly headings: string;
  readonly blocks: string;
}

/** A passage's row, its place still JSON. */
type Placed<T extends { readonly place: Place | null }> = Omit<T, 'place'> & {
  readonly place: string | null;
};

function withPlace<T extends { readonly place: string | null }>(
  row: T,
): Omit<T, 'place'> & { readonly place: Place | null } {
  return { ...row, place: row.place === null ? null : (JSON.parse(row.place) as Place) };
}

function toDocument(row: DocumentRow): StoredDocument {
  return { ...row, error: row.error === null ? null : (JSON.parse(row.error) as ErrorShape) };
}

/**
 * Ranks first and looks at texts after: only the best rows are joined and marked, because marking
 * reads and tokenises the text again.
 */
function findMatches(
  db: Reader,
  expression: string,
  scope: DocumentScope,
  limit: number,
): PassageMatch[] {
  if (scope.kind === 'none') return [];
  const best =
    scope.kind === 'all'
      ? sql`SELECT rowid, bm25(passages_fts, ${headingWeight}, 1.0) AS rank FROM passages_fts
          WHERE passages_fts MATCH ${expression} ORDER BY rank LIMIT ${limit}`
      : sql`SELECT f.rowid, bm25(passages_fts, ${headingWeight}, 1.0) AS rank FROM passages_fts f
          JOIN passages p ON p.rowid = f.rowid JOIN documents d ON d.id = p.document_id
          WHERE passages_fts MATCH ${expression} AND ${withinScope(scope, sql`d`)}
          ORDER BY rank LIMIT ${limit}`;
  const ranked = db.all<{ rowid: number; rank: number }>(best);
  if (ranked.length === 0) return [];
  const rows = db.all<
    Placed<Omit<PassageMatch, 'rank'>>
  >(sql`SELECT p.rowid, p.id, p.ordinal, p.page, p.heading, p.place, p.lead,
      p.start, p."end", p.text, p.document_id AS documentId, d.name AS documentName,
      d.collection_id AS collectionId,
      highlight(passages_fts, 1, ${mark.open}, ${mark.close}) AS markedText,
      highlight(passages_fts, 0, ${mark.open}, ${mark.close}) AS markedHeading
    FROM passages_fts f JOIN passages p ON p.rowid = f.rowid JOIN documents d ON d.id = p.document_id
    WHERE passages_fts MATCH ${expression}
      AND f.rowid IN (SELECT value FROM json_each(${JSON.stringify(ranked.map((each) => each.rowid))}))`);
  const byRow = new Map(rows.map((row) => [row.rowid, withPlace(row)]));
  return ranked.flatMap(({ rowid, rank }) => {
    const row = byRow.get(rowid);
    return row === undefined ? [] : [{ ...row, rank: -rank }];
  });
}
