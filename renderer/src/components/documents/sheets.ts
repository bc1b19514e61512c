import type { Block, DocumentPage, DocumentPart } from '../../../../electron/ipc/contract/index.ts';
import { cellsOf, linesOf } from './text-blocks.ts';
import type { Stretch } from './text-blocks.ts';

/** A sheet: one part of the document, or several in a row where it is long. */
export interface Sheet {
  readonly name: string | null;
  readonly parts: readonly DocumentPart[];
  /** Row at which each part begins; one more for the end. */
  readonly starts: readonly number[];
}

/** A cell by its row below the header and its column, from 0. */
export interface SheetCell {
  readonly row: number;
  readonly column: number;
}

/** A row below the header. Without a page until its text is there. */
export interface SheetRow {
  readonly row: number;
  readonly part: DocumentPart | undefined;
  readonly page: DocumentPage | undefined;
  readonly line: Stretch | undefined;
  /** Stretches of the page's text. */
  readonly cells: readonly Stretch[];
  /** As the file counts; null where it counts none. */
  readonly number: number | null;
}

/** Parts of one name that stand in a row are one sheet. */
export function sheetsOf(parts: readonly DocumentPart[]): readonly Sheet[] {
  const groups: DocumentPart[][] = [];
  for (const part of parts) {
    const group = groups.at(-1);
    if (group && part.title !== null && group[0]?.title === part.title) group.push(part);
    else groups.push([part]);
  }
  return groups.map((group) => {
    const starts = [0];
    for (const { lines } of group) starts.push((starts.at(-1) ?? 0) + lines);
    return { name: group[0]?.title ?? null, parts: group, starts };
  });
}

/** The part that holds a row, by the index among the sheet's parts. */
export function partOfRow({ starts }: Sheet, row: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= row) low = middle;
    else high = middle;
  }
  return low;
}

interface Read {
  readonly lines: readonly Stretch[];
}
const read = new WeakMap<DocumentPage, Read>();

/** The lines of a page, taken apart once. */
export function rowsOf(page: DocumentPage): readonly Stretch[] {
  const known = read.get(page) ?? { lines: linesOf(page.text) };
  read.set(page, known);
  return known.lines;
}

/** The line on which an offset (of the whole document) lies; the last one beyond the end. */
export function lineAt(page: DocumentPage, offset: number): number {
  const lines = rowsOf(page);
  let low = 0;
  let high = lines.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lines[middle]?.start ?? 0) + page.start <= offset) low = middle;
    else high = middle;
  }
  return low;
}

const blockOf = (page: DocumentPage, line: Stretch): Block | undefined =>
  page.blocks.find(
    ({ kind, start, end }) => kind === 'table' && line.start >= start && line.start < end,
  );

/** The number that the file gives a line; null where it counts none. */
export function rowNumber(page: DocumentPage, index: number): number | null {
  const line = rowsOf(page)[index];
  const block = line && blockOf(page, line);
  if (block?.firstRow === undefined) return null;
  return block.firstRow + index - lineAt(page, page.start + block.start);
}

/** The header's line: that of the first table which names one. */
export function headerOf(page: DocumentPage): number | null {
  const block = page.blocks.find(({ kind, header }) => kind === 'table' && header !== undefined);
  return block?.header ? lineAt(page, page.start + block.header[0]) : null;
}

/** Widths of the columns in characters: of the longest of some rows, within bounds. */
export function columnsOf(
  samples: readonly { readonly text: string; readonly line: Stretch }[],
): readonly number[] {
  const widths: number[] = [];
  for (const { text, line } of samples) {
    cellsOf(text, line).forEach(({ start, end }, column) => {
      const length = Math.min(40, Math.max(5, end - start));
      widths[column] = Math.max(widths[column] ?? 0, length);
    });
  }
  return widths;
}
