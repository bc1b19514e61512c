import type { Block, Heading, PageSpan } from '../../../ipc/contract/index.ts';
import type { ExtractedPage } from './extracted.ts';
import { linesOf } from './pdf-lines.ts';
import type { Line, PdfPiece, RawPage } from './pdf-lines.ts';
import { partsOf } from './pdf-tables.ts';
import type { TableRow } from './pdf-tables.ts';
import { isHeader } from './sheet.ts';

/** What the whole document tells about one of its lines. */
export interface Vocabulary {
  readonly words: ReadonlySet<string>;
  /** Font size that most characters have. */
  readonly bodySize: number;
  /** Sizes of headings, largest first. */
  readonly headingSizes: readonly number[];
}

const wordPattern = /[\p{L}\p{M}]+(?:[-\u2010][\p{L}\p{M}]+)*/gu;

export function vocabularyOf(pages: readonly RawPage[]): Vocabulary {
  const words = new Set<string>();
  const characters = new Map<number, number>();
  const headingLines = new Set<number>();
  const allLines = pages.map(linesOf);
  for (const line of allLines.flat()) {
    const key = rounded(line.size);
    characters.set(key, (characters.get(key) ?? 0) + line.text.length);
    // The last word of a line may be half a word.
    const whole = line.text.replace(/[\p{L}\p{M}]+[-\u2010\u00AD]$/u, '');
    for (const [word] of whole.matchAll(wordPattern)) words.add(word.toLowerCase());
  }
  const bodySize = [...characters].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
  for (const line of allLines.flat()) {
    if (isHeadingLike(line, bodySize)) headingLines.add(rounded(line.size));
  }
  return { words, bodySize, headingSizes: [...headingLines].sort((a, b) => b - a) };
}

const rounded = (size: number): number => Math.round(size * 2) / 2;

/** Larger than the body, short, and not a lone figure or page number. */
function isHeadingLike(line: Line, bodySize: number): boolean {
  return (
    rounded(line.size) >= bodySize * 1.15 &&
    line.text.length <= 120 &&
    (line.text.match(/\p{L}/gu)?.length ?? 0) >= 3
  );
}

/** Joins pieces into lines, lines into paragraphs and tables, and notes where each piece of text stands. */
export function layOut(page: RawPage, vocabulary: Vocabulary): ExtractedPage {
  const lines = linesOf(page);
  const usual = usualGap(lines);
  const spans: PageSpan[] = [];
  const headings: Heading[] = [];
  const blocks: Block[] = [];
  let text = '';
  let before: (Line & { readonly level: number | null }) | null = null;
  const cutLast = (): void => {
    // Cutting a hyphen or white space shortens the text below the last span.
    const end = text.trimEnd().length;
    const last = spans.at(-1);
    if (last !== undefined && last[1] > end) {
      spans[spans.length - 1] = [last[0], end, last[2], last[3], last[4], last[5]];
    }
  };
  const place = (line: Line, written: string): void => {
    line.pieces.forEach((piece, index) => {
      const at = text.length + (line.starts[index] ?? 0);
      if (piece.text.trim() === '') return;
      spans.push([at, at + piece.text.length, ...box(piece)]);
    });
    text += written;
  };
  const part = (): void => {
    if (text === '') return;
    text = `${text.trimEnd()}\n\n`;
    cutLast();
  };
  const isHeading = (line: Line): boolean => isHeadingLike(line, vocabulary.bodySize);
  for (const each of partsOf(lines, isHeading)) {
    if (each.kind === 'table') {
      part();
      blocks.push(write(each.rows));
      part();
      before = null;
      continue;
    }
    const level = isHeading(each.line)
      ? Math.min(6, vocabulary.headingSizes.indexOf(rounded(each.line.size)) + 1)
      : null;
    const line = { ...each.line, level };
    if (before !== null) {
      const separate = before.level !== level || startsParagraph(before, line, usual);
      if (separate) part();
      else if (breaksOnPurpose(before, line)) text = `${text.trimEnd()}\n`;
      else text = joinLines(text, line.text, vocabulary);
      cutLast();
    }
    const start = text.length;
    place(line, line.text);
    const open = headings.at(-1);
    if (level !== null) {
      // A heading of two lines is one heading.
      if (
        open !== undefined &&
        before?.level === level &&
        !text.slice(open.end, start).includes('\n')
      ) {
        headings[headings.length - 1] = { ...open, end: text.length };
      } else headings.push({ level, start, end: text.length });
    }
    before = line;
  }
  // The pages' texts follow each other in the document's text: a page's last word must not meet the next page's first.
  if (before !== null) text += '\n\n';
  return { text, width: page.width, height: page.height, spans, headings, blocks };

  /** Rows are lines, cells parted by tabs, as the tables of other formats. */
  function write(rows: readonly TableRow[]): Block {
    const start = text.length;
    const ends = rows.map((row) => {
      if (text.length > start) text += '\n';
      const filled = row.findLastIndex((cell) => cell.length > 0);
      row.slice(0, filled + 1).forEach((cell, column) => {
        if (column > 0) text += '\t';
        cell.forEach((line, at) => {
          if (at > 0) text += ' ';
          place(line, line.text.replace(/\s/g, ' '));
        });
      });
      return text.length;
    });
    const [header = start, second] = ends;
    const named =
      second !== undefined && isHeader(text.slice(start, header), text.slice(header + 1, second));
    return {
      ...{ kind: 'table', start, end: text.length },
      ...(named && { header: [start, header] as const }),
    };
  }
}

