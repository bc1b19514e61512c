import { sql } from './sql.ts';
import type { Reader } from './sql.ts';

/**
 * Reads the lists of the full-text index itself, in the format that FTS5 documents and keeps (sqlite.org/fts5.html,
 * "FTS5 Data Structures"). Its own ranking goes through the lists of all words once more for every question, to
 * count them, and asks for the length of each row, which takes several times as long. An index of another format is
 * not read here, but by FTS5.
 */
export interface Postings {
  /** Rows that hold the term, each once, in no order. */
  readonly rows: Float64Array;
  /** How often it stands in each: the times in the first column in the upper 16 bits, in the second in the lower. */
  readonly counts: Uint32Array;
  /** How often it stands in all of them. */
  readonly times: number;
}

/** The index as it is now: to be asked for again after anything was written. */
export interface IndexNow {
  /** Another one after everything that is written into the index. */
  readonly version: string;
  readonly rows: number;
  /** Tokens of each column. */
  readonly tokens: readonly number[];
  /** Null where the format is another than the one that is known. */
  readonly postings: ((terms: readonly string[]) => Postings[]) | null;
}

/** One part of the index, with its pages. */
interface Part {
  readonly id: number;
  readonly first: number;
  readonly last: number;
}

interface Page {
  readonly block: Uint8Array;
  /** Where the page's content ends; behind it stand the places of its terms. */
  readonly end: number;
  /** Where its first term stands; `end` where none does. */
  readonly firstTerm: number;
}

/** A page's record is its part's number times this, and its own. */
const pagesOfPart = 2 ** 37;
const [averagesId, structureId] = [1, 10];
const knownFormat = 4;
/** Pages of a long list that are read at once: few at first, then four times as many each time. */
const [fewestPages, mostPages] = [2, 64];

/** @param db whose index `passages_fts` is read; never within a transaction that has written into it */
export function createPostingsReader(db: Reader): { now(): IndexNow } {
  const format = db.get<{ v: unknown }>(
    sql`SELECT v FROM passages_fts_config WHERE k = 'version'`,
  )?.v;
  const gathered = createGathered();
  let known: { readonly version: string; readonly parts: readonly Part[] | null } | undefined;
  return {
    now() {
      const records = new Map(
        db
          .all<Stored>(
            sql`SELECT id, block FROM passages_fts_data WHERE id IN (${averagesId}, ${structureId})`,
          )
          .map(({ id, block }) => [id, block]),
      );
      const structure = records.get(structureId) ?? new Uint8Array(0);
      const version = Buffer.from(structure).toString('latin1');
      if (known?.version !== version) known = { version, parts: partsOf(structure) };
      const { parts } = known;
      const averages = records.get(averagesId) ?? new Uint8Array(0);
      const numbers: number[] = [];
      for (let at = 0; at < averages.length; at = after) numbers.push(varint(averages, at));
      const [rows = 0, ...tokens] = numbers;
      const postings =
        parts === null || format !== knownFormat
          ? null
          : (terms: readonly string[]) => postingsOf(db, parts, terms, gathered);
      return { version, rows, tokens, postings };
    },
  };
}

interface Stored {
  readonly id: number;
  readonly block: Uint8Array;
}

/** Where the number that was read last ends. */
let after = 0;

/** A number of one to nine bytes, the most significant first. */
function varint(block: Uint8Array, at: number): number {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = block[at + index] ?? 0;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      after = at + index + 1;
      return value;
    }
  }
  after = at + 9;
  return value * 256 + (block[at + 8] ?? 0);
}

/** The parts of the index, the newest first; null for a record of a kind that this program does not make. */
function partsOf(block: Uint8Array): Part[] | null {
  if (block.length < 7 || block[4] === 0xff) return null;
  const levels = varint(block, 4);
  varint(block, after);
  varint(block, after);
  const parts: Part[] = [];
  for (let level = 0; level < levels; level += 1) {
    varint(block, after);
    const count = varint(block, after);
    const own = Array.from({ length: count }, () => {
      const id = varint(block, after);
      const first = varint(block, after);
      return { id, first, last: varint(block, after) };
    });
    parts.push(...own.reverse());
  }
  return parts;
}

/** Where the rows of a list are gathered before their number is known. */
interface Gathered {
  rows: Float64Array;
  counts: Uint32Array;
  length: number;
}

