import { decodeText } from './encoding.ts';
import { unreadable } from './extracted.ts';
import type { Beat, Extracted } from './extracted.ts';
import { readHtml } from './html.ts';
import { piecesOfMarkdown } from './md.ts';
import { createPages } from './sections.ts';
import type { Pages } from './sections.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Outputs longer than this are logs: their beginning and their end are kept, the gap is marked. */
const longestOutput = 20_000;

/** Cells of a notebook (nbformat 3 and 4), numbered as they stand: text, code, and what the code printed. */
export function extractIpynb(bytes: Uint8Array, beat: Beat): Extracted {
  let notebook: unknown;
  try {
    notebook = JSON.parse(decodeText(bytes).replace(/^\uFEFF/, ''));
  } catch (error) {
    throw unreadable('the notebook is damaged', error);
  }
  const cells = cellsOf(notebook);
  if (cells === null) throw unreadable('the file is no notebook');
  const pages = createPages();
  for (const cell of cells) {
    pages.part({ kind: 'cell', keepEmpty: true });
    if (isFields(cell)) addCell(cell, pages, beat);
    beat();
  }
  return pages.end({ paged: false });
}

function cellsOf(notebook: unknown): readonly unknown[] | null {
  if (!isFields(notebook)) return null;
  const { cells, worksheets } = notebook;
  if (Array.isArray(cells)) return cells as unknown[];
  if (!Array.isArray(worksheets)) return null;
  return (worksheets as unknown[]).flatMap((sheet) =>
    isFields(sheet) && Array.isArray(sheet['cells']) ? (sheet['cells'] as unknown[]) : [],
  );
}

function addCell(cell: Fields, pages: Pages, beat: Beat): void {
  const source = textOf(cell['source'] ?? cell['input']);
  const type = cell['cell_type'];
  if (type === 'markdown') {
    for (const piece of piecesOfMarkdown(source, beat)) pages.add(piece);
  } else if (type === 'heading') {
    const level = Number(cell['level']);
    pages.add({ text: source, level: level >= 1 && level <= 6 ? level : 1 });
  } else if (type === 'code') {
    pages.add({ text: source, level: null, block: { kind: 'code' } });
    const outputs = cell['outputs'];
    for (const output of Array.isArray(outputs) ? (outputs as unknown[]) : []) {
      if (isFields(output)) addOutput(output, pages);
    }
  } else pages.add({ text: source, level: null });
}

function addOutput(output: Fields, pages: Pages): void {
  const data = isFields(output['data']) ? output['data'] : output;
  const plain = textOf(data['text/plain'] ?? output['text']);
  const html = textOf(data['text/html'] ?? '');
  if (html !== '' && /<table/i.test(html)) {
    for (const piece of readHtml(html, false).pieces) pages.add(piece);
    return;
  }
  const error = [output['ename'], output['evalue']].filter((each) => typeof each === 'string');
  const text = plain === '' ? error.join(': ') : plain;
  const colours = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*[A-Za-z]`, 'g');
  pages.add({ text: shorten(text.replace(colours, '')), level: null, block: { kind: 'code' } });
}

function shorten(text: string): string {
  if (text.length <= longestOutput) return text;
  const left = text.length - longestOutput;
  const half = longestOutput / 2;
  return `${text.slice(0, half)}\n[… ${left} characters of output left out …]\n${text.slice(-half)}`;
}

/** A text may stand as one string or as a list of lines. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return (value as unknown[]).filter((line) => typeof line === 'string').join('');
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
