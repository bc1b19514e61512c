import { mostCharacters, tooLarge } from './extracted.ts';
import { rowText } from './sections.ts';
import type { Pages, Piece } from './sections.ts';

/** Rows collected before they become a block; a page ends before that many are reached. */
const mostWaiting = 25_000;
/** Empty cells that are kept before a filled one: enough to keep columns in line, not to fill memory. */
const widestGap = 64;
const mostCells = 20_000_000;

/**
 * Rows of one sheet or table file as blocks of a page: rows are lines, cells parted by tabs. An empty row
 * ends a block, so that a block's lines always are rows that follow each other.
 */
export interface SheetRows {
  /** `row` is 1-based as the file counts; rows come in order, missing ones are empty. */
  row(row: number, cells: readonly string[]): void;
  end(): void;
}

export function createSheet(pages: Pages): SheetRows {
  let lines: string[] = [];
  let firstRow = 0;
  let size = 0;
  let before = 0;
  let header = '';
  let cellCount = 0;
  let going = false;
  const flush = (goesOn: boolean): void => {
    if (lines.length === 0) return;
    const own = !going && isHeader(lines[0] ?? '', lines[1]);
    if (own) header = lines[0] ?? '';
    // What goes on after a cut begins with the header again, in the place of the row before.
    const repeated = going && header !== '';
    pages.add({
      text: (repeated ? [header, ...lines] : lines).join('\n'),
      level: null,
      block: {
        kind: 'table',
        header: own || repeated,
        firstRow: repeated ? firstRow - 1 : firstRow,
      },
    });
    if (!own && !going) header = '';
    going = goesOn;
    lines = [];
    size = 0;
  };
  return {
    row(row, cells) {
      cellCount += cells.length;
      if (cellCount > mostCells) throw tooLarge({ cells: cellCount, limit: mostCells });
      // A long text that many cells share would be copied for each of them.
      let characters = 0;
      for (const cell of cells) characters += cell.length;
      if (characters > mostCharacters) throw tooLarge({ characters, limit: mostCharacters });
      const text = rowText(cells);
      if (text.trim() === '') return;
      if (row !== before + 1) flush(false);
      else if (size + text.length > mostWaiting) flush(true);
      if (lines.length === 0) firstRow = row;
      lines.push(text);
      size += text.length + 1;
      before = row;
    },
    end: () => flush(false),
  };
}

/** Puts a cell at its column (0-based); a gap that is too wide is made narrow. */
export function placeCell(cells: string[], column: number, value: string): void {
  const gap = Math.min(column - cells.length, widestGap);
  for (let index = 0; index < gap; index += 1) cells.push('');
  cells.push(value);
}

const figure = /^[\s\p{Sc}]*[-+(]?[\d.,\s]*\d[\d.,\s)%]*[\p{Sc}%]?\s*$|^\d{4}-\d\d-\d\d/u;

/** A first row of names above other rows: at least two filled cells, none of them a number or a date. */
export function isHeader(first: string, second: string | undefined): boolean {
  if (second === undefined) return false;
  const cells = first.split('\t').filter((cell) => cell !== '');
  return cells.length >= 2 && cells.every((cell) => !figure.test(cell) && cell.length <= 120);
}

/** A table of running text as one piece; null where no cell holds anything. */
export function tablePiece(rows: readonly (readonly string[])[]): Piece | null {
  const lines = rows.map(rowText).filter((line) => line.trim() !== '');
  if (lines.length === 0) return null;
  const header = isHeader(lines[0] ?? '', lines[1]);
  return { text: lines.join('\n'), level: null, block: { kind: 'table', header } };
}