const createGathered = (): Gathered => ({
  rows: new Float64Array(4096),
  counts: new Uint32Array(4096),
  length: 0,
});

function put(into: Gathered, row: number, count: number): void {
  if (into.length === into.rows.length) {
    const { rows, counts } = into;
    into.rows = new Float64Array(rows.length * 2);
    into.counts = new Uint32Array(rows.length * 2);
    into.rows.set(rows);
    into.counts.set(counts);
  }
  into.rows[into.length] = row;
  into.counts[into.length] = count;
  into.length += 1;
}

/** The lists of several terms: where they begin is looked up for all of them at once. */
function postingsOf(
  db: Reader,
  parts: readonly Part[],
  terms: readonly string[],
  gathered: Gathered,
): Postings[] {
  if (terms.length === 0) return [];
  const pairs = db.all<{ part: number; term: number; pgno: number | null }>(
    sql`SELECT part.key AS part, term.key AS term, (SELECT pgno FROM passages_fts_idx
        WHERE segid = part.value AND term <= CAST('0' || term.value AS BLOB)
        ORDER BY segid DESC, term DESC LIMIT 1) AS pgno
      FROM json_each(${JSON.stringify(terms)}) term, json_each(${JSON.stringify(parts.map(({ id }) => id))}) part`,
  );
  // The lowest bit of the page's number tells of something else.
  const starts = pairs.map(({ part, pgno }) => Math.max(parts[part]?.first ?? 0, (pgno ?? 0) >> 1));
  const ids = pairs.map(({ part }, at) => (parts[part]?.id ?? 0) * pagesOfPart + (starts[at] ?? 0));
  const pages = new Map(
    db
      .all<Stored>(
        sql`SELECT id, block FROM passages_fts_data
          WHERE id IN (SELECT value FROM json_each(${JSON.stringify([...new Set(ids)])}))`,
      )
      .map(({ id, block }) => [id, pageOf(block)]),
  );
  const begins = terms.map((): (readonly [part: number, page: number])[] => []);
  pairs.forEach(({ part, term }, at) => begins[term]?.push([part, at]));
  return terms.map((term, at) => {
    const key = Buffer.from(`0${term}`);
    const spans: (readonly [low: number, high: number])[] = [];
    let areApart = true;
    gathered.length = 0;
    // The newest part first.
    for (const [number, pair] of (begins[at] ?? []).sort(([x], [y]) => x - y)) {
      const [part, page] = [parts[number], pages.get(ids[pair] ?? 0)];
      if (part === undefined || page === undefined) continue;
      const from = gathered.length;
      readList(db, part, page, starts[pair] ?? 0, key, gathered);
      if (gathered.length === from) continue;
      const [low, high] = [gathered.rows[from] ?? 0, gathered.rows[gathered.length - 1] ?? 0];
      areApart &&= !spans.some(([start, end]) => low <= end && start <= high);
      spans.push([low, high]);
    }
    return asTheyAre(gathered, areApart);
  });
}

/** The rows that were gathered, the newest parts' first, without those that hold the term no longer. */
function asTheyAre({ rows, counts, length }: Gathered, areApart: boolean): Postings {
  // A newer part has a row as it is now; an older one may have it as it was.
  const met = areApart ? null : new Set<number>();
  let kept = 0;
  let times = 0;
  for (let at = 0; at < length; at += 1) {
    const row = rows[at] ?? 0;
    const count = counts[at] ?? 0;
    if (met !== null) {
      if (met.has(row)) continue;
      met.add(row);
    }
    if (count === 0) continue;
    rows[kept] = row;
    counts[kept] = count;
    times += (count >>> 16) + (count & 0xffff);
    kept += 1;
  }
  return { rows: rows.slice(0, kept), counts: counts.slice(0, kept), times };
}

/**
 * Gathers the rows that one part has for a term; with a count of 0 those that hold it no longer.
 *
 * @param first the page that has the term if any has
 * @param number of that page
 */
