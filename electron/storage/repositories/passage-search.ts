import type { DocumentFormat, DocumentScope } from '../../ipc/contract/index.ts';
import { sql } from '../sql.ts';
import type { Reader, Sql } from '../sql.ts';
import type { NewPassage, Placed } from './documents.ts';
import { withPlace } from './documents.ts';
import { ownerTerm } from './passage-rows.ts';
import { withinScope } from './scope.ts';

/** A passage that was found, as the feature's own ranking needs it. */
export interface FoundPassage extends NewPassage {
  readonly rowid: number;
  readonly documentId: string;
  readonly documentName: string;
  readonly collectionId: string;
}

/** Narrows a search. Values of one kind are alternatives, kinds add up. */
export interface SearchFilters {
  /** Parts of collections' names, any case. */
  readonly collections?: readonly string[];
  /** Parts of files' names or paths, any case. */
  readonly files?: readonly string[];
  readonly formats?: readonly DocumentFormat[];
  /** Milliseconds since 1970, of the file's last change: from `after` on, and before `before`. */
  readonly after?: number;
  readonly before?: number;
}

/** Where a search looks, as the index knows it: an expression on its column `owner`, and a condition on rows. */
export interface Within {
  readonly owner: string | null;
  readonly documents: readonly string[] | null;
  /** Of some rows those that lie within; null where all do. */
  readonly inside: ((rows: readonly number[]) => ReadonlySet<number>) | null;
}

const owned = (kind: 'c' | 'd', id: string): string => `"${ownerTerm(kind, id)}"`;

/** Documents that are looked for as terms of the index; more of them are checked row by row. */
const mostOwners = 256;

/** Resolves a scope and filters; null when no document can be in it. */
export function searchWithin(
  db: Reader,
  scope: DocumentScope,
  filters: SearchFilters = {},
): Within | null {
  if (scope.kind === 'none') return null;
  if (Object.keys(filters).length === 0) {
    if (scope.kind === 'all') return { owner: null, documents: null, inside: null };
    const owners = ownersOf(scope);
    if (owners.length === 0) return null;
    const inside = (rows: readonly number[]): Set<number> =>
      rowsWhere(db, rows, withinScope(scope, sql`d`));
    if (owners.length <= mostOwners) return { owner: owners.join(' OR '), documents: null, inside };
  }
  const ids = documentsMatching(db, scope, filters);
  if (ids.length === 0) return null;
  const among = sql`d.id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`;
  const inside = (rows: readonly number[]): Set<number> => rowsWhere(db, rows, among);
  return ids.length <= mostOwners
    ? { owner: ids.map((id) => owned('d', id)).join(' OR '), documents: null, inside }
    : { owner: null, documents: ids, inside };
}

/** Those of some rows whose document meets a condition. */
const rowsWhere = (db: Reader, rows: readonly number[], condition: Sql): Set<number> =>
  new Set(
    db
      .all<{ rowid: number }>(
        sql`SELECT p.rowid FROM passages p JOIN documents d ON d.id = p.document_id
          WHERE p.rowid IN (SELECT value FROM json_each(${JSON.stringify(rows)})) AND ${condition}`,
      )
      .map(({ rowid }) => rowid),
  );

/** Documents with text that lie within a scope and match the filters. */
export const documentsMatching = (
  db: Reader,
  scope: DocumentScope,
  filters: SearchFilters,
): string[] =>
  db.all<{ id: string }>(sql`SELECT d.id ${searchedDocuments(scope, filters)}`).map(({ id }) => id);

/** How many those are. */
export const countMatching = (db: Reader, scope: DocumentScope, filters: SearchFilters): number =>
  db.get<{ count: number }>(sql`SELECT COUNT(*) AS count ${searchedDocuments(scope, filters)}`)
    ?.count ?? 0;

/** `d` are documents with text within a scope and filters. `from` may bring other tables along. */
export const searchedDocuments = (
  scope: DocumentScope,
  filters: SearchFilters,
  from: Sql = sql`documents d`,
): Sql =>
  sql`FROM ${from} JOIN collections c ON c.id = d.collection_id
    WHERE d.passages > 0 AND ${withinScope(scope, sql`d`)} AND ${matching(filters)}`;

