import type { Block, Heading, PageSpan, PartKind } from '../../ipc/contract/index.ts';
import type { Writer } from '../sql.ts';
import { sql } from '../sql.ts';
import { insertPassages, placeText } from './passage-rows.ts';
import type { NewPassage } from './passage-rows.ts';

/** A value, or its JSON where another thread has made it already. */
type Packed<T> = T | string;

export interface NewPage {
  readonly start: number;
  readonly text: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly spans: Packed<readonly PageSpan[]>;
  readonly headings: Packed<readonly Heading[]>;
  readonly kind: PartKind;
  readonly title: string | null;
  readonly blocks: Packed<readonly Block[]>;
  /** Recognised in a picture. */
  readonly isRecognised?: boolean;
}

/** The file that was read. */
export interface FileFacts {
  readonly sha256: string;
  readonly bytes: number;
  readonly modifiedAt: number;
}

/** Rows that a change of content touched. `moved`: the same text elsewhere, nothing of it was indexed again. */
export interface Touched {
  readonly passages: {
    readonly added: number;
    readonly removed: number;
    readonly moved: number;
    readonly kept: number;
  };
  readonly pages: {
    readonly written: number;
    readonly removed: number;
    readonly moved: number;
    readonly kept: number;
  };
}

export interface NewContent {
  readonly file: FileFacts;
  readonly pages: readonly NewPage[];
  readonly passages: readonly NewPassage[];
}

interface OldPassage extends Omit<NewPassage, 'place' | 'text' | 'index'> {
  readonly rowid: number;
  readonly place: string | null;
}

interface Plan {
  readonly removed: readonly number[];
  readonly moved: readonly (readonly [OldPassage, NewPassage])[];
  readonly added: readonly NewPassage[];
  readonly kept: number;
}

const packed = (value: string | readonly unknown[]): string =>
  typeof value === 'string' ? value : JSON.stringify(value);

const recognised = ({ isRecognised = false }: NewPage): number => (isRecognised ? 1 : 0);

const exists = (db: Writer, id: string): boolean =>
  db.get(sql`SELECT 1 AS found FROM documents WHERE id = ${id}`) !== undefined;

/**
 * Makes a document's content what was read now, writing what differs only: passages with an id that is
 * there already keep their rows, and nothing of them is indexed again.
 *
 * A step is work for one transaction and one turn: where at most `rowsPerStep` passages come and go there is
 * one step, and the change is whole or not at all. Otherwise passages that are gone go first, then
 * what stays takes its new place together with the pages, then the new ones come: a search finds less
 * meanwhile, never an offset that is wrong. From the second step to the last the document does not
 * count as read.
 *
 * @returns null where the document is gone
 */
export function* replaceSteps(
  db: Writer,
  id: string,
  { file, pages, passages }: NewContent,
  rowsPerStep: number,
): Generator<undefined, Touched | null> {
  if (!exists(db, id)) return null;
  const { removed, moved, added, kept } = planOf(db, id, passages);
  const atOnce = removed.length + added.length <= rowsPerStep;
  if (!atOnce) db.run(sql`UPDATE documents SET passages = 0 WHERE id = ${id}`);
  for (const part of parts(removed, rowsPerStep)) {
    db.run(sql`DELETE FROM passages
      WHERE rowid IN (SELECT value FROM json_each(${JSON.stringify(part)}))`);
    if (!atOnce) yield;
  }
  if (!exists(db, id)) return null;
  movePassages(db, id, moved);
  const touchedPages = replacePages(db, id, pages);
  for (const part of parts(added, rowsPerStep)) {
    if (!atOnce) yield;
    if (!exists(db, id)) return null;
    insertPassages(db, id, part);
  }
  finishContent(db, id, file);
  return {
    passages: { added: added.length, removed: removed.length, moved: moved.length, kept },
    pages: touchedPages,
  };
}

function* parts<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < all.length; at += size) yield all.slice(at, at + size);
}

function planOf(db: Writer, id: string, passages: readonly NewPassage[]): Plan {
  const old = new Map(
    db
      .all<OldPassage>(
        sql`SELECT rowid, id, ordinal, page, heading, place, lead, start, "end" FROM passages
          WHERE document_id = ${id} ORDER BY ordinal`,
      )
      .map((row) => [row.id, row]),
  );
  const moved: (readonly [OldPassage, NewPassage])[] = [];
  const added: NewPassage[] = [];
  let kept = 0;
  for (const passage of passages) {
    const before = old.get(passage.id);
    // Another heading or lead is searched too: such a row is written anew.
    if (before?.heading !== passage.heading || before.lead !== passage.lead) {
      added.push(passage);
      continue;
    }
    old.delete(passage.id);
    const same =
      before.ordinal === passage.ordinal &&
      before.start === passage.start &&
      before.end === passage.end &&
      before.page === passage.page &&
      before.place === placeText(passage.place);
    if (same) kept += 1;
    else moved.push([before, passage]);
  }
  return { removed: [...old.values()].map(({ rowid }) => rowid), moved, added, kept };
}