function readList(
  db: Reader,
  part: Part,
  first: Page,
  number: number,
  key: Buffer,
  into: Gathered,
): void {
  const place = placeOf(first, key);
  if (place === null) return;
  const next = pagesFrom(db, part, number + 1);
  let page: Page | null = first;
  let { at, end } = place;
  let row = 0;
  // The first row of a list and the first one that begins on a page are written whole, others as a difference.
  let isWhole = true;
  for (;;) {
    let isNext = false;
    while (at < end && !isNext) {
      const { block } = page;
      const byte = block[at] ?? 0;
      const more = byte < 0x80 ? byte : varint(block, at);
      at = byte < 0x80 ? at + 1 : after;
      row = isWhole ? more : row + more;
      isWhole = false;
      const short = block[at] ?? 0;
      let size = (short < 0x80 ? short : varint(block, at)) >> 1;
      at = short < 0x80 ? at + 1 : after;
      if (size <= page.end - at) {
        put(into, row, countOf(block, at, at + size));
        at += size;
        continue;
      }
      const parts = [];
      while (size > page.end - at) {
        parts.push(page.block.subarray(at, page.end));
        size -= page.end - at;
        page = next();
        if (page === null) return;
        at = 4;
        isNext = true;
      }
      parts.push(page.block.subarray(at, at + size));
      const joined = Buffer.concat(parts);
      put(into, row, countOf(joined, 0, joined.length));
    }
    if (!isNext) {
      if (end < page.end) return;
      page = next();
      if (page === null) return;
    }
    let begin = firstRowOf(page);
    while (begin === 0 || begin >= page.firstTerm) {
      // No row of this list begins here: where another term does, the list has ended.
      if (page.firstTerm < page.end) return;
      page = next();
      if (page === null) return;
      begin = firstRowOf(page);
    }
    at = begin;
    end = page.firstTerm;
    isWhole = true;
  }
}

/** Where the first row stands that begins on a page; 0 where none does before its first term. */
const firstRowOf = ({ block }: Page): number => (block[0] ?? 0) * 256 + (block[1] ?? 0);

/** The pages of a part from one on, each when it is asked for; null behind the last. */
function pagesFrom(db: Reader, part: Part, start: number): () => Page | null {
  let waiting: Page[] = [];
  let from = start;
  let most = fewestPages;
  return () => {
    if (waiting.length === 0 && from <= part.last) {
      const to = Math.min(part.last, from + most - 1);
      const base = part.id * pagesOfPart;
      waiting = db
        .all<{ block: Uint8Array }>(
          sql`SELECT block FROM passages_fts_data WHERE id BETWEEN ${base + from} AND ${base + to}
            ORDER BY id DESC`,
        )
        .map(({ block }) => pageOf(block));
      from = to + 1;
      most = Math.min(mostPages, most * 4);
    }
    return waiting.pop() ?? null;
  };
}

function pageOf(block: Uint8Array): Page {
  const end = (block[2] ?? 0) * 256 + (block[3] ?? 0);
  return { block, end, firstTerm: end < block.length ? varint(block, end) : end };
}

/** Where the rows of a term stand on a page, up to the next term or its end; null where the page has no such term. */
function placeOf({ block, end, firstTerm }: Page, key: Buffer): { at: number; end: number } | null {
  let start = firstTerm;
  let next = end < block.length ? (varint(block, end), after) : block.length;
  /** How much of the key the term before begins with; it comes before the key. */
  let same = 0;
  for (let isFirst = true; start < end; isFirst = false) {
    const shared = isFirst ? 0 : varint(block, start);
    const length = varint(block, isFirst ? start : after);
    const at = after;
    const following = next < block.length ? start + varint(block, next) : end;
    next = next < block.length ? after : next;
    if (shared < same) return null;
    if (shared === same) {
      let index = 0;
      while (index < length && same < key.length && block[at + index] === key[same]) {
        index += 1;
        same += 1;
      }
      if (index === length && same === key.length) return { at: at + length, end: following };
      if (same === key.length) return null;
      if (index < length && (block[at + index] ?? 0) > (key[same] ?? 0)) return null;
    }
    start = following;
  }
  return null;
}

/** Counts the places of a term in one row: what `Postings` has of it, 0 where it stands in neither column. */
function countOf(block: Uint8Array, from: number, to: number): number {
  let column = 0;
  let heading = 0;
  let body = 0;
  for (let at = from; at < to; at += 1) {
    const byte = block[at] ?? 0;
    // A place is never 1: that tells of the column that follows.
    if (byte === 1) {
      at += 1;
      column = block[at] ?? 0;
      continue;
    }
    while ((block[at] ?? 0) >= 0x80) at += 1;
    if (column === 0) heading += 1;
    else if (column === 1) body += 1;
  }
  return Math.min(heading, 0xffff) * 0x10000 + Math.min(body, 0xffff);
}