const tenth = (value: number): number => Math.round(value * 10) / 10;
const box = (piece: PdfPiece): [number, number, number, number] => [
  tenth(piece.x),
  tenth(piece.y),
  tenth(piece.width),
  tenth(piece.height),
];

/**
 * Pages without what repeats at their top and bottom: running titles and page numbers, which would
 * otherwise stand in the middle of sentences and be found on every page. The page's image shows them.
 */
export function withoutRunningLines(pages: readonly RawPage[]): RawPage[] {
  const edges = pages.map((page) => {
    const lines = linesOf(page).toSorted((a, b) => a.top - b.top);
    // A page of few lines may be a title or a slide: nothing there is sure to be decoration.
    return lines.length < 6 ? [] : [...lines.slice(0, 2), ...lines.slice(-2)];
  });
  const seen = new Map<string, number>();
  for (const line of edges.flat()) seen.set(keyOf(line), (seen.get(keyOf(line)) ?? 0) + 1);
  const often = Math.max(3, 0.4 * pages.length);
  return pages.map((page, index) => {
    const running = (edges[index] ?? []).filter((line) => (seen.get(keyOf(line)) ?? 0) >= often);
    if (running.length === 0) return page;
    const dropped = new Set(running.flatMap((line) => line.pieces));
    return { ...page, pieces: page.pieces.filter((piece) => !dropped.has(piece)) };
  });
}

/** Same words, whatever the number, at the same height. */
function keyOf(line: Line): string {
  const words = line.text.trim().slice(0, 80).replace(/\d+/g, '#');
  return `${Math.round(line.top / 3)} ${/^[ivxlc]+$/i.test(words) ? '#' : words}`;
}

/** Median distance from one line's top to the next one's, of lines that follow closely. */
function usualGap(lines: readonly Line[]): number {
  const gaps: number[] = [];
  lines.forEach((line, index) => {
    const next = lines[index + 1];
    if (next === undefined) return;
    const gap = next.top - line.top;
    if (gap > 0 && gap < 4 * line.size) gaps.push(gap);
  });
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? 0;
}

/** Rows of a table, lines of code or verse: the next line's first word would easily have fitted. */
function breaksOnPurpose(before: Line, line: Line): boolean {
  const firstWord = line.text.trimStart().search(/\s|$/) / Math.max(1, line.text.length);
  const needed = firstWord * (line.right - line.left) + 4 * line.size;
  return !/[-\u2010\u00AD]\s*$/.test(before.text.slice(-4)) && line.right - before.right > needed;
}

function startsParagraph(before: Line, line: Line, usual: number): boolean {
  const gap = line.top - before.top;
  if (Math.abs(line.size - before.size) > 0.6) return true;
  // Up or far down: another column, table cell or block.
  if (gap <= 0 || gap > 1.35 * Math.max(usual, 1)) return true;
  // Loose pages, where every line is a paragraph, show by lines much further apart than their size.
  if (gap > 2.2 * line.size) return true;
  const ended = /[.!?:;]["'”’)\]]*\s*$/.test(before.text);
  const indented = line.left - before.left > 0.8 * line.size;
  const listItem = /^\s*(?:[•▪–‣*-]|\(?\d{1,3}[.)]|[a-z][.)])\s/u.test(line.text);
  return (ended && indented) || listItem;
}

/**
 * A word broken at the line's end is put together only where the document itself speaks for it: the
 * whole word stands elsewhere, or at least one half is no word of its own. Otherwise the hyphen stays.
 */
function joinLines(text: string, next: string, vocabulary: Vocabulary): string {
  const trimmed = text.trimEnd();
  if (trimmed.endsWith('\u00AD')) return trimmed.slice(0, -1);
  const broken = /([\p{L}\p{M}]+)[-\u2010]$/u.exec(trimmed.slice(-80));
  const continued = /^[\p{Ll}\p{M}]+/u.exec(next);
  if (broken === null || continued === null || trimmed !== text) {
    // A dash inside a figure or name ("2024-", "A-") goes on without a space.
    return /[\p{L}\p{N}][-\u2010]$/u.test(trimmed.slice(-4)) ? trimmed : `${trimmed} `;
  }
  const first = (broken[1] ?? '').toLowerCase();
  const second = continued[0].toLowerCase();
  const { words } = vocabulary;
  if (words.has(`${first}-${second}`)) return trimmed;
  if (words.has(first + second) || !words.has(first) || !words.has(second)) {
    return trimmed.slice(0, -1);
  }
  return trimmed;
}
