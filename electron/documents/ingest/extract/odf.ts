import { AppError } from '../../../ipc/app-error.ts';
import type { Beat, Extracted } from './extracted.ts';
import { unreadable } from './extracted.ts';
import { count, createOdfLists, createOdfSheetRow, createOdfTables } from './odf-parts.ts';
import { createPages, oneLine } from './sections.ts';
import type { Pages } from './sections.ts';
import { createSheet } from './sheet.ts';
import type { SheetRows } from './sheet.ts';
import { attribute, readXml } from './xml.ts';
import { openArchive } from './zip.ts';

type OdfKind = 'odt' | 'ods' | 'odp';
type Attributes = Readonly<Record<string, string>>;

/** What is no text of the document: deleted words, comments, controls, placeholders. */
const never = new Set(
  'tracked-changes annotation annotation-end forms sequence-decls event-listeners script scripts note-citation desc title settings named-expressions database-ranges automatic-styles font-face-decls'.split(
    ' ',
  ),
);
const mostSpaces = 64;

/**
 * OpenDocument text, sheets and slides (ODF 1.3): `content.xml` read as a stream. Throws
 * 'document-encrypted' where parts are encrypted.
 */
export function extractOdf(kind: OdfKind, bytes: Uint8Array, beat: Beat): Extracted {
  const archive = openArchive(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const manifest = 'META-INF/manifest.xml';
  if (archive.has(manifest) && archive.read(manifest).includes('encryption-data')) {
    throw new AppError('document-encrypted', 'the document has a password');
  }
  if (!archive.has('content.xml')) throw unreadable('the archive holds no document');
  const pages = createPages();
  const reader = createReader(kind, pages, beat);
  readXml(archive.read('content.xml'), reader, beat);
  if (!reader.found()) throw unreadable('the document has no content');
  return pages.end({ paged: kind === 'odp' });
}

function createReader(kind: OdfKind, pages: Pages, beat: Beat) {
  const lists = createOdfLists();
  const tables = createOdfTables();
  const sheetRow = createOdfSheetRow();
  /** Texts of the open paragraphs: a frame inside one has paragraphs of its own. */
  const open: string[] = [];
  let found = false;
  let skipping = 0;
  let sheet: SheetRows | null = null;
  let sheetDepth = 0;
  let frameClass = '';
  let notes: string[] | null = null;
  let slideOpen = false;
  let level = 1;

  const add = (text: string): void => {
    const last = open.length - 1;
    if (last >= 0) open[last] += text;
  };

  const put = (text: string, level: number | null): void => {
    if (text.trim() === '') return;
    if (sheet !== null) sheetRow.text(text);
    else if (notes !== null) notes.push(text);
    else if (tables.isOpen()) tables.text(text);
    else if (lists.isOpen()) lists.text(oneLine(text));
    else pages.add({ text, level });
  };

  const beginSlide = (name: string | undefined): void => {
    slideOpen = true;
    // The name that programs give by themselves says nothing.
    const title = name === undefined || /^(?:page|slide)\s?\d+$/i.test(name) ? null : name;
    pages.part({ kind: 'slide', title, keepEmpty: true });
  };

  const tableOpen = (attributes: Attributes): void => {
    if (kind === 'ods' && sheetDepth === 0) {
      pages.part({ kind: 'sheet', title: attribute(attributes, 'name') ?? null, keepEmpty: true });
      sheet = createSheet(pages);
      sheetRow.reset();
    } else if (kind !== 'ods') tables.open();
    sheetDepth += 1;
  };

  const tableClose = (): void => {
    sheetDepth -= 1;
    if (kind !== 'ods') {
      const piece = tables.close();
      if (piece !== null) pages.add(piece);
    } else if (sheetDepth === 0) {
      sheet?.end();
      sheet = null;
      beat();
    }
  };

  return {
    found: () => found,

    open(name: string, attributes: Attributes): void {
      if (skipping > 0 || never.has(name)) {
        skipping += 1;
        return;
      }
      if (name === 'p' || name === 'h') open.push('');
      else if (name === 's') add(' '.repeat(Math.min(count(attributes, 'c'), mostSpaces)));
      else if (name === 'tab') add(' ');
      else if (name === 'line-break') add('\n');
      else if (name === 'list' || name === 'list-item') lists.open(name);
      else if (name === 'table') tableOpen(attributes);
      else if (name === 'table-row') sheetRow.openRow(count(attributes, 'number-rows-repeated'));
      else if (name === 'table-cell' || name === 'covered-table-cell') {
        sheetRow.openCell(count(attributes, 'number-columns-repeated'), attributes);
        if (sheet === null) tables.openCell();
      } else if (name === 'page' && kind === 'odp') beginSlide(attribute(attributes, 'name'));
      else if (name === 'frame') frameClass = attribute(attributes, 'class') ?? '';
      else if (name === 'notes') notes = [];
      else if (name === 'text' || name === 'spreadsheet' || name === 'presentation') found = true;
      level = name === 'h' ? Math.min(6, count(attributes, 'outline-level')) : level;
    },

    text(text: string): void {
      if (skipping === 0) add(text.replace(/[ \t\r\n]+/g, ' '));
    },

    close(name: string): void {
      if (skipping > 0) {
        skipping -= 1;
        return;
      }
      if (name === 'p' || name === 'h') {
        const text = (open.pop() ?? '').trim();
        const isTitle = slideOpen && notes === null && frameClass === 'title';
        if (isTitle) pages.name(text);
        put(text, name === 'h' ? level : isTitle ? 1 : null);
      } else if (name === 'list' || name === 'list-item') {
        const piece = lists.close(name);
        if (piece === null) return;
        if (sheet !== null || notes !== null || tables.isOpen()) put(piece.text, null);
        else pages.add(piece);
      } else if (name === 'table') tableClose();
      else if (name === 'table-row') {
        if (sheet !== null) sheetRow.closeRow(sheet);
        else tables.closeRow();
      } else if (name === 'table-cell' || name === 'covered-table-cell') sheetRow.closeCell();
      else if (name === 'frame') frameClass = '';
      else if (name === 'notes') {
        const text = (notes ?? []).join('\n');
        notes = null;
        pages.add({ text, level: null, block: { kind: 'notes' } });
      } else if (name === 'page' && kind === 'odp') {
        slideOpen = false;
        beat();
      }
    },
  };
}
