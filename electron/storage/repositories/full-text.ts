import { createPostingsReader } from '../postings.ts';
import type { Postings } from '../postings.ts';
import { sql } from '../sql.ts';
import type { Reader } from '../sql.ts';
import { headingWeight, indexTotals } from './passage-search.ts';
import type { IndexTotals } from './passage-search.ts';

/** The full-text index as it is at one search. */
export interface FullText {
  readonly totals: IndexTotals;
  /**
   * The rows of the best passages by bm25, best first: those that hold a stem of every group. The same as `bestRows`
   * gives for an expression of them, without FTS5's way to it. Null where that has to be asked.
   *
   * @param inside of some rows those that a search is about; null for all
   */
  best(
    groups: readonly (readonly string[])[],
    limit: number,
    inside: ((rows: readonly number[]) => ReadonlySet<number>) | null,
  ): number[] | null;
  /** How many stems a row was found to hold: lengths that are remembered otherwise are forgotten. */
  learnLength(row: number, stems: number): void;
}

/** As FTS5's bm25 (sqlite.org/fts5.html, "The bm25() function"), so that the order is the same. */
const [k1, b] = [1.2, 0.75];
/** Stems that FTS5 takes as one term; others it would cut. */
const isOneTerm = (stem: string): boolean => /^[a-z0-9\u0080-\u{10ffff}]+$/u.test(stem);
const nothing: Postings = { rows: new Float64Array(0), counts: new Uint32Array(0), times: 0 };
/** Best rows of which it is asked whether a search is about them, before FTS5 is asked for those alone. */
const mostOutside = 4;

export function createFullText(db: Reader): { now(): FullText } {
  const reader = createPostingsReader(db);
  const lengths = createLengths(db);
  return {
    now() {
      const { version, rows, tokens, postings } = reader.now();
      const [heading = 0, body = 0] = tokens;
      const totals = { passages: rows, terms: heading + body, version };
      if (postings === null) {
        return {
          totals: indexTotals(db),
          best: () => null,
          learnLength: () => {},
        };
      }
      const kept = new Map<string, Postings>();
      const mean = rows === 0 ? 1 : tokens.reduce((sum, each) => sum + each, 0) / rows;
      return {
        totals,
        best(groups, limit, inside) {
          const stems = [...new Set(groups.flat())];
          if (!stems.every(isOneTerm)) return null;
          const missing = stems.filter((stem) => !kept.has(stem));
          postings(missing).forEach((list, at) => kept.set(missing[at] ?? '', list));
          const scored = scoredRows(
            groups.map((group) => group.map((stem) => kept.get(stem) ?? nothing)),
            rows,
            (row) => k1 * (1 - b + (b * lengths.of(row, version)) / mean),
          );
          return inside === null ? bestOf(scored, limit) : bestInside(scored, limit, inside);
        },
        learnLength: (row, stems) => lengths.check(row, stems + ownersOfRow),
      };
    },
  };
}

interface Scored {
  readonly rows: Float64Array;
  readonly scores: Float64Array;
}

/** @param normOf what a passage's length adds to how often a term stands in it */
function scoredRows(
  groups: readonly (readonly Postings[])[],
  all: number,
  normOf: (row: number) => number,
): Scored {
  const most = (groups[0] ?? []).reduce((sum, { rows }) => sum + rows.length, 0);
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, most * 2)));
  /** Where each row's figures stand, by the row's remainder, or behind it; 0 where nothing does. */
  const places = new Int32Array(size);
  const rows = new Float64Array(most);
  const scores = new Float64Array(most);
  const norms = new Float64Array(most);
  /** How many groups the row holds a stem of. */
  const held = new Uint8Array(most);
  let count = 0;
  groups.forEach((group, number) => {
    for (const { rows: holding, counts } of group) {
      const n = holding.length;
      const rarity = Math.log((all - n + 0.5) / (n + 0.5));
      // As FTS5 has it: what more than half of all passages hold counts next to nothing.
      const idf = rarity <= 0 ? 1e-6 : rarity;
      for (let at = 0; at < n; at += 1) {
        const row = holding[at] ?? 0;
        let place = Math.imul(row, 0x9e3779b1) & (size - 1);
        let slot = (places[place] ?? 0) - 1;
        while (slot >= 0 && rows[slot] !== row) {
          place = (place + 1) & (size - 1);
          slot = (places[place] ?? 0) - 1;
        }
        if (slot < 0) {
          if (number > 0) continue;
          slot = count;
          count += 1;
          places[place] = count;
          rows[slot] = row;
          norms[slot] = normOf(row);
        } else if ((held[slot] ?? 0) < number) continue;
        held[slot] = number + 1;
        const times = (counts[at] ?? 0) >>> 16;
        const weight = times * headingWeight + ((counts[at] ?? 0) & 0xffff);
        scores[slot] =
          (scores[slot] ?? 0) + idf * ((weight * (k1 + 1)) / (weight + (norms[slot] ?? 0)));
      }
    }
  });
  let kept = 0;
  for (let slot = 0; slot < count; slot += 1) {
    if (held[slot] !== groups.length) continue;
    rows[kept] = rows[slot] ?? 0;
    scores[kept] = scores[slot] ?? 0;
    kept += 1;
  }
  return { rows: rows.subarray(0, kept), scores: scores.subarray(0, kept) };
}

