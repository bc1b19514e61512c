import { lineOf } from './pdf-lines.ts';
import type { Line, PdfPiece } from './pdf-lines.ts';

/** A row: for each column the lines of its cell, none where it is empty. */
export type TableRow = readonly (readonly Line[])[];

/** What a page holds, in its order. */
export type Part =
  | { readonly kind: 'line'; readonly line: Line }
  | { readonly kind: 'table'; readonly rows: readonly TableRow[] };

/** Pieces further apart than this stand in two cells: more than a stretched space or one of typewriter's. In font sizes. */
const cellGap = 0.8;
/** Columns keep at least this far apart in all rows. */
const columnGap = 0.2;
/** Cells of a column begin, end or have their middle this near to each other. */
const tolerance = 0.4;
/** Share of a column's cells that must. */
const alignedShare = 0.75;
/** A line of a cell begins at most so far below the one before, a row at most so far below the one before. */
const nextLine = 1.4;
const nextRow = 2.5;
/** The first cell of a tall row may stand in its middle, which is known once its other cells are. */
const middleOfRow = 12;
/** Lines of one height stand this near. */
const level = 0.3;
const fewestRows = 3;
const mostColumns = 64;
/** Where every column's cells have more words than this, the columns are text set side by side. */
const wordsOfProse = 3.5;
/** From lines that are no table the next one is looked for at their second line, from more of them behind them. */
const longestTriedAgain = 8;

/** Before an entry of a list; before a heading in a table of contents. */
const marker = /^(?:[•▪◦‣–—*·-]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)])$/iu;
const section = /^\d{1,3}(?:\.\d{1,3})+\.?$/u;

interface Cell {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly pieces: readonly PdfPiece[];
}

/** A cell with all of its lines. */
interface Whole {
  left: number;
  right: number;
  readonly lines: Cell[];
}

interface Column {
  left: number;
  right: number;
}

interface Open {
  readonly columns: Column[];
  /** Cells by the identity of their column: columns may come between others. */
  readonly rows: Map<Column, Whole>[];
  /** Lines that it takes up. */
  lines: number;
}

/**
 * Tells tables from running text by where things stand: at least three rows that follow each other, each with cells
 * in the same columns, which keep apart and in line. Lines come in the order in which the page draws them: a row's
 * lines from the left to the right, or one cell after the other, each with all of its lines.
 *
 * @param isHeading headings end a table
 */
export function partsOf(lines: readonly Line[], isHeading: (line: Line) => boolean): Part[] {
  const parts: Part[] = [];
  let at = 0;
  while (at < lines.length) {
    const open = growFrom(lines, at, isHeading);
    if (open !== null && isTable(open)) {
      parts.push({ kind: 'table', rows: open.rows.map((row) => rowOf(row, open.columns)) });
      at += open.lines;
      continue;
    }
    const passed = open === null || open.lines <= longestTriedAgain ? 1 : open.lines;
    for (const line of lines.slice(at, at + passed)) parts.push({ kind: 'line', line });
    at += passed;
  }
  return parts;
}

