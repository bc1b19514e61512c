import type { DocumentPage } from '../../../../electron/ipc/contract/index.ts';

/** A span of a document: UTF-16 offsets into its whole extracted text, end excluded. */
export interface Mark {
  readonly start: number;
  readonly end: number;
}

/** A rectangle on a page: points, origin top left. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

type Placed = Pick<DocumentPage, 'start' | 'text' | 'width' | 'height' | 'spans'>;

/**
 * Where a mark lies on a page image: one rectangle a line, inside the page. A span that the mark
 * covers in part gives the part of its width that its letters take, by how wide letters usually are. Empty when the mark does not touch the page.
 */
export function markRects(page: Placed, mark: Mark): Rect[] {
  const from = mark.start - page.start;
  const to = mark.end - page.start;
  const rects: Rect[] = [];
  for (const [start, end, x, y, width, height] of page.spans) {
    const first = Math.max(from, start);
    const until = Math.min(to, end);
    if (first >= until) continue;
    const letters = page.text.slice(start, end);
    const whole = advance(letters);
    const before = (to: number) =>
      whole > 0 ? (advance(letters.slice(0, to - start)) / whole) * width : 0;
    const rect = clip(
      {
        x: x + before(first),
        y,
        width: before(until) - before(first),
        height,
      },
      page,
    );
    if (!rect) continue;
    const last = rects.at(-1);
    if (last && sameLine(last, rect)) rects[rects.length - 1] = union(last, rect);
    else rects.push(rect);
  }
  return rects;
}

/** The 1-based page on which an offset lies, by the starts of all pages; 1 for a document without pages. */
export function pageAt(pageStarts: readonly number[], offset: number): number {
  let low = 0;
  let high = pageStarts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pageStarts[middle] ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return Math.max(1, low);
}

function clip(rect: Rect, page: Placed): Rect | null {
  const right = Math.min(rect.x + rect.width, page.width ?? Infinity);
  const bottom = Math.min(rect.y + rect.height, page.height ?? Infinity);
  const x = Math.max(0, rect.x);
  const y = Math.max(0, rect.y);
  return right > x && bottom > y ? { x, y, width: right - x, height: bottom - y } : null;
}

// Words of one line come as spans with gaps of a blank between them; a gap wider than the line is
// high is another column.
function sameLine(a: Rect, b: Rect): boolean {
  const overlap = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const height = Math.min(a.height, b.height);
  const gap = Math.max(b.x - (a.x + a.width), a.x - (b.x + b.width));
  return overlap > height / 2 && gap <= Math.max(a.height, b.height);
}

function union(a: Rect, b: Rect): Rect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

/** How wide letters are in most fonts of documents, in shares of the font's size. */
function advance(letters: string): number {
  let sum = 0;
  for (const letter of letters) {
    if (/[ijlI.,:;'|!]/.test(letter)) sum += 0.26;
    else if (/[ ftr()[\]\-"/\\]/.test(letter)) sum += 0.32;
    else if (/[mwMW@%\u2014]/.test(letter)) sum += 0.86;
    else if (/[A-HJ-LN-VX-Z&]/.test(letter)) sum += 0.69;
    else sum += letter >= '\u2e80' ? 1 : 0.55;
  }
  return sum;
}
