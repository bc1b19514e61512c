import { decodeText } from './encoding.ts';
import { cleanText } from './extracted.ts';
import type { Extracted } from './extracted.ts';
import { inlineText } from './rst-inline.ts';
import {
  csvRows,
  gridRows,
  isGridBorder,
  isSimpleBorder,
  listRows,
  simpleRows,
} from './rst-tables.ts';
import { sectionsOf } from './sections.ts';
import type { BlockFacts, Piece } from './sections.ts';
import { tablePiece } from './sheet.ts';

const adornment = /^([!-/:-@[-`{-~])\1{1,}[ \t]*$/;
const bullet = /^[ \t]*(?:[-*+•]|\(?(?:\d{1,4}|[a-zA-Z#])[.)])[ \t]+\S/;
/** Directives whose content is code, and those whose content is nothing to read. */
const codeDirectives =
  /^(?:code|code-block|sourcecode|literalinclude|parsed-literal|highlight|doctest)$/;
const silentDirectives =
  /^(?:image|figure|include|raw|toctree|index|contents|meta|default-role|role|only|autoclass|automodule|autofunction|currentmodule|module|highlight|sectnum|target-notes|tabularcolumns)$/;

/**
 * reStructuredText: sections by their underlines, text without its marks, tables, lists and code as blocks.
 * Line by line by the rules of the format's specification; a construct that is not known is text.
 */
export function extractRst(bytes: Uint8Array): Extracted {
  return sectionsOf(
    piecesOfRst(cleanText(decodeText(bytes)).replaceAll('\t', '        ').split('\n')),
  );
}

function* piecesOfRst(lines: readonly string[], depth = 0): Generator<Piece> {
  const styles: string[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      at += 1;
      continue;
    }
    const title = titleAt(lines, at);
    if (title !== null) {
      if (!styles.includes(title.style)) styles.push(title.style);
      yield { text: inlineText(title.text), level: Math.min(6, styles.indexOf(title.style) + 1) };
      at = title.next;
      continue;
    }
    if (adornment.test(line) && line.trim().length >= 4 && !isSimpleBorder(line)) {
      at += 1;
      continue;
    }
    const end = isGridBorder(line) || isSimpleBorder(line) ? tableEnd(lines, at) : 0;
    if (end > at + 1) {
      const rows = (isGridBorder(line) ? gridRows : simpleRows)(lines.slice(at, end));
      const piece = tablePiece(rows.map((row) => row.map(inlineText)));
      if (piece !== null) yield piece;
      at = end;
      continue;
    }
    if (/^[ ]*\.\.(?:[ ]|$)/.test(line)) {
      const found = explicitMarkup(lines, at, depth);
      yield* found.pieces;
      at = found.next;
      continue;
    }
    const paragraph = paragraphAt(lines, at, depth);
    yield* paragraph.pieces;
    at = paragraph.next;
  }
}

interface Title {
  readonly text: string;
  readonly style: string;
  readonly next: number;
}

/** A line with a line of one sign below it, or above and below. */
function titleAt(lines: readonly string[], at: number): Title | null {
  const [first = '', second = '', third = ''] = [lines[at], lines[at + 1], lines[at + 2]];
  const sign = first.charAt(0);
  if (adornment.test(first) && third.trimEnd() === first.trimEnd() && second.trim() !== '') {
    return { text: second.trim(), style: `${sign}${sign}`, next: at + 3 };
  }
  const below = second.trimEnd();
  const plain = !/^\s/.test(first) && !adornment.test(first);
  if (plain && adornment.test(below) && below.length >= Math.min(4, first.trim().length)) {
    return { text: first.trim(), style: below.charAt(0), next: at + 2 };
  }
  return null;
}

function tableEnd(lines: readonly string[], at: number): number {
  const grid = isGridBorder(lines[at] ?? '');
  let borders = 0;
  let end = at;
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? '';
    if (grid) {
      if (!/^[ ]*[+|]/.test(line)) break;
    } else {
      if (isSimpleBorder(line)) borders += 1;
      const next = lines[end + 1] ?? '';
      if (borders >= 2 && isSimpleBorder(line) && next.trim() === '') return end + 1;
      if (line.trim() === '' && next.trim() === '') break;
    }
  }
  return grid || borders >= 2 ? end : 0;
}

/** ".. name:: argument" with what is indented below it, comments, targets, footnotes, substitutions. */
function explicitMarkup(
  lines: readonly string[],
  at: number,
  depth: number,
): { readonly pieces: Piece[]; readonly next: number } {
  const line = lines[at] ?? '';
  const base = indentOf(line);
  const next = blockEnd(lines, at + 1, base);
  const body = lines.slice(at + 1, next);
  const directive = /^\s*\.\.\s+(?:\|[^|]*\|\s+)?([\w:-]+?)::\s*(.*)$/.exec(line);
  if (directive === null) {
    const note = /^\s*\.\.\s+\[[^\]]+\]\s*(.*)$/.exec(line);
    const text = [note?.[1] ?? '', ...body.map((each) => each.trim())].join(' ');
    return { pieces: note === null ? [] : [{ text: inlineText(text.trim()), level: null }], next };
  }
  const [, name = '', argument = ''] = directive;
  const content = dropOptions(body);
  if (codeDirectives.test(name)) {
    const code = dedent(content);
    const firstLine = at + 2 + (body.length - content.length);
    const block: BlockFacts = depth > 0 ? { kind: 'code' } : { kind: 'code', firstLine };
    return { pieces: [{ text: code, level: null, block }], next };
  }
  if (silentDirectives.test(name)) return { pieces: [], next };
  const rows =
    name === 'list-table' ? listRows(content) : name === 'csv-table' ? csvRows(body) : [];
  const table = rows.length === 0 ? null : tablePiece(rows.map((row) => row.map(inlineText)));
  if (table !== null) {
    const title = { text: inlineText(argument), level: null };
    return { pieces: argument === '' ? [table] : [title, table], next };
  }
  const pieces: Piece[] = argument === '' ? [] : [{ text: inlineText(argument), level: null }];
  pieces.push(...nested(content, depth + 1));
  return { pieces, next };
}

/** What stands inside a directive is text of the same kind, to a depth that people write. */
function nested(content: readonly string[], depth: number): Piece[] {
  const text = dedent(content);
  return depth > 16 ? [{ text, level: null }] : [...piecesOfRst(text.split('\n'), depth)];
}

function paragraphAt(
  lines: readonly string[],
  at: number,
  depth: number,
): { readonly pieces: Piece[]; readonly next: number } {
  let next = at;
  while (next < lines.length && (lines[next] ?? '').trim() !== '') {
    if (next > at && (titleAt(lines, next) !== null || /^\s*\.\.\s/.test(lines[next] ?? ''))) break;
    next += 1;
  }
  const own = lines.slice(at, next);
  const last = own.at(-1) ?? '';
  const literal = /::\s*$/.test(last);
  const shown = literal
    ? [...own.slice(0, -1), last.replace(/::\s*$/, last.trim() === '::' ? '' : ':')]
    : own;
  const pieces: Piece[] = [];
  if (bullet.test(own[0] ?? '')) {
    const items: string[] = [];
    for (const line of shown) {
      if (bullet.test(line) || items.length === 0) items.push(line.trimEnd());
      else items.push(`${items.pop() ?? ''} ${line.trim()}`);
    }
    const text = items.map(inlineText).join('\n');
    pieces.push({ text, level: null, block: { kind: 'list' } });
  } else if (/^\s*[|] /.test(own[0] ?? '')) {
    pieces.push({
      text: shown.map((line) => inlineText(line.trim().replace(/^\| ?/, ''))).join('\n'),
      level: null,
    });
  } else {
    pieces.push({ text: inlineText(shown.map((line) => line.trim()).join(' ')), level: null });
  }
  if (!literal) return { pieces, next };
  let from = next;
  while (from < lines.length && (lines[from] ?? '').trim() === '') from += 1;
  const end = blockEnd(lines, from, indentOf(own[0] ?? ''));
  if (end > from) {
    const code = dedent(lines.slice(from, end));
    const block: BlockFacts = depth > 0 ? { kind: 'code' } : { kind: 'code', firstLine: from + 1 };
    pieces.push({ text: code, level: null, block });
  }
  return { pieces, next: Math.max(end, next) };
}

/** The line behind all that is indented deeper than `base`. */
function blockEnd(lines: readonly string[], from: number, base: number): number {
  let end = from;
  for (let at = from; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line.trim() === '') continue;
    if (indentOf(line) <= base) break;
    end = at + 1;
  }
  return end;
}

function dropOptions(body: readonly string[]): readonly string[] {
  let from = 0;
  while (/^\s+:[\w-]+:/.test(body[from] ?? '')) from += 1;
  while (from < body.length && (body[from] ?? '').trim() === '') from += 1;
  return body.slice(from);
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

function dedent(lines: readonly string[]): string {
  const filled = lines.filter((line) => line.trim() !== '');
  const least = filled.reduce((low, line) => Math.min(low, indentOf(line)), 1000);
  return lines.map((line) => line.slice(least)).join('\n');
}