function growFrom(
  lines: readonly Line[],
  from: number,
  isHeading: (line: Line) => boolean,
): Open | null {
  const [first, second] = [lines[from], lines[from + 1]];
  if (first === undefined || second === undefined || isHeading(first)) return null;
  const beside =
    second.left > first.right && Math.abs(second.top - first.top) < middleOfRow * first.size;
  let row = cellsOf(first).map(whole);
  if ((row.length < 2 && !beside) || row.length > mostColumns) return null;
  const open: Open = { columns: [], rows: [], lines: 0 };
  /** Bottom of the row before. */
  let floor = first.top - nextRow * first.size;
  const close = (end: number): boolean => {
    const top = Math.min(...row.map(({ lines: own }) => own[0]?.top ?? 0));
    if (open.rows.length > 0 && top > floor + nextRow * first.size) return false;
    const placed = placedIn(open, row, first.size);
    if (placed === null) return false;
    open.rows.push(placed);
    open.lines = end - from;
    return true;
  };
  let at = from + 1;
  for (; at < lines.length; at += 1) {
    const line = lines[at];
    if (line === undefined || isHeading(line) || Math.abs(line.size - first.size) > 0.6) break;
    const cells = cellsOf(line);
    const [cell] = cells;
    if (cell === undefined) break;
    const { size } = line;
    const above = cells.length === 1 ? row.find((each) => goesOn(each, cell, size)) : undefined;
    if (above !== undefined && (above !== row[0] || row.length === 1)) {
      above.lines.push(cell);
      above.left = Math.min(above.left, cell.left);
      above.right = Math.max(above.right, cell.right);
      continue;
    }
    const bottom = Math.max(...row.map(({ lines: own }) => own.at(-1)?.top ?? 0)) + size;
    const right = row.at(-1);
    if (right === undefined) break;
    if (cell.left > right.right && line.top < bottom && line.top > floor - level * size) {
      row.push(...cells.map(whole));
      if (row.length > mostColumns) break;
      continue;
    }
    const isNext =
      cell.left < right.right &&
      line.top > bottom - level * size &&
      line.top < bottom + middleOfRow * size;
    if (!isNext || !close(at)) break;
    // A second row of one cell is text below the table.
    if (open.rows.length > 1 && row.length === 1 && cells.length === 1) {
      const next = lines[at + 1];
      if (next === undefined || next.left < line.right) break;
    }
    floor = bottom;
    row = cells.map(whole);
  }
  if (row.length > 1 && at > from + open.lines) close(at);
  while (open.rows.at(-1)?.size === 1) dropLast(open, lines, from);
  nameColumns(open);
  return open;
}

const whole = (cell: Cell): Whole => ({ left: cell.left, right: cell.right, lines: [cell] });

/** Whether a line goes on with a cell: below it, as near as lines of one text. */
function goesOn(cell: Whole, { left, right, top }: Cell, size: number): boolean {
  const last = cell.lines.at(-1)?.top ?? 0;
  const isBelow = top - last > level * size && top - last < nextLine * size;
  return isBelow && left < cell.right && right > cell.left;
}

/** A row of one cell at the end is no row: the next thing on the page. */
function dropLast(open: Open, lines: readonly Line[], from: number): void {
  const row = open.rows.pop();
  const [only] = row?.values() ?? [];
  const piece = only?.lines[0]?.pieces[0];
  const end = from + open.lines;
  for (let at = from; at < end && piece !== undefined; at += 1) {
    if (lines[at]?.pieces.includes(piece) !== true) continue;
    open.lines = at - from;
    break;
  }
}

/**
 * The column of each cell; columns grow by them, and new ones come between. Where a cell reaches over several that no
 * row holds more than one of, they are one column. Null, and nothing is changed, where two columns would touch.
 */
function placedIn(
  { columns, rows }: Open,
  cells: readonly Whole[],
  size: number,
): Map<Column, Whole> | null {
  const near = 0.1 * size;
  let grown = columns.map((column) => ({ of: [column], left: column.left, right: column.right }));
  const placed: { readonly cell: Whole; readonly of: Column[] }[] = [];
  for (const cell of cells) {
    const met = grown.filter(
      ({ left, right }) => cell.left < right + near && cell.right > left - near,
    );
    const of = met.flatMap((each) => each.of);
    if (placed.some((each) => each.of.some((column) => of.includes(column)))) return null;
    if (met.length > 1 && rows.some((row) => of.filter((column) => row.has(column)).length > 1)) {
      return null;
    }
    const one = {
      of: of.length === 0 ? [{ left: cell.left, right: cell.right }] : of,
      left: Math.min(cell.left, ...met.map(({ left }) => left)),
      right: Math.max(cell.right, ...met.map(({ right }) => right)),
    };
    grown = [...grown.filter((each) => !met.includes(each)), one];
    placed.push({ cell, of: one.of });
  }
  if (grown.length > mostColumns) return null;
  grown.sort((a, b) => a.left - b.left);
  const touches = grown.some(
    ({ left }, at) => at > 0 && left - (grown[at - 1]?.right ?? 0) < columnGap * size,
  );
  if (touches) return null;
  const all = grown.flatMap(({ of, left, right }) => {
    const [kept, ...others] = of;
    if (kept === undefined) return [];
    for (const other of others) join(rows, kept, other);
    return [Object.assign(kept, { left, right })];
  });
  columns.splice(0, columns.length, ...all);
  return new Map(
    placed.flatMap(({ cell, of: [kept] }) => (kept === undefined ? [] : [[kept, cell]])),
  );
}

