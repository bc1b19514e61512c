import type { Mark } from './mark.ts';

/** What is marked in a document. Offsets are into its whole extracted text. */
export interface Shades {
  /** In reading order, none overlapping another. */
  readonly cited: readonly Mark[];
  /** Hits of what is looked for, in reading order, none overlapping another. */
  readonly found: readonly Mark[];
  /** The hit that is looked at. */
  readonly current: Mark | null;
}

export const noShades: Shades = { cited: [], found: [], current: null };

/** A stretch of text that is marked the same all over. */
export interface ShadedPiece {
  readonly text: string;
  readonly cited: boolean;
  readonly found: boolean;
  readonly current: boolean;
}

const touches = (mark: Mark, start: number, end: number): boolean =>
  mark.start < end && mark.end > start;

/** Those of many marks in order that touch a stretch, found without looking at all of them. */
export function within(marks: readonly Mark[], start: number, end: number): readonly Mark[] {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  let last = low;
  while (last < marks.length && (marks[last]?.start ?? end) < end) last += 1;
  return marks.slice(low, last);
}

/** Whether anything is marked in a stretch of the document. */
export function isShaded(shades: Shades, start: number, end: number): boolean {
  return within(shades.cited, start, end).length > 0 || within(shades.found, start, end).length > 0;
}

/**
 * Text cut where marks begin and end. Together the pieces are the text, whatever the marks.
 *
 * @param start offset of the text within the document's
 */
export function shaded(text: string, start: number, shades: Shades): readonly ShadedPiece[] {
  const end = start + text.length;
  const found = within(shades.found, start, end);
  const cited = within(shades.cited, start, end);
  const cuts = new Set([start, end]);
  for (const mark of [...found, ...cited]) {
    cuts.add(Math.max(start, mark.start));
    cuts.add(Math.min(end, mark.end));
  }
  const edges = [...cuts].sort((a, b) => a - b);
  const pieces: ShadedPiece[] = [];
  for (let index = 0; index + 1 < edges.length; index += 1) {
    const from = edges[index] ?? start;
    const to = edges[index + 1] ?? end;
    const hit = found.find((mark) => touches(mark, from, to));
    pieces.push({
      text: text.slice(from - start, to - start),
      cited: cited.some((mark) => touches(mark, from, to)),
      found: hit !== undefined,
      current: hit !== undefined && hit.start === shades.current?.start,
    });
  }
  return pieces;
}
