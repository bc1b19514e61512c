import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { toString } from 'mdast-util-to-string';
import type { List, ListItem, Paragraph, RootContent } from 'mdast';
import { gfmTable } from 'micromark-extension-gfm-table';
import { decodeText } from './encoding.ts';
import { cleanText } from './extracted.ts';
import type { Extracted } from './extracted.ts';
import { piecesOfHtml } from './html.ts';
import { createPages } from './sections.ts';
import type { Piece } from './sections.ts';
import { tablePiece } from './sheet.ts';

/** Markdown: headings with their level, text without its marks, code, lists and tables line by line. */
export function extractMd(bytes: Uint8Array): Extracted {
  const source = cleanText(decodeText(bytes));
  const { head, body } = splitFrontMatter(source);
  const pages = createPages();
  const title = /^title:[ \t]*(["']?)(.+)\1[ \t]*$/m.exec(head)?.[2] ?? null;
  pages.part({ title });
  pages.add({ text: head, level: null });
  for (const piece of piecesOfMarkdown(body)) pages.add(piece);
  return pages.end({ paged: false });
}

/**
 * Quotes and lists so deep inside each other that nobody reads them as such; the grammar takes a time
 * that grows with the square.
 */
const tooDeep =
  /^(?:[ \t]*(?:>|[-*+]|\d{1,9}[.)])[ \t]?){60}|^[ \t>]{120,}(?:[-*+]|\d{1,9}[.)])[ \t]/m;

/** Pieces of a stretch of Markdown; cells of notebooks are such stretches. */
export function piecesOfMarkdown(source: string): Piece[] {
  if (tooDeep.test(source)) return source.split('\n\n').map((text) => ({ text, level: null }));
  const tree = fromMarkdown(source, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  });
  return tree.children.flatMap((node) => piecesOf(node, source));
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
