import { fromMarkdown } from 'mdast-util-from-markdown';
import { toString } from 'mdast-util-to-string';
import type { List, ListItem, Paragraph, RootContent } from 'mdast';
import { decodeText } from './encoding.ts';
import { cleanText } from './extracted.ts';
import type { Extracted } from './extracted.ts';
import { blocksOfHtml } from './html.ts';
import { sectionsOf } from './sections.ts';
import type { Block } from './sections.ts';
import { refuseOtherFormats } from './txt.ts';

/** Markdown: headings with their level, text without its marks, code and tables line by line. */
export function extractMd(bytes: Uint8Array): Extracted {
  refuseOtherFormats(bytes);
  const source = cleanText(decodeText(bytes));
  const { head, body } = splitFrontMatter(source);
  const blocks: Block[] = head === '' ? [] : [{ text: head, level: null }];
  for (const node of fromMarkdown(body).children) blocks.push(...blocksOf(node, body));
  return sectionsOf(blocks);
}

function splitFrontMatter(source: string): { head: string; body: string } {
  const found = /^---\n([\s\S]*?)\n(?:---|\.\.\.)(?:\n|$)/.exec(source);
  return found === null
    ? { head: '', body: source }
    : { head: found[1] ?? '', body: source.slice(found[0].length) };
}

function blocksOf(node: RootContent, source: string): Block[] {
  switch (node.type) {
    case 'heading':
      return [{ text: inline(toString(node)), level: node.depth }];
    case 'paragraph':
      return [{ text: paragraphText(node, source), level: null }];
    case 'list':
      return [{ text: listText(node, source, ''), level: null }];
    case 'blockquote':
      return node.children.flatMap((child) => blocksOf(child, source));
    case 'code':
      return [{ text: node.value, level: null }];
    case 'html':
      return blocksOfHtml(node.value);
    case 'thematicBreak':
    case 'definition':
      return [];
    default:
      return [{ text: toString(node), level: null }];
  }
}

/** A pipe table keeps its lines; in other paragraphs a line break of the source is only a space. */
function paragraphText(node: Paragraph, source: string): string {
  const raw = source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
  const table = /^[^\n]*\|[^\n]*\n[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\||$)/m.test(raw);
  const text = node.children
    .map((child) => {
      if (child.type === 'break') return '\u0085';
      if (child.type === 'html') return /^<br\b/i.test(child.value) ? '\u0085' : '';
      return toString(child);
    })
    .join('');
  if (!table) return inline(text).replace(/ ?\u0085 ?/g, '\n');
  return text
    .split(/[\n\u0085]/)
    .filter((line) => !/^[\s|:-]+$/.test(line))
    .map((line) => line.trim().replace(/^\|\s*|\s*\|$/g, ''))
    .join('\n');
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
        : blocksOf(child, source)
            .map((block) => block.text)
            .join('\n'),
    )
    .join('\n');
}

const inline = (text: string): string => text.replace(/[ \t]*\n[ \t]*/g, ' ').trim();
