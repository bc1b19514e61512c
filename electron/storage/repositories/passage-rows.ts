import type { Place } from '../../ipc/contract/index.ts';
import type { SqlValue, Writer } from '../sql.ts';
import { sql } from '../sql.ts';
import { indexTexts } from '../terms/indexed.ts';
import type { IndexTexts } from '../terms/indexed.ts';

export interface NewPassage {
  /** Made from the document and the text: two passages of one document with the same id have the same text. */
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
  /** What the full-text index holds of it, where another thread has made it already. */
  readonly index?: IndexTexts;
}

/** What the full-text index holds of a passage. */
export const indexTextsOf = ({ heading, lead, text }: Omit<NewPassage, 'place'>): IndexTexts =>
  indexTexts(heading, lead, text);

export const placeText = (place: Place | null): string | null =>
  place === null ? null : JSON.stringify(place);

/** Rows of one statement, most first: any number of rows takes few statements, and few texts are prepared. */
const rowsAtOnce = [128, 32, 8, 1] as const;

const statementsFor = (into: string, columns: number): ReadonlyMap<number, string> => {
  const row = `(${Array<string>(columns).fill('?').join(', ')})`;
  return new Map(
    rowsAtOnce.map((rows) => [
      rows,
      `INSERT INTO ${into} VALUES ${Array<string>(rows).fill(row).join(', ')}`,
    ]),
  );
};
const intoIndex = statementsFor('passages_fts (rowid, heading, body, owner)', 4);
const intoPassages = statementsFor(
  'passages (rowid, id, document_id, ordinal, page, heading, place, lead, start, "end", text)',
  11,
);

/**
 * Adds passages of a document that is there: their rows of the full-text index, then their own. Many rows in each
 * statement, because at the beginning of one that has triggers FTS5 writes all that it holds in memory as one more
 * part of the index: row by row every passage would become a part, to be merged with others.
 */
export function insertPassages(
  db: Writer,
  documentId: string,
  passages: readonly NewPassage[],
): void {
  const collection = db.get<{ id: string }>(
    sql`SELECT collection_id AS id FROM documents WHERE id = ${documentId}`,
  );
  if (passages.length === 0 || collection === undefined) return;
  const first =
    db.get<{ next: number }>(sql`SELECT COALESCE(MAX(rowid), 0) + 1 AS next FROM passages`)?.next ??
    1;
  const owner = `${ownerTerm('d', documentId)} ${ownerTerm('c', collection.id)}`;
  insertAll(db, intoIndex, passages, (passage, at) => {
    const { heading, body } = passage.index ?? indexTextsOf(passage);
    return [first + at, heading, body, owner];
  });
  insertAll(db, intoPassages, passages, (each, at) => [
    first + at,
    each.id,
    documentId,
    each.ordinal,
    each.page,
    each.heading,
    placeText(each.place),
    each.lead,
    each.start,
    each.end,
    each.text,
  ]);
}

/**
 * Parts of about one size that are merged into one, at least: `many` takes less work in all while more and more is
 * written, after `few` a search looks into few.
 */
export type PartsMerged = 'many' | 'few';
/** 16 is FTS5's most. Numbers as text, because one that is bound has a fraction to SQLite. */
const mergedAtOnce = {
  many: {
    parts: 16,
    set: sql`INSERT INTO passages_fts (passages_fts, rank) VALUES ('usermerge', 16)`,
  },
  few: {
    parts: 4,
    set: sql`INSERT INTO passages_fts (passages_fts, rank) VALUES ('usermerge', 4)`,
  },
} as const;

/**
 * Merges parts of the full-text index, about `pages` pages of 4 KB of them.
 *
 * @returns whether there may be more to merge
 */
export function mergeIndex(db: Writer, pages: number, merged: PartsMerged = 'few'): boolean {
  const { parts, set } = mergedAtOnce[merged];
  const now = db.get<{ v: number }>(
    sql`SELECT v FROM passages_fts_config WHERE k = 'usermerge'`,
  )?.v;
  if ((now ?? mergedAtOnce.few.parts) !== parts) db.loose(() => db.run(set));
  const changes = (): number => db.get<{ n: number }>(sql`SELECT total_changes() AS n`)?.n ?? 0;
  const before = changes();
  db.loose(() =>
    db.run(sql`INSERT INTO passages_fts (passages_fts, rank) VALUES ('merge', ${pages})`),
  );
  // The command itself counts as one (sqlite.org/fts5.html, "The 'merge' Command").
  return changes() - before >= 2;
}

function insertAll(
  db: Writer,
  statements: ReadonlyMap<number, string>,
  passages: readonly NewPassage[],
  valuesOf: (passage: NewPassage, at: number) => readonly SqlValue[],
): void {
  let at = 0;
  for (const rows of rowsAtOnce) {
    for (; passages.length - at >= rows; at += rows) {
      const values: SqlValue[] = [];
      passages.slice(at, at + rows).forEach((each, index) => {
        values.push(...valuesOf(each, at + index));
      });
      db.run({ text: statements.get(rows) ?? '', values });
    }
  }
}

/** A document or collection as a term of the index's column `owner`; the triggers write the same. */
export const ownerTerm = (kind: 'c' | 'd', id: string): string =>
  kind + Buffer.from(id).toString('hex').toUpperCase();
