import { decodeText } from './encoding.ts';
import type { Extracted } from './extracted.ts';
import { mainContent } from './html-main.ts';
import {
  attributeOf,
  elementsBelow,
  hidden,
  isElement,
  isText,
  parseHtml,
  parseHtmlFragment,
  plainText,
  spacesAsOne,
} from './html-tree.ts';
import type { Element, Node, Parent } from './html-tree.ts';
import { createPages, oneLine } from './sections.ts';
import type { Piece } from './sections.ts';
import { tablePiece } from './sheet.ts';

const never = new Set(
  'script style noscript template svg math head iframe object canvas audio video button select input textarea'.split(
    ' ',
  ),
);
const block = new Set(
  (
    'address article aside blockquote body dd details dialog div dl dt fieldset figcaption figure footer form ' +
    'header hgroup hr li main menu nav ol p pre section summary table caption thead tbody tfoot tr td th ul'
  ).split(' '),
);
const headings = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6']);
const cells = new Set(['td', 'th']);
/** Elements inside each other beyond this give their text without structure. */
const deepest = 300;

/** A saved page: its main content with headings; no scripts, styles or navigation. */
export function extractHtml(bytes: Uint8Array): Extracted {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096));
  const declared = /charset\s*=\s*["']?\s*([\w-]+)/i.exec(start.toString('latin1'))?.[1];
  const { title, pieces } = readHtml(decodeText(bytes, declared), true);
  const pages = createPages();
  pages.part({ title });
  for (const piece of pieces) pages.add(piece);
  return pages.end({ paged: false });
}

/** Title and pieces of a page; with `onlyMain` without what stands around its content. */
export function readHtml(
  source: string,
  onlyMain: boolean,
): { readonly title: string | null; readonly pieces: Piece[] } {
  const tree = parseHtml(source);
  let title: string | null = null;
  for (const node of elementsBelow(tree)) {
    if (node.tagName !== 'title') continue;
    title = oneLine(plainText(node));
    break;
  }
  if (onlyMain) {
    const { root, isFurniture } = mainContent(tree);
    const pieces = collect(root, isFurniture);
    if (pieces.some(({ text }) => text.trim() !== '')) return { title, pieces };
    // A page that is nothing but furniture is a page whose author chose odd elements.
  }
  return { title, pieces: collect(tree, nothing) };
}

/** Pieces of a stretch of html inside another format (mammoth's output, html in markdown). */
export const piecesOfHtml = (html: string): Piece[] => collect(parseHtmlFragment(html), nothing);

const nothing = (): boolean => false;

function collect(root: Parent, skip: (node: Element) => boolean, from = 0): Piece[] {
  const pieces: Piece[] = [];
  let line = '';
  // Kept apart, because looking at the end of a string that is being built up copies it each time.
  let last = '\n';
  const add = (text: string): void => {
    if (text === '') return;
    line += text;
    last = text.charAt(text.length - 1);
  };
  const flush = (level: number | null = null, kept: 'pre' | 'list' | null = null): void => {
    const text =
      kept !== null
        ? line.replace(/^\n+/, '').trimEnd()
        : line.includes('\n')
          ? line
              .split('\n')
              .map((each) => each.trim())
              .join('\n')
              .trim()
          : line.trim();
    const facts =
      kept === null ? {} : { block: { kind: kept === 'pre' ? 'code' : 'list' } as const };
    if (text !== '') pieces.push({ text, level, ...facts });
    line = '';
    last = '\n';
  };
  const visit = (node: Node, pre: boolean, depth: number): void => {
    if (isText(node)) {
      const text = pre ? node.value : spacesAsOne(node.value);
      add(!pre && (last === ' ' || last === '\n') ? text.trimStart() : text);
      return;
    }
    if (!isElement(node)) return;
    const { tagName } = node;
    if (never.has(tagName) || hidden(node) || skip(node)) return;
    if (depth > deepest) add(` ${plainText(node)} `);
    else if (tagName === 'br') add('\n');
    else if (tagName === 'img') add(attributeOf(node, 'alt') ?? '');
    else if (headings.has(tagName)) {
      flush();
      children(node, false, depth);
      line = line.replace(/\s+/g, ' ');
      flush(Number(tagName[1]));
    } else if (tagName === 'table' && isData(node)) {
      flush();
      pieces.push(...tablePieces(node, depth));
    } else if (tagName === 'ul' || tagName === 'ol') {
      flush();
      add(listText(node, '', depth));
      flush(null, 'list');
    } else if (tagName === 'pre') {
      flush();
      children(node, true, depth);
      flush(null, 'pre');
    } else if (block.has(tagName)) {
      flush();
      children(node, pre, depth);
      flush();
    } else children(node, pre, depth);
  };
  const children = (node: Parent, pre: boolean, depth: number): void => {
    for (const child of node.childNodes) visit(child, pre, depth + 1);
  };
  children(root, false, from);
  flush();
  return pieces;
}

/** A table that holds another one or headings is there for its looks: its cells are text like any other. */
function isData(table: Element): boolean {
  if (attributeOf(table, 'role') === 'presentation') return false;
  for (const node of elementsBelow(table))
    if (node.tagName === 'table' || headings.has(node.tagName)) return false;
  return true;
}

function tablePieces(table: Element, depth: number): Piece[] {
  const rows: string[][] = [];
  const pieces: Piece[] = [];
  for (const node of elementsBelow(table)) {
    if (never.has(node.tagName) || hidden(node)) continue;
    if (node.tagName === 'caption') pieces.push({ text: flat(node, depth), level: null });
    if (node.tagName !== 'tr') continue;
    const row = node.childNodes.filter(
      (each): each is Element => isElement(each) && cells.has(each.tagName) && !hidden(each),
    );
    rows.push(row.map((cell) => flat(cell, depth)));
  }
  const piece = tablePiece(rows);
  return piece === null ? pieces : [...pieces, piece];
}

function listText(list: Element, indent: string, depth: number): string {
  const lines: string[] = [];
  let number = Number(attributeOf(list, 'start') ?? 1) || 1;
  for (const item of list.childNodes) {
    if (!isElement(item) || hidden(item)) continue;
    const nested = item.childNodes.filter(
      (each): each is Element =>
        isElement(each) && (each.tagName === 'ul' || each.tagName === 'ol'),
    );
    const inner = new Set<Node>(nested);
    const own =
      nested.length === 0
        ? item
        : { ...item, childNodes: item.childNodes.filter((each) => !inner.has(each)) };
    const text = flat(own, depth + 1);
    if (text !== '') {
      lines.push(`${indent}${list.tagName === 'ol' ? `${number}.` : '-'} ${text}`);
      number += 1;
    }
    for (const each of nested) {
      const below = depth > deepest ? plainText(each) : listText(each, `${indent}  `, depth + 1);
      if (below.trim() !== '') lines.push(below);
    }
  }
  return lines.join('\n');
}

function flat(node: Parent, depth: number): string {
  const [only] = node.childNodes;
  // Most cells and items hold nothing but words.
  if (only === undefined) return '';
  if (node.childNodes.length === 1 && isText(only)) return oneLine(only.value);
  return collect(node, nothing, depth)
    .map(({ text }) => oneLine(text))
    .join(' ');
}
