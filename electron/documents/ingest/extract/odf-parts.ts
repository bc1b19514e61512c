import type { Piece } from './sections.ts';
import { placeCell, tablePiece } from './sheet.ts';
import type { SheetRows } from './sheet.ts';
import { attribute } from './xml.ts';

type Attributes = Readonly<Record<string, string>>;

/** A filled cell or row that claims to repeat more often than this is not repeated further. */
const mostCopies = 256;

/** Items of a list with their depth, until the outermost list ends. */
export function createOdfLists() {
  let depth = 0;
  let fresh = false;
  let lines: string[] = [];
  return {
    isOpen: () => depth > 0,
    open(name: string): void {
      if (name === 'list') depth += 1;
      else fresh = true;
    },
    text(text: string): void {
      const indent = '  '.repeat(Math.min(depth - 1, 8));
      lines.push(`${indent}${fresh ? '- ' : '  '}${text}`);
      fresh = false;
    },
    close(name: string): Piece | null {
      if (name !== 'list') return null;
      depth -= 1;
      if (depth > 0 || lines.length === 0) return null;
      const piece: Piece = { text: lines.join('\n'), level: null, block: { kind: 'list' } };
      lines = [];
      return piece;
    },
  };
}

/** A table of a text or a slide; one inside a cell becomes part of that cell. */
export function createOdfTables() {
  let depth = 0;
  let rows: string[][] = [];
  let row: string[] = [];
  return {
    isOpen: () => depth > 0,
    open(): void {
      depth += 1;
    },
    openCell(): void {
      if (depth === 1) row.push('');
    },
    text(text: string): void {
      const last = row.length - 1;
      if (last >= 0) row[last] = `${row[last] ?? ''} ${text}`;
    },
    closeRow(): void {
      if (depth !== 1) return;
      rows.push(row);
      row = [];
    },
    close(): Piece | null {
      depth -= 1;
      if (depth > 0) return null;
      const piece = tablePiece(rows);
      rows = [];
      row = [];
      return piece;
    },
  };
}

/** The row of a sheet that is being read: repeated empty cells and rows only move the count on. */
export function createOdfSheetRow() {
  let row = 0;
  let rowCopies = 1;
  let column = 0;
  let cells: string[] = [];
  let cell = '';
  let cellCopies = 1;
  let value = '';
  let depth = 0;
  return {
    reset(): void {
      row = 0;
    },
    openRow(copies: number): void {
      rowCopies = copies;
      column = 0;
      cells = [];
    },
    openCell(copies: number, attributes: Attributes): void {
      depth += 1;
      if (depth > 1) return;
      cellCopies = copies;
      cell = '';
      value =
        attribute(attributes, 'value') ??
        attribute(attributes, 'date-value') ??
        attribute(attributes, 'boolean-value') ??
        '';
    },
    text(text: string): void {
      cell += cell === '' ? text : ` ${text}`;
    },
    closeCell(): void {
      depth -= 1;
      if (depth > 0) return;
      const text = cell === '' ? value : cell;
      if (text !== '') {
        placeCell(cells, column, text);
        for (let copy = 1; copy < Math.min(cellCopies, mostCopies); copy += 1) cells.push(text);
      }
      column += cellCopies;
    },
    closeRow(sheet: SheetRows): void {
      if (cells.length > 0) {
        const copies = Math.min(rowCopies, mostCopies);
        for (let copy = 1; copy <= copies; copy += 1) sheet.row(row + copy, cells);
      }
      row += rowCopies;
    },
  };
}

/** A count of the file, 1 where none stands or it is nonsense. */
export function count(attributes: Attributes, name: string): number {
  const value = Number(attribute(attributes, name) ?? 1);
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : 1;
}