function ownersOf(scope: Exclude<DocumentScope, { readonly kind: 'none' | 'all' }>): string[] {
  if (scope.kind === 'collection') return [owned('c', scope.collectionId)];
  if (scope.kind === 'document') return [owned('d', scope.documentId)];
  return [
    ...scope.collectionIds.map((id) => owned('c', id)),
    ...scope.documentIds.map((id) => owned('d', id)),
  ];
}

function matching({ collections, files, formats, after, before }: SearchFilters): Sql {
  const contains = (column: Sql, parts: readonly string[]): Sql =>
    sql`EXISTS (SELECT 1 FROM json_each(${JSON.stringify(parts)}) part
      WHERE instr(fold_text(${column}), fold_text(part.value)) > 0)`;
  let condition = sql`1`;
  if (collections !== undefined)
    condition = sql`${condition} AND ${contains(sql`c.name`, collections)}`;
  if (files !== undefined) condition = sql`${condition} AND ${contains(sql`d.path`, files)}`;
  if (formats !== undefined) {
    condition = sql`${condition} AND d.format IN (SELECT value FROM json_each(${JSON.stringify(formats)}))`;
  }
  if (after !== undefined) condition = sql`${condition} AND d.modified_at >= ${after}`;
  if (before !== undefined) condition = sql`${condition} AND d.modified_at < ${before}`;
  return condition;
}

/** How much more a word counts in the heading path than in the text. */
export const headingWeight = 1.5;

/** The rows of the best passages for an FTS5 expression on heading and body, best first. Texts are not looked at. */
export function bestRows(
  db: Reader,
  {
    all,
    not,
    within,
    limit,
  }: {
    readonly all: string;
    /** What must not stand in the passage. */
    readonly not?: string | null;
    readonly within: Within;
    readonly limit: number;
  },
): number[] {
  let expression = `({heading body} : (${all}))`;
  if (not !== undefined && not !== null) expression += ` NOT ({heading body} : (${not}))`;
  if (within.owner !== null) expression = `(${expression}) AND (owner : (${within.owner}))`;
  const inside =
    within.documents === null
      ? sql`1`
      : sql`(SELECT document_id FROM passages p WHERE p.rowid = passages_fts.rowid)
          IN (SELECT value FROM json_each(${JSON.stringify(within.documents)}))`;
  return db
    .all<{ rowid: number }>(
      sql`SELECT rowid, bm25(passages_fts, ${headingWeight}, 1.0, 0.0) AS worth FROM passages_fts
        WHERE passages_fts MATCH ${expression} AND ${inside} ORDER BY worth, rowid LIMIT ${limit}`,
    )
    .map(({ rowid }) => rowid);
}

/** Those of some rows that hold what an FTS5 expression names. */
export const rowsHolding = (db: Reader, rows: readonly number[], expression: string): Set<number> =>
  new Set(
    db
      .all<{ rowid: number }>(
        sql`SELECT rowid FROM passages_fts WHERE passages_fts MATCH ${`{heading body} : (${expression})`}
          AND rowid IN (SELECT value FROM json_each(${JSON.stringify(rows)}))`,
      )
      .map(({ rowid }) => rowid),
  );

/**
 * What the index holds of some passages: stems parted by spaces. In no order. Read from FTS5's own table of it
 * (sqlite.org/fts5.html, "Content Table"), which takes half the time of asking FTS5 for row after row.
 */
export const indexedTerms = (
  db: Reader,
  rows: readonly number[],
): { readonly rowid: number; readonly heading: string; readonly body: string }[] =>
  db.all(sql`SELECT id AS rowid, c0 AS heading, c1 AS body FROM passages_fts_content
    WHERE id IN (SELECT value FROM json_each(${JSON.stringify(rows)}))`);

