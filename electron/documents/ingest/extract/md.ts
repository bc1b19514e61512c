import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { toString } from 'mdast-util-to-string';
import type { List, ListItem, Nodes, Paragraph, Root, RootContent } from 'mdast';
import { gfmTable } from 'micromark-extension-gfm-table';
import { decodeText } from './encoding.ts';
import { cleanText } from './extracted.ts';
import type { Beat, Extracted } from './extracted.ts';
import { piecesOfHtml } from './html.ts';
import { createPages, oneLine } from './sections.ts';
import type { Piece } from './sections.ts';
import { tablePiece } from './sheet.ts';

/** Markdown: headings with their level, text without its marks, code, lists and tables line by line. */
export function extractMd(bytes: Uint8Array, beat: Beat): Extracted {
  const source = cleanText(decodeText(bytes));
  const { head, body } = splitFrontMatter(source);
  const pages = createPages();
  const title = /^title:[ \t]*(["']?)(.+)\1[ \t]*$/m.exec(head)?.[2] ?? null;
  pages.part({ title });
  pages.add({ text: head, level: null });
  for (const piece of piecesOfMarkdown(body, beat)) pages.add(piece);
  return pages.end({ paged: false });
}

/**
 * Quotes and lists so deep inside each other that nobody reads them as such; the grammar takes a time
 * that grows with the square.
 */
const tooDeep =
  /^(?:[ \t]*(?:>|[-*+]|\d{1,9}[.)])[ \t]?){60}|^[ \t>]{120,}(?:[-*+]|\d{1,9}[.)])[ \t]/m;

/** Pieces of Markdown: a file's, or of one cell of a notebook. In stretches of about `size` characters. */
export function* piecesOfMarkdown(source: string, beat: Beat, size = stretch): Generator<Piece> {
  if (tooDeep.test(source)) {
    for (const text of source.split('\n\n')) yield { text, level: null };
    return;
  }
  for (const { children } of treesOf(source, size, beat)) {
    for (const node of children) yield* piecesOf(node, source);
    beat();
  }
}

/**
 * Characters of a stretch that is parsed by itself: trees take 80 times their text, and a parser whose tree is large
 * spends most of its time on collecting garbage.
 */
const stretch = 16 * 1024;
/**
 * An empty line, then the left edge with a heading or a word: whatever was open ends here, but for code
 * between fences and html that waits for its end.
 */
const cuts = /\n[ \t]*\n(?=[#\p{L}])/gu;
/** Says by standing in the tree, or not, whether the text before it was whole. */
const mark = '\u{F8FF}end';

/** Trees of a text, stretch by stretch; what they hold is what one tree of it all would. */
function* treesOf(source: string, usual: number, beat: Beat): Generator<Root> {
  if (source.length <= 2 * usual) {
    yield parse(source);
    return;
  }
  const labels = new Map<string, string>();
  if (mayDefine.test(source)) {
    for (const tree of stretchesOf(source, usual, labels)) {
      for (const label of definedIn(tree)) labels.set(keyOf(label), label);
      beat();
    }
  }
  yield* stretchesOf(source, usual, labels);
}

/** @param labels of links that are defined anywhere: "[label]: address"; they may be used in any stretch */
function* stretchesOf(
  source: string,
  usual: number,
  labels: ReadonlyMap<string, string>,
): Generator<Root> {
  let from = 0;
  let size = usual;
  while (from < source.length) {
    const to = source.length - from <= 2 * size ? source.length : cutBehind(source, from + size);
    const part = source.slice(from, to);
    const text = definitionsFor(part, labels) + part;
    const tree = to === source.length ? parse(text) : closedTree(text);
    if (tree === null) {
      // The cut fell into what was still open: all of it is read with what follows.
      size *= 2;
      continue;
    }
    yield tree;
    from = to;
    size = usual;
  }
}

/** The tree of a text that ends with an empty line; null where something is still open there and would take in more. */
function closedTree(text: string): Root | null {
  const tree = parse(`${text}[${mark}]: <>`);
  const last = tree.children.at(-1);
  return last?.type === 'definition' && last.label === mark ? tree : null;
}

const parse = (source: string): Root =>
  fromMarkdown(source, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  });

function cutBehind(source: string, at: number): number {
  cuts.lastIndex = at;
  const found = cuts.exec(source);
  return found === null ? source.length : found.index + found[0].length;
}

const mayDefine = /\[[^[\]]{1,200}\]:/;

function* definedIn(node: Nodes): Generator<string> {
  if (node.type === 'definition' && node.label !== mark) yield node.label ?? node.identifier;
  if ('children' in node) for (const child of node.children) yield* definedIn(child);
}

const keyOf = (label: string): string => oneLine(label).toLowerCase();

/** Definitions of the labels that a stretch uses: addresses are no text. */
function definitionsFor(part: string, labels: ReadonlyMap<string, string>): string {
  if (labels.size === 0) return '';
  const used = new Set<string>();
  for (const [, label = ''] of part.matchAll(/\[([^[\]]{1,200})\]/g)) {
    const known = labels.get(keyOf(label));
    if (known !== undefined) used.add(`[${known}]: <>\n`);
  }
  return used.size === 0 ? '' : `${[...used].join('')}\n`;
}

function splitFrontMatter(source: string): { head: string; body: string } {
  const found = /^---\n([\s\S]*?)\n(?:---|\.\.\.)(?:\n|$)/.exec(source);
  return found === null
    ? { head: '', body: source }
    : { head: found[1] ?? '', body: source.slice(found[0].length) };
}

function piecesOf(node: RootContent, source: string): Piece[] {
  switch (node.type) {
    case 'heading':
      return [{ text: inline(toString(node)), level: node.depth }];
    case 'paragraph':
      return [{ text: paragraphText(node), level: null }];
    case 'list':
      return [{ text: listText(node, source, ''), level: null, block: { kind: 'list' } }];
    case 'blockquote':
      return node.children.flatMap((child) => piecesOf(child, source));
    case 'code':
      return [{ text: node.value, level: null, block: { kind: 'code' } }];
    case 'table': {
      const rows = node.children.map((row) => row.children.map((cell) => toString(cell)));
      const piece = tablePiece(rows);
      // Its first row is a header by the grammar, whatever it holds.
      return piece === null ? [] : [{ ...piece, block: { kind: 'table', header: true } }];
    }
    case 'html':
      return piecesOfHtml(node.value);
    case 'thematicBreak':
    case 'definition':
      return [];
    default:
      return [{ text: toString(node), level: null }];
  }
}

/** In a paragraph a line break of the source is only a space. */
function paragraphText(node: Paragraph): string {
  const text = node.children
    .map((child) => {
      if (child.type === 'break') return '\u0085';
      if (child.type === 'html') return /^<br\b/i.test(child.value) ? '\u0085' : '';
      return toString(child);
    })
    .join('');
  return inline(text).replace(/ ?\u0085 ?/g, '\n');
}

function listText(list: List, source: string, indent: string): string {
  return list.children
    .map((item, index) => {
      const mark = list.ordered === true ? `${(list.start ?? 1) + index}.` : '-';
      return `${indent}${mark} ${itemText(item, source, `${indent}  `)}`;
    })
    .join('\n');
}

function itemText(item: ListItem, source: string, indent: string): string {
  return item.children
    .map((child) =>
      child.type === 'list'
        ? listText(child, source, indent)
        : piecesOf(child, source)
            .map((piece) => piece.text)
            .join('\n'),
    )
    .join('\n');
}

const inline = (text: string): string => text.replace(/[ \t]*\n[ \t]*/g, ' ').trim();
