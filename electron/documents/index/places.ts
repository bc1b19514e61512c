import type { Block, PartKind, Place } from '../../ipc/contract/index.ts';
import type { Span } from './pieces.ts';
import { trimmedEnd } from './space.ts';

interface PlacePage {
  readonly text: string;
  readonly kind?: PartKind;
  readonly title?: string | null;
  readonly blocks?: readonly Block[];
}

/**
 * Tells where spans of pages stand: the part, with the rows of a sheet where a block knows them; the lines
 * of a text where blocks that know theirs hold all of the span; null where nothing could be said. Spans are
 * asked for in their order, so that no text is counted through twice.
 */
export function createPlaces(
  pages: readonly PlacePage[],
  paged: boolean,
): (index: number, span: Span) => Place | null {
  const numbers = numbersOf(pages, paged);
  const rowsOf = createRows();
  return (index, span) => {
    const page = pages[index];
    if (page === undefined) return null;
    const kind = kindOf(page, paged);
    if (kind === 'section') return linesOf(page, span, rowsOf(page, span, 'firstLine'));
    const place = { kind, number: numbers[index] ?? null, name: page.title ?? null };
    // A sheet's later pages repeat its header: that is none of their rows.
    const repeats = index > 0 && numbers[index - 1] === numbers[index];
    const from = repeats ? Math.max(span[0], headerEnd(page, span[0])) : span[0];
    const rows = kind === 'sheet' ? rowsOf(page, [from, span[1]], 'firstRow') : null;
    return rows === null ? place : { ...place, rows: rows.range };
  };
}

/** The number that each page has for a person: a sheet or chapter that takes several pages is one. */
function numbersOf(pages: readonly PlacePage[], paged: boolean): number[] {
  let count = 0;
  return pages.map((page, index) => {
    const kind = kindOf(page, paged);
    const before = pages[index - 1];
    const goesOn =
      (kind === 'sheet' || kind === 'chapter') &&
      before !== undefined &&
      kindOf(before, paged) === kind &&
      (page.title ?? null) !== null &&
      before.title === page.title;
    if (!goesOn) count += 1;
    return count;
  });
}

const kindOf = (page: PlacePage, paged: boolean): PartKind =>
  page.kind ?? (paged ? 'page' : 'section');

/** Where the rows of a page begin that begins with a header. */
function headerEnd(page: PlacePage, at: number): number {
  const [block] = page.blocks ?? [];
  const end = block !== undefined && block.start <= at ? (block.header?.[1] ?? at) : at;
  return page.text.charAt(end) === '\n' ? end + 1 : end;
}

interface Rows {
  readonly range: readonly [number, number];
  readonly covered: Span;
  readonly names: readonly string[];
}

function linesOf(page: PlacePage, span: Span, found: Rows | null): Place | null {
  if (found === null) return null;
  const { range, covered, names } = found;
  const outside = page.text.slice(span[0], covered[0]) + page.text.slice(covered[1], span[1]);
  if (outside.trim() !== '') return null;
  const name = names.length === 1 ? (names[0] ?? null) : null;
  return { kind: 'lines', number: null, name, rows: range };
}

/** First and last row or line of a span, as the blocks that it touches count them. */
function createRows(): (
  page: PlacePage,
  span: Span,
  counter: 'firstRow' | 'firstLine',
) => Rows | null {
  const counted = new WeakMap<Block, { readonly at: number; readonly lines: number }>();
  const linesBefore = (text: string, block: Block, to: number): number => {
    const known = counted.get(block);
    const from = known !== undefined && known.at <= to ? known : { at: block.start, lines: 0 };
    const lines = from.lines + newlines(text, from.at, to);
    counted.set(block, { at: to, lines });
    return lines;
  };
  return (page, [from, to], counter) => {
    let range: readonly [number, number] | null = null;
    let covered: Span = [to, to];
    const names: string[] = [];
    for (const block of page.blocks ?? []) {
      const begin = block[counter];
      const start = Math.max(block.start, from);
      const end = Math.min(block.end, to);
      if (begin === undefined || start >= end) continue;
      const first = begin + linesBefore(page.text, block, start);
      const last = first + newlines(page.text, start, trimmedEnd(page.text, start, end));
      range = [range?.[0] ?? first, last];
      covered = [Math.min(covered[0], start), end];
      if (block.name !== undefined && !names.includes(block.name)) names.push(block.name);
    }
    return range === null ? null : { range, covered, names };
  };
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  // Looked for in the piece only: the next line end may be far away.
  const piece = text.slice(from, to);
  for (let at = piece.indexOf('\n'); at >= 0; at = piece.indexOf('\n', at + 1)) {
    count += 1;
  }
  return count;
}
