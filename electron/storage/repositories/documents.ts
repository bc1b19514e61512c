import type {
  Block,
  Collection,
  DocumentFormat,
  DocumentPage,
  DocumentState,
  ErrorShape,
  Heading,
  PageSpan,
  Place,
} from '../../ipc/contract/index.ts';
import type { Writer } from '../sql.ts';
import { sql } from '../sql.ts';
import { appendContent, clearSome, finishContent, replaceSteps } from './document-content.ts';
import type { FileFacts, NewContent, NewPage, Touched } from './document-content.ts';
import { mergeIndex } from './passage-rows.ts';
import type { NewPassage } from './passage-rows.ts';

export type { FileFacts, NewContent, NewPage, Touched } from './document-content.ts';
export type { NewPassage } from './passage-rows.ts';

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

/** A document that is to be read. */
export type WaitingDocument = Pick<
  StoredDocument,
  'id' | 'collectionId' | 'name' | 'path' | 'format' | 'bytes' | 'modifiedAt'
> & { readonly at: number };

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
  addWaiting(document: WaitingDocument): void;
  /** As `addWaiting`, all in one transaction. */
  addAllWaiting(documents: readonly WaitingDocument[]): void;
  setState(id: string, state: DocumentState, error: ErrorShape | null): boolean;
  /** Notes that the file was touched but holds what was read before. */
  setModified(id: string, modifiedAt: number): void;
  /**
   * All of the new content instead of all of the old, or nothing; only rows that differ are written. Null if
   * the document is gone.
   */
  replaceContent(
    id: string,
    file: FileFacts,
    pages: readonly NewPage[],
    passages: readonly NewPassage[],
  ): Touched | null;
  /** As `replaceContent`, in as many transactions as turns; one where few passages come and go. */
  replaceInTurns(
    id: string,
    content: NewContent,
    rowsPerTurn: number,
  ): Generator<undefined, Touched | null>;
  /** Deletes pages and passages; the row stays. */
  clearContent(id: string): void;
  /** As `clearContent`, at most so many passages at a time. True while there are more. */
  clearSome(id: string, rows: number): boolean;
  /**
   * Merges about `pages` pages of the parts of the full-text index, where enough of them have come up: work that is
   * due after each part of a document that was written. Returns whether there may be more.
   */
  mergeSome(pages: number): boolean;
  /** To be waited for after each part that was written, or so much of one: see `Writer.written`. */
  written(parts: number): Promise<void>;
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

  /** Passages of one document from `ordinal - before` to `ordinal + after`, in order. */
  neighbours(documentId: string, ordinal: number, before: number, after: number): NewPassage[];
  passageOrdinal(documentId: string, passageId: string): number | undefined;
}

const collectionColumns = sql`c.id, c.name, c.folder, c.created_at AS createdAt,
  (SELECT COUNT(*) FROM documents d WHERE d.collection_id = c.id) AS documentCount,
  (SELECT COUNT(*) FROM documents d WHERE d.collection_id = c.id AND d.state = 'failed') AS failedCount,
  (SELECT COUNT(*) FROM documents d WHERE d.collection_id = c.id AND d.state = 'stopped') AS stoppedCount`;

const documentColumns = sql`id, collection_id AS collectionId, name, path, format, bytes,
  modified_at AS modifiedAt, sha256, state, error, pages, characters, passages, added_at AS addedAt,
  read_at AS readAt`;

export function documentsRepository(db: Writer): DocumentsRepository {
  const one = (row: DocumentRow | undefined): StoredDocument | undefined =>
    row === undefined ? undefined : toDocument(row);
  /** What was never read is read again after a power cut; of what was read before the copy that was replaced is gone. */
  const writes = (id: string): Writer['transaction'] =>
    db.get(sql`SELECT 1 AS found FROM documents WHERE id = ${id} AND sha256 = ''`) === undefined
      ? (work) => db.transaction(work)
      : (work) => db.loose(work);

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
    addWaiting: (document) => addWaiting(db, document),
    addAllWaiting: (all) => {
      if (all.length > 0) db.transaction(() => all.forEach((each) => addWaiting(db, each)));
    },
    setState: (id, state, error) => {
      const set = (): boolean =>
        db.run(sql`UPDATE documents SET state = ${state},
          error = ${error === null ? null : JSON.stringify(error)} WHERE id = ${id}`) > 0;
      return state === 'reading' ? db.loose(set) : set();
    },
    setModified: (id, modifiedAt) => {
      db.run(sql`UPDATE documents SET modified_at = ${modifiedAt} WHERE id = ${id}`);
    },
    replaceContent: (id, file, pages, passages) =>
      db.transaction(() => {
        const steps = replaceSteps(db, id, { file, pages, passages }, Infinity);
        for (;;) {
          const step = steps.next();
          if (step.done === true) return step.value;
        }
      }),
    *replaceInTurns(id, content, rowsPerTurn) {
      const steps = replaceSteps(db, id, content, rowsPerTurn);
      const write = writes(id);
      for (;;) {
        const step = write(() => steps.next());
        if (step.done === true) return step.value;
        yield;
      }
    },
    clearContent: (id) => {
      db.transaction(() => clearSome(db, id, 0x7fff_ffff));
    },
    clearSome: (id, rows) => db.transaction(() => clearSome(db, id, rows)),
    mergeSome: (pages) => mergeIndex(db, pages, 'many'),
    written: (parts) => db.written(parts),
    appendContent: (id, firstPage, pages, passages) =>
      db.loose(() => appendContent(db, id, firstPage, pages, passages)),
    finishContent: (id, file) => writes(id)(() => finishContent(db, id, file)),
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
  };
}

function addWaiting(db: Writer, document: WaitingDocument): void {
  db.run(sql`INSERT INTO documents
    (id, collection_id, name, path, format, bytes, modified_at, sha256, state, added_at)
    VALUES (${document.id}, ${document.collectionId}, ${document.name}, ${document.path},
      ${document.format}, ${document.bytes}, ${document.modifiedAt}, '', 'waiting', ${document.at})`);
}

interface PageRow extends Omit<DocumentPage, 'documentId' | 'spans' | 'headings' | 'blocks'> {
  readonly spans: string;
  readonly headings: string;
  readonly blocks: string;
}

/** A passage's row, its place still JSON. */
export type Placed<T extends { readonly place: Place | null }> = Omit<T, 'place'> & {
  readonly place: string | null;
};

export function withPlace<T extends { readonly place: string | null }>(
  row: T,
): Omit<T, 'place'> & { readonly place: Place | null } {
  return { ...row, place: row.place === null ? null : (JSON.parse(row.place) as Place) };
}

function toDocument(row: DocumentRow): StoredDocument {
  return { ...row, error: row.error === null ? null : (JSON.parse(row.error) as ErrorShape) };
}