/** Each ordinal is one row's at any time: those that go up move from the last, the others from the first. */
function movePassages(
  db: Writer,
  id: string,
  moved: readonly (readonly [OldPassage, NewPassage])[],
): void {
  const up = moved.filter(([before, now]) => now.ordinal > before.ordinal).reverse();
  const rest = moved.filter(([before, now]) => now.ordinal <= before.ordinal);
  const inOrder = moved.every(
    ([before], index) => index === 0 || before.ordinal > (moved[index - 1]?.[0].ordinal ?? 0),
  );
  if (!inOrder) {
    // Some have changed places, also with rows that stay: out of the way first.
    for (const [before] of moved) {
      db.run(
        sql`UPDATE passages SET ordinal = ${-1 - before.ordinal} WHERE rowid = ${before.rowid}`,
      );
    }
  }
  for (const [before, now] of [...rest, ...up]) {
    db.run(sql`UPDATE passages SET ordinal = ${now.ordinal}, page = ${now.page},
      place = ${placeText(now.place)}, start = ${now.start}, "end" = ${now.end}
      WHERE rowid = ${before.rowid} AND document_id = ${id}`);
  }
}

/** Pages that are the same at the beginning stay, those at the end are moved, the rest is written. */
function replacePages(db: Writer, id: string, pages: readonly NewPage[]): Touched['pages'] {
  const old = db.all<{ page: number; start: number }>(
    sql`SELECT page, start FROM document_pages WHERE document_id = ${id} ORDER BY page`,
  );
  const same = (page: NewPage | undefined, number: number): boolean =>
    page !== undefined &&
    db.get(sql`SELECT 1 AS found FROM document_pages
      WHERE document_id = ${id} AND page = ${number} AND text = ${page.text}
        AND spans = ${packed(page.spans)} AND headings = ${packed(page.headings)}
        AND blocks = ${packed(page.blocks)} AND kind = ${page.kind} AND title IS ${page.title}
        AND width IS ${page.width} AND height IS ${page.height}
        AND recognised = ${recognised(page)}`) !== undefined;
  const most = Math.min(old.length, pages.length);
  let first = 0;
  while (first < most && same(pages[first], first + 1)) first += 1;
  let last = 0;
  while (last < most - first && same(pages.at(-1 - last), old.length - last)) last += 1;
  const gone = old.length - last - first;
  if (gone > 0) {
    db.run(sql`DELETE FROM document_pages WHERE document_id = ${id}
      AND page > ${first} AND page <= ${old.length - last}`);
  }
  const by = pages.length - old.length;
  const shift = last === 0 ? 0 : (pages.at(-last)?.start ?? 0) - (old.at(-last)?.start ?? 0);
  const moved = by === 0 && shift === 0 ? 0 : last;
  if (moved > 0) {
    // Aside first: one number is one page's at any time.
    db.run(sql`UPDATE document_pages SET page = -page
      WHERE document_id = ${id} AND page > ${old.length - last}`);
    db.run(sql`UPDATE document_pages SET page = ${by} - page, start = start + ${shift}
      WHERE document_id = ${id} AND page < 0`);
  }
  const written = pages.slice(first, pages.length - last);
  written.forEach((page, index) => insertPage(db, id, first + 1 + index, page));
  return { written: written.length, removed: gone, moved, kept: first + last - moved };
}

/**
 * Deletes at most `rows` passages of a document, and the pages behind the last of them; from the first call on
 * it does not count as read.
 *
 * @returns whether there is more
 */
export function clearSome(db: Writer, id: string, rows: number): boolean {
  db.run(sql`UPDATE documents SET passages = 0 WHERE id = ${id} AND passages > 0`);
  const gone = db.run(sql`DELETE FROM passages WHERE rowid IN
    (SELECT rowid FROM passages WHERE document_id = ${id} LIMIT ${rows})`);
  if (gone === rows) return true;
  db.run(sql`DELETE FROM document_pages WHERE document_id = ${id}`);
  return false;
}

/** Adds a part of the content, pages from number `firstPage` on. False if the document is gone. */
export function appendContent(
  db: Writer,
  id: string,
  firstPage: number,
  pages: readonly NewPage[],
  passages: readonly NewPassage[],
): boolean {
  if (!exists(db, id)) return false;
  pages.forEach((page, index) => insertPage(db, id, firstPage + index, page));
  insertPassages(db, id, passages);
  return true;
}

function insertPage(db: Writer, id: string, number: number, page: NewPage): void {
  db.run(sql`INSERT INTO document_pages
    (document_id, page, start, text, width, height, spans, headings, kind, title, blocks, recognised)
    VALUES (${id}, ${number}, ${page.start}, ${page.text}, ${page.width}, ${page.height},
      ${packed(page.spans)}, ${packed(page.headings)}, ${page.kind}, ${page.title},
      ${packed(page.blocks)}, ${recognised(page)})`);
}

/**
 * Makes the content count: the document is ready. False if it is gone.
 * Offsets count UTF-16 units, SQLite's length() characters: the text's length is taken here.
 */
export function finishContent(db: Writer, id: string, file: FileFacts): boolean {
  // Pages are numbered from 1 without a gap: counting them would read the text of all.
  const last = db.get<{ page: number; start: number; text: string }>(
    sql`SELECT page, start, text FROM document_pages WHERE document_id = ${id} ORDER BY page DESC LIMIT 1`,
  );
  const characters = last === undefined ? 0 : last.start + last.text.length;
  return (
    db.run(sql`UPDATE documents SET state = 'ready', error = NULL, sha256 = ${file.sha256},
      bytes = ${file.bytes}, modified_at = ${file.modifiedAt}, characters = ${characters},
      pages = ${last?.page ?? 0},
      passages = (SELECT COUNT(*) FROM passages WHERE document_id = ${id}) WHERE id = ${id}`) > 0
  );
}
