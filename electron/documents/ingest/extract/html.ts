import { parse, parseFragment } from 'parse5';
import type { DefaultTreeAdapterTypes } from 'parse5';
import { decodeText } from './encoding.ts';
import type { Extracted } from './extracted.ts';
import { sectionsOf } from './sections.ts';
import type { Block } from './sections.ts';
import { refuseOtherFormats } from './txt.ts';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Parent = DefaultTreeAdapterTypes.ParentNode;
type Element = DefaultTreeAdapterTypes.Element;

const never = new Set(
  'script style noscript template svg math head iframe object canvas audio video button select input textarea'.split(
    ' ',
  ),
);
/** What stands around a page's content. */
const furniture = new Set(['nav', 'footer', 'aside', 'header', 'menu', 'dialog']);
const block = new Set(
  (
    'address article aside blockquote body dd details dialog div dl dt fieldset figcaption figure footer form ' +
    'header hgroup hr li main menu nav ol p pre section summary table caption thead tbody tfoot tr ul'
  ).split(' '),
);

/** A saved page: its main content with headings; no scripts, styles or navigation. */
export function extractHtml(bytes: Uint8Array): Extracted {
  refuseOtherFormats(bytes);
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 4096));
  const declared = /charset\s*=\s*["']?\s*([\w-]+)/i.exec(start.toString('latin1'))?.[1];
  const tree = parse(decodeText(bytes, declared));
  const main = findMain(tree);
  let blocks = collect(main ?? tree, main === null);
  // A page that is nothing but furniture is a page whose author chose odd elements.
  if (blocks.every(({ text }) => text.trim() === '')) blocks = collect(tree, false);
  return sectionsOf(blocks);
}

/** Blocks of a piece of html inside another format (mammoth's output, html in markdown). */
export function blocksOfHtml(html: string): Block[] {
  return collect(parseFragment(html), false);
}

const isElement = (node: Node | Parent): node is Element => 'tagName' in node;
const attribute = (node: Element, name: string): string | undefined =>
  node.attrs.find((each) => each.name === name)?.value;

/** The one <main>, or the one <article>; several articles are a list of them, which is content too. */
function findMain(root: Parent): Element | null {
  const mains: Element[] = [];
  const articles: Element[] = [];
  const open: (Node | Parent)[] = [root];
  while (open.length > 0) {
    const node = open.pop() as Node | Parent;
    if (isElement(node)) {
      if (node.tagName === 'main' || attribute(node, 'role') === 'main') mains.push(node);
      if (node.tagName === 'article') articles.push(node);
    }
    // One by one: a call takes only so many arguments.
    if ('childNodes' in node) for (const child of node.childNodes) open.push(child);
  }
  if (mains.length === 1) return mains[0] ?? null;
  return mains.length === 0 && articles.length === 1 ? (articles[0] ?? null) : null;
}

function hidden(node: Element): boolean {
  return (
    attribute(node, 'hidden') !== undefined ||
    attribute(node, 'aria-hidden') === 'true' ||
    /display\s*:\s*none|visibility\s*:\s*hidden/i.test(attribute(node, 'style') ?? '')
  );
}

function collect(root: Parent, skipFurniture: boolean): Block[] {
  const blocks: Block[] = [];
  let line = '';
  // Kept apart, because looking at the end of a string that is being built up copies it each time.
  let last = '\n';
  const add = (text: string): void => {
    if (text === '') return;
    line += text;
    last = text.charAt(text.length - 1);
  };
  const flush = (level: number | null = null, pre = false): void => {
    const text = pre
      ? line.replace(/^\n+/, '').trimEnd()
      : line
          .split('\n')
          .map((each) => each.trim())
          .join('\n')
          .trim();
    if (text !== '') blocks.push({ text, level });
    line = '';
    last = '\n';
  };
  const visit = (node: Node, pre: boolean): void => {
    if (node.nodeName === '#text') {
      const { value } = node as DefaultTreeAdapterTypes.TextNode;
      const text = pre ? value : value.replace(/[ \t\n\r\f]+/g, ' ');
      add(!pre && (last === ' ' || last === '\n') ? text.trimStart() : text);
      return;
    }
    if (!isElement(node)) return;
    const { tagName } = node;
    if (never.has(tagName) || hidden(node)) return;
    if (skipFurniture && furniture.has(tagName)) return;
    if (tagName === 'br') add('\n');
    else if (tagName === 'img') add(attribute(node, 'alt') ?? '');
    else if (/^h[1-6]$/.test(tagName)) {
      flush();
      children(node, false);
      line = line.replace(/\s+/g, ' ');
      flush(Number(tagName[1]));
    } else if (tagName === 'table') {
      flush();
      add(tableText(node));
      flush();
    } else if (tagName === 'ul' || tagName === 'ol') {
      flush();
      add(listText(node, ''));
      flush(null, true);
    } else if (tagName === 'pre') {
      flush();
      children(node, true);
      flush(null, true);
    } else if (block.has(tagName)) {
      flush();
      children(node, pre);
      flush();
    } else children(node, pre);
  };
  const children = (node: Parent, pre: boolean): void => {
    for (const child of node.childNodes) visit(child, pre);
  };
  children(root, false);
  flush();
  return blocks;
}

/** Rows as lines, cells parted by a bar; a table inside a cell becomes part of that cell. */
function tableText(table: Element): string {
  const rows: string[] = [];
  const visit = (node: Node): void => {
    if (!isElement(node) || never.has(node.tagName) || hidden(node)) return;
    if (node.tagName === 'caption') rows.push(flat(node));
    else if (node.tagName === 'tr') {
      const cells = node.childNodes.filter(
        (each): each is Element => isElement(each) && /^t[dh]$/.test(each.tagName),
      );
      rows.push(cells.map(flat).join(' | '));
    } else node.childNodes.forEach(visit);
  };
  table.childNodes.forEach(visit);
  return rows.filter((row) => row.replaceAll('|', '').trim() !== '').join('\n');
}

function listText(list: Element, indent: string): string {
  const lines: string[] = [];
  for (const item of list.childNodes) {
    if (!isElement(item) || hidden(item)) continue;
    const nested = item.childNodes.filter(
      (each): each is Element => isElement(each) && /^[uo]l$/.test(each.tagName),
    );
    const own = {
      ...item,
      childNodes: item.childNodes.filter((each) => !nested.includes(each as Element)),
    };
    const text = flat(own);
    const mark = list.tagName === 'ol' ? `${lines.length + 1}.` : '-';
    if (text !== '') lines.push(`${indent}${mark} ${text}`);
    lines.push(
      ...nested.map((each) => listText(each, `${indent}  `)).filter((each) => each !== ''),
    );
  }
  return lines.join('\n');
}

const flat = (node: Parent): string =>
  collect(node, false)
    .map(({ text }) => text.replace(/\s+/g, ' '))
    .join(' ');