/** Makes one column of two. */
function join(rows: readonly Map<Column, Whole>[], kept: Column, other: Column): void {
  for (const row of rows) {
    const cell = row.get(other);
    if (cell === undefined) continue;
    row.delete(other);
    row.set(kept, cell);
  }
}

/** A column's name may stand in its middle, beside all that is below it: it is of the column beside it. */
function nameColumns({ columns, rows }: Open): void {
  const [header, ...others] = rows;
  if (header === undefined) return;
  for (let at = 0; at < columns.length; at += 1) {
    const column = columns[at];
    if (column === undefined || !header.has(column)) continue;
    if (others.some((row) => row.has(column))) continue;
    const beside = [columns[at - 1], columns[at + 1]].find(
      (each) => each !== undefined && !header.has(each),
    );
    if (beside === undefined) continue;
    join(rows, beside, column);
    beside.left = Math.min(beside.left, column.left);
    beside.right = Math.max(beside.right, column.right);
    columns.splice(at, 1);
    at -= 1;
  }
}

function isTable({ columns, rows }: Open): boolean {
  if (columns.length < 2 || rows.filter((row) => row.size >= 2).length < fewestRows) return false;
  const inColumns = columns.map((column) => rows.flatMap((row) => row.get(column) ?? []));
  const [first = [], second = []] = inColumns;
  if (columns.length === 2) {
    if (first.every((cell) => marker.test(textOf(cell)))) return false;
    const numbered = first.every((cell) => section.test(textOf(cell)));
    if (numbered && wordsOf(second) >= 2) return false;
  }
  return inColumns.every(isAligned) && !inColumns.every((cells) => wordsOf(cells) > wordsOfProse);
}

/** Names of columns may stand otherwise than what is below them. */
function isAligned(cells: readonly Whole[]): boolean {
  const below = cells.slice(1);
  if (below.length < 2) return true;
  const size = below[0]?.lines[0]?.pieces[0]?.size ?? 0;
  const inLine = (edge: (cell: Whole) => number): boolean => {
    const edges = below.map(edge).sort((a, b) => a - b);
    const middle = edges[Math.floor(edges.length / 2)] ?? 0;
    const near = edges.filter((each) => Math.abs(each - middle) <= tolerance * size);
    return near.length >= alignedShare * edges.length;
  };
  return (
    inLine(({ left }) => left) ||
    inLine(({ right }) => right) ||
    inLine(({ left, right }) => (left + right) / 2)
  );
}

/** Mean words of a column's cells; two characters of Korean, Chinese or Japanese count as one. */
function wordsOf(cells: readonly Whole[]): number {
  const words = cells.reduce((sum, each) => {
    const text = textOf(each);
    const dense = text.match(
      /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/gu,
    );
    return sum + (dense === null ? (text.match(/\S+/g)?.length ?? 0) : dense.length / 2);
  }, 0);
  return words / Math.max(1, cells.length);
}

const textOf = ({ lines }: Whole): string =>
  lines
    .flatMap(({ pieces }) => pieces.map(({ text }) => text))
    .join(' ')
    .trim();

const rowOf = (row: ReadonlyMap<Column, Whole>, columns: readonly Column[]): TableRow =>
  columns.map(
    (column) => row.get(column)?.lines.flatMap(({ pieces }) => lineOf(pieces) ?? []) ?? [],
  );

/** Pieces of a line that stand together. White space between cells belongs to none. */
function cellsOf(line: Line): Cell[] {
  const cells: { left: number; right: number; top: number; pieces: PdfPiece[] }[] = [];
  let blank: PdfPiece[] = [];
  for (const piece of line.pieces) {
    if (piece.text.trim() === '') {
      blank.push(piece);
      continue;
    }
    const open = cells.at(-1);
    const right = piece.x + piece.width;
    if (open === undefined || Math.abs(piece.x - open.right) > cellGap * piece.size) {
      cells.push({ left: piece.x, right, top: line.top, pieces: [piece] });
    } else {
      open.pieces.push(...blank, piece);
      open.right = Math.max(open.right, right);
    }
    blank = [];
  }
  return cells;
}
