import type { Beat, Extracted } from './extracted.ts';
import { tooLarge, unreadable } from './extracted.ts';
import { openOffice, relationId, rootOf } from './ooxml.ts';
import type { OfficeFile } from './ooxml.ts';
import { createPages } from './sections.ts';
import { createSheet, placeCell } from './sheet.ts';
import type { SheetRows } from './sheet.ts';
import { cellText, readNumberFormats } from './xlsx-values.ts';
import type { NumberFormat } from './xlsx-values.ts';
import { elements, find, readXml } from './xml.ts';

const workbook = 'xl/workbook.xml';
const mostStrings = 4_000_000;
const mostStringCharacters = 60_000_000;
/** What a sheet can have at most (ECMA-376 leaves it open; every program draws the line here). */
const mostRows = 1_048_576;
const mostColumns = 16_384;

/** Sheets in the workbook's order, hidden ones too, with the values that were last calculated. */
export function extractXlsx(bytes: Uint8Array, beat: Beat): Extracted {
  const office = openOffice(bytes, beat);
  const book = rootOf(office.tree(workbook), 'workbook');
  const relations = office.relations(workbook);
  const partOf = (type: string): string | null =>
    [...relations.values()].find((each) => each.type === type && office.archive.has(each.target))
      ?.target ?? null;
  const strings = readStrings(office, partOf('sharedStrings'), beat);
  const styles = partOf('styles');
  const formats = styles === null ? [] : readNumberFormats(office.tree(styles));
  const since1904 = /^(?:1|true)$/.test(find(book, 'workbookPr')?.attributes['date1904'] ?? '');
  const pages = createPages();
  const list = find(book, 'sheets');
  const seen = new Set<string>();
  for (const { attributes } of list === null ? [] : elements(list)) {
    const target = relations.get(relationId(attributes) ?? '')?.target;
    if (target === undefined || seen.has(target) || !office.archive.has(target)) continue;
    seen.add(target);
    pages.part({ kind: 'sheet', title: attributes['name'] ?? null, keepEmpty: true });
    const rows = createSheet(pages);
    readSheet(office, target, { strings, formats, since1904, rows, beat });
    rows.end();
    beat();
  }
  if (seen.size === 0) throw unreadable('the workbook has no sheets');
  return pages.end({ paged: false });
}

/** The texts that cells name by number; pronunciations (`rPh`) are no text of the cell. */
function readStrings(office: OfficeFile, part: string | null, beat: Beat): string[] {
  const strings: string[] = [];
  if (part === null) return strings;
  let text = '';
  let inText = 0;
  let spoken = 0;
  let characters = 0;
  const events = {
    open(name: string): void {
      if (name === 'si') text = '';
      else if (name === 't') inText += 1;
      else if (name === 'rPh') spoken += 1;
    },
    text(piece: string): void {
      if (inText === 0 || spoken > 0) return;
      text += piece;
      characters += piece.length;
      if (characters > mostStringCharacters) {
        throw tooLarge({ characters, limit: mostStringCharacters });
      }
    },
    close(name: string): void {
      if (name === 't') inText -= 1;
      else if (name === 'rPh') spoken -= 1;
      else if (name === 'si') {
        strings.push(text);
        if (strings.length > mostStrings) throw tooLarge({ strings: strings.length });
      }
    },
  };
  readXml(office.archive.read(part), events, beat);
  return strings;
}

interface SheetContext {
  readonly strings: readonly string[];
  readonly formats: readonly NumberFormat[];
  readonly since1904: boolean;
  readonly rows: SheetRows;
  readonly beat: Beat;
}

function readSheet(office: OfficeFile, part: string, context: SheetContext): void {
  const { strings, formats, since1904, rows, beat } = context;
  let row = 0;
  let cells: string[] = [];
  let column = -1;
  let type = 'n';
  let style = 0;
  let value = '';
  let taking = false;
  let spoken = 0;
  let rowGoesBack = false;
  const events = {
    open(name: string, attributes: Readonly<Record<string, string>>): void {
      if (name === 'row') {
        const named = Number(attributes['r']);
        const next = Number.isInteger(named) && named > 0 ? named : row + 1;
        rowGoesBack = next <= row || next > mostRows;
        if (!rowGoesBack) row = next;
        cells = [];
        column = -1;
      } else if (name === 'c') {
        const named = columnOf(attributes['r']);
        column = named !== null && named > column ? named : column + 1;
        type = attributes['t'] ?? 'n';
        style = Number(attributes['s'] ?? 0);
        value = '';
      } else if (name === 'rPh') spoken += 1;
      else if (name === 'v' || name === 't') taking = true;
    },
    text(piece: string): void {
      if (taking && spoken === 0 && value.length < 40_000) value += piece;
    },
    close(name: string): void {
      if (name === 'v' || name === 't') taking = false;
      else if (name === 'rPh') spoken -= 1;
      else if (name === 'c') {
        const text =
          type === 's'
            ? (strings[Number(value)] ?? '')
            : cellText(value, type, formats[style] ?? 'plain', since1904);
        if (text !== '' && column < mostColumns) placeCell(cells, column, text);
      } else if (name === 'row' && !rowGoesBack) rows.row(row, cells);
    },
  };
  readXml(office.archive.read(part), events, beat);
}

/** "BC12" as 54 (0-based), null where no column is named. */
function columnOf(reference: string | undefined): number | null {
  if (reference === undefined) return null;
  let column = 0;
  for (let index = 0; index < Math.min(reference.length, 4); index += 1) {
    const letter = reference.charCodeAt(index) & ~0x20;
    if (letter < 65 || letter > 90) break;
    column = column * 26 + letter - 64;
  }
  return column === 0 ? null : column - 1;
}