/** The best rows, the first of equal ones first. */
function bestOf({ rows, scores }: Scored, limit: number): number[] {
  const least =
    rows.length <= limit ? -Infinity : (scores.toSorted()[scores.length - limit] ?? -Infinity);
  const places: number[] = [];
  for (let at = 0; at < rows.length; at += 1) if ((scores[at] ?? 0) >= least) places.push(at);
  return places
    .sort((x, y) => (scores[y] ?? 0) - (scores[x] ?? 0) || (rows[x] ?? 0) - (rows[y] ?? 0))
    .slice(0, limit)
    .map((at) => rows[at] ?? 0);
}

/** The best of the rows that a search is about; null where those are few among others. */
function bestInside(
  scored: Scored,
  limit: number,
  inside: (rows: readonly number[]) => ReadonlySet<number>,
): number[] | null {
  const best = bestOf(scored, limit * mostOutside);
  const found: number[] = [];
  for (let from = 0; from < best.length && found.length < limit; from += limit) {
    const next = best.slice(from, from + limit);
    const kept = inside(next);
    found.push(...next.filter((row) => kept.has(row)));
  }
  return found.length >= limit || best.length === scored.rows.length ? found.slice(0, limit) : null;
}

/** Rows of a block, whose lengths are read at once: about a millisecond. */
const blockRows = 4096;

/** Tokens of a row besides its stems: its document's and its collection's. */
const ownersOfRow = 2;
const longest = 0xffff;

/**
 * Tokens of each row of the index, from its own record of them, two bytes a row in memory. A row that is not known is
 * read with those beside it. One that was written again is known as it was until it is found: that moves it a little
 * among hundreds of candidates.
 */
function createLengths(db: Reader): {
  of(row: number, version: string): number;
  check(row: number, tokens: number): void;
} {
  const blocks = new Map<number, { readonly lengths: Uint16Array; readonly version: string }>();
  const blockOf = (row: number): number => Math.floor(row / blockRows);
  const load = (block: number, version: string): Uint16Array => {
    const lengths = new Uint16Array(blockRows);
    const from = block * blockRows;
    // As one text: as rows it would take ten times as long.
    const text = db.get<{ lengths: string | null }>(
      sql`SELECT group_concat(id || ' ' || hex(sz), ' ') AS lengths FROM passages_fts_docsize
        WHERE id BETWEEN ${from} AND ${from + blockRows - 1}`,
    )?.lengths;
    const fields = (text ?? '').split(' ');
    for (let at = 0; at + 1 < fields.length; at += 2) {
      lengths[Number(fields[at]) - from] = Math.min(longest, tokensOf(fields[at + 1] ?? ''));
    }
    blocks.set(block, { lengths, version });
    return lengths;
  };
  return {
    of(row, version) {
      const block = blockOf(row);
      const at = row - block * blockRows;
      const known = blocks.get(block);
      const length = known?.lengths[at] ?? 0;
      return length > 0 || known?.version === version ? length : (load(block, version)[at] ?? 0);
    },
    check(row, tokens) {
      const block = blockOf(row);
      const known = blocks.get(block)?.lengths[row - block * blockRows] ?? 0;
      if (known > 0 && known !== Math.min(longest, tokens)) blocks.delete(block);
    },
  };
}

/** The sum of the numbers of a record, which is given in hexadecimal digits. */
function tokensOf(hex: string): number {
  let sum = 0;
  let value = 0;
  for (let at = 0; at < hex.length; at += 2) {
    const byte = digit(hex.charCodeAt(at)) * 16 + digit(hex.charCodeAt(at + 1));
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    sum += value;
    value = 0;
  }
  return sum;
}

const digit = (code: number): number => (code < 58 ? code - 48 : code - 55);