/** The passages themselves, in no order. */
export const passagesOf = (db: Reader, rows: readonly number[]): FoundPassage[] =>
  db
    .all<Placed<FoundPassage>>(
      sql`SELECT p.rowid, p.id, p.ordinal, p.page, p.heading, p.place, p.lead, p.start, p."end", p.text,
        p.document_id AS documentId, d.name AS documentName, d.collection_id AS collectionId
      FROM passages p JOIN documents d ON d.id = p.document_id
      WHERE p.rowid IN (SELECT value FROM json_each(${JSON.stringify(rows)}))`,
    )
    .map(withPlace);

/** The words of passages alone, in no order. */
export const textsOf = (
  db: Reader,
  rows: readonly number[],
): { readonly rowid: number; readonly text: string; readonly lead: string }[] =>
  rows.length === 0
    ? []
    : db.all(sql`SELECT rowid, text, lead FROM passages
        WHERE rowid IN (SELECT value FROM json_each(${JSON.stringify(rows)}))`);

/** Texts of passages from all over a library, none of a library of fewer passages than `least`. */
export function samplePassages(db: Reader, most: number, least: number): string[] {
  const { passages } = indexTotals(db);
  if (passages < least) return [];
  const last = db.get<{ last: number }>(sql`SELECT MAX(rowid) AS last FROM passages`)?.last ?? 0;
  return Array.from({ length: most }, (_, at) => Math.floor((last * at) / most)).flatMap(
    (from) =>
      db.get<{ text: string }>(
        sql`SELECT text FROM passages WHERE rowid > ${from} ORDER BY rowid LIMIT 1`,
      )?.text ?? [],
  );
}

/** In how many passages a stem stands, and how often in all. */
export interface TermCount {
  readonly passages: number;
  readonly times: number;
}

/** Of stems that stand nowhere nothing is given. */
export const termCounts = (db: Reader, stems: readonly string[]): Map<string, TermCount> =>
  new Map(
    db
      .all<{ term: string; doc: number; cnt: number }>(
        sql`SELECT term, doc, cnt FROM passages_terms
          WHERE term IN (SELECT value FROM json_each(${JSON.stringify(stems)}))`,
      )
      .map(({ term, doc, cnt }) => [term, { passages: doc, times: cnt }]),
  );

/** Stems of the index that begin so, the commonest first. */
export const stemsFrom = (db: Reader, start: string, most: number): string[] =>
  db
    .all<{ term: string }>(
      sql`SELECT term FROM (SELECT term, doc FROM passages_terms
          WHERE term >= ${start} AND term < ${`${start}\u{10FFFF}`} LIMIT 2000)
        ORDER BY doc DESC, term LIMIT ${most}`,
    )
    .map(({ term }) => term);

/** Passages in the index, and the stems of all of them. */
export interface IndexTotals {
  readonly passages: number;
  readonly terms: number;
  /** Another one after everything that is written into the index. */
  readonly version: string;
}

/**
 * Read from FTS5's own averages record (its row 1: the number of rows, then the tokens of each column, as varints;
 * sqlite.org/fts5.html, "Data Format"), because counting would read the whole index; the version is its structure
 * record (row 10), which names the parts of the index and counts what was written.
 */
export function indexTotals(db: Reader): IndexTotals {
  const records = new Map(
    db
      .all<{ id: number; block: Uint8Array }>(
        sql`SELECT id, block FROM passages_fts_data WHERE id IN (1, 10)`,
      )
      .map(({ id, block }) => [id, block]),
  );
  const version = Buffer.from(records.get(10) ?? []).toString('latin1');
  const block = records.get(1);
  if (block === undefined) return { passages: 0, terms: 0, version };
  const numbers: number[] = [];
  let value = 0;
  let bytes = 0;
  for (const byte of block) {
    bytes += 1;
    value = bytes === 9 ? value * 256 + byte : value * 128 + (byte & 0x7f);
    if (byte < 0x80 || bytes === 9) {
      numbers.push(value);
      value = 0;
      bytes = 0;
    }
  }
  const [passages = 0, heading = 0, body = 0] = numbers;
  return { passages, terms: heading + body, version };
}
