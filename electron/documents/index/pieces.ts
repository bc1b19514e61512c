import type { Block } from '../../ipc/contract/index.ts';
import { isMark } from './marks.ts';
import { sentencesOf } from './sentences.ts';
import { isSpace, trimmedEnd } from './space.ts';
import { reach, tokensIn } from './tokens.ts';
import type { TokenMeter } from './tokens.ts';

export type Span = readonly [start: number, end: number];

/** Tokens, as `tokens.ts` estimates them. */
export interface ChunkSize {
  /** A passage that holds this much is closed. */
  readonly target: number;
  /** Running text, and what a large block is cut into, stays below this. */
  readonly soft: number;
  /** No passage is longer, its lead and heading counted: what an embedding model reads at once. */
  readonly most: number;
}
export const defaultSize: ChunkSize = { target: 160, soft: 240, most: 512 };

/** What becomes one passage: a span of the page, the words of a table's header, names of code units. */
export interface Packed {
  readonly span: Span;
  readonly lead: string;
  readonly names: readonly string[];
}

/** A header longer than this is cut at a cell: it stands before every passage of its table. */
const longestLead = 96;
/** So little text before a block is its caption. */
const captionTokens = 48;
/** What two pieces may take more together than apart: one long word of both. */
const seam = 10;

interface Piece {
  readonly span: Span;
  readonly tokens: number;
  readonly lead?: string;
  readonly name?: string;
  /** 'join': with what stands before wherever it fits. 'alone': a passage of its own. */
  readonly how?: 'join' | 'block' | 'alone';
}

/**
 * Fills passages with the pieces of [from, to). A table, a list, a unit of code and a slide's notes stay
 * whole where they fit; a paragraph that is too long gives sentences, then words.
 *
 * @param meter of the page's text
 * @param room tokens that the heading leaves
 */
export function* pack(
  { blocks = [] }: { readonly blocks?: readonly Block[] },
  meter: TokenMeter,
  [from, to]: Span,
  size: ChunkSize,
  room: number,
): Generator<Packed> {
  const limits = { ...size, most: room, soft: Math.min(size.soft, room) };
  let open: { start: number; end: number; tokens: number; names: string[] } | null = null;
  for (const piece of piecesOf(meter, blocks, from, to, limits)) {
    if (open !== null && !fits(open, piece, meter, limits)) {
      yield { span: [open.start, open.end], lead: '', names: open.names };
      open = null;
    }
    if (piece.how === 'alone') {
      const names = piece.name === undefined ? [] : [piece.name];
      yield { span: piece.span, lead: piece.lead ?? '', names };
      continue;
    }
    open ??= { start: piece.span[0], end: piece.span[0], tokens: 0, names: [] };
    open.tokens += meter.tokens(open.end, piece.span[0]) + piece.tokens;
    open.end = piece.span[1];
    if (piece.name !== undefined && !open.names.includes(piece.name)) open.names.push(piece.name);
  }
  if (open !== null) yield { span: [open.start, open.end], lead: '', names: open.names };
}

function fits(
  open: { readonly end: number; readonly tokens: number; readonly names: readonly string[] },
  piece: Piece,
  meter: TokenMeter,
  { target, soft, most }: ChunkSize,
): boolean {
  const together = open.tokens + meter.tokens(open.end, piece.span[0]) + piece.tokens;
  if (piece.how === 'alone' || together > most - seam) return false;
  if (piece.how === 'join') return true;
  // A unit of code begins anew, unless both are small.
  if (piece.name !== undefined && !open.names.includes(piece.name)) return together <= target;
  if (open.names.length > 0 && piece.name === undefined) return together <= target;
  const caption = /[:：]/.test(meter.text.charAt(open.end - 1)) || open.tokens <= captionTokens;
  if (piece.how === 'block' && caption) return true;
  return open.tokens < target && together <= soft;
}

function* piecesOf(
  meter: TokenMeter,
  blocks: readonly Block[],
  from: number,
  to: number,
  size: ChunkSize,
): Generator<Piece> {
  let at = from;
  for (const block of blocks) {
    const start = Math.max(block.start, at);
    const end = Math.min(block.end, to);
    if (start >= end) continue;
    yield* proseOf(meter, at, start, size);
    yield* blockPieces(meter, block, start, end, size);
    at = end;
  }
  yield* proseOf(meter, at, to, size);
}

function* proseOf(meter: TokenMeter, from: number, to: number, size: ChunkSize): Generator<Piece> {
  const { text } = meter;
  for (const paragraph of paragraphsOf(text, from, to)) {
    const tokens = meter.tokens(...paragraph);
    if (tokens <= size.soft) {
      yield { span: paragraph, tokens };
      continue;
    }
    for (const [start, end] of sentencesOf(text.slice(...paragraph))) {
      yield* wordsOf(meter, paragraph[0] + start, paragraph[0] + end, size.soft);
    }
  }
}

function* blockPieces(
  meter: TokenMeter,
  block: Block,
  from: number,
  to: number,
  size: ChunkSize,
): Generator<Piece> {
  const { text } = meter;
  const span = trimLines(text, from, to);
  if (span === null) return;
  if (isProse(text, block, span)) {
    yield* proseOf(meter, span[0], span[1], size);
    return;
  }
  const tokens = meter.tokens(...span);
  const name = block.kind === 'code' && block.name !== undefined ? { name: block.name } : {};
  if (tokens <= size.most) {
    yield { span, tokens, ...name, how: block.kind === 'notes' ? 'join' : 'block' };
    return;
  }
  if (block.kind === 'notes') {
    yield* proseOf(meter, span[0], span[1], size);
    return;
  }
  const lead = block.kind === 'table' ? leadOf(text, block) : '';
  const room = Math.max(1, size.most - tokensIn(lead));
  for (const group of lineGroups(meter, span, size, room, block.kind)) {
    // The header is in the first group's own text, as far as this part of the table holds it.
    const behind = block.header !== undefined && group[0] >= block.header[1];
    if (block.kind === 'list') yield { span: group, tokens: meter.tokens(...group) };
    else yield { span: group, tokens: 0, ...name, lead: behind ? lead : '', how: 'alone' };
  }
}

/**
 * Plain text comes as blocks too, because they know their lines: signs of code are rare in it. Records are none, however
 * many words they hold: cut as sentences a record's name would stand in one passage and its text in the next.
 */
function isProse(text: string, { kind, name }: Block, [from, to]: Span): boolean {
  if (kind !== 'code' || name !== undefined) return false;
  const end = Math.min(to, from + 4000);
  let signs = 0;
  for (let at = from; at < end; at += 1) signs += signsOfCode[text.charCodeAt(at)] ?? 0;
  return signs < (end - from) * 0.02 && !beginsRecord.test(text.slice(from, from + 200));
}

/** Brackets, and then a key in quotes, or brackets alone in a line. */
const beginsRecord = /^[\s[{}\],]*(?:"[^"\n]{1,100}"\s*:|(?<=[[{}\],])\s*\n\s*["[{}\]])/;

const signsOfCode = Uint8Array.from({ length: 128 }, (_, code) =>
  '{}()[];=<>_|\\'.includes(String.fromCharCode(code)) ? 1 : 0,
);

/** The header in one line, cut at a cell where it is very long. */
function leadOf(text: string, { header }: Block): string {
  if (header === undefined) return '';
  const whole = text.slice(...header).trim();
  const end = reach(whole, 0, whole.length, longestLead);
  if (end === whole.length) return whole;
  const cell = Math.max(whole.lastIndexOf('\t', end), whole.lastIndexOf('|', end));
  return `${whole.slice(0, cell > 0 ? cell : end).trimEnd()}…`;
}

/** Rows, lines or items in groups; code prefers an empty line, and a list an item's mark at its left edge. */
function* lineGroups(
  meter: TokenMeter,
  [from, to]: Span,
  size: ChunkSize,
  room: number,
  kind: Block['kind'],
): Generator<Span> {
  const { text } = meter;
  const soft = Math.min(size.soft, room);
  let open: { start: number; end: number; tokens: number } | null = null;
  const flush = function* (): Generator<Span> {
    if (open !== null) yield [open.start, open.end];
    open = null;
  };
  for (const [start, end] of linesOf(text, from, to, kind === 'list')) {
    const tokens = meter.tokens(start, end) + 1;
    if (open !== null) {
      const full: boolean = open.tokens + tokens > soft;
      const enough: boolean =
        kind === 'code'
          ? open.tokens >= size.target && !inside(text, start)
          : open.tokens >= size.target / 2 && begins(text, start, end, tokens, size.target / 2);
      if (full || enough) yield* flush();
    }
    if (tokens > soft) {
      for (const { span } of wordsOf(meter, start, end, soft)) yield span;
      continue;
    }
    open ??= { start, end, tokens: 0 };
    open.tokens += tokens;
    open.end = end;
  }
  yield* flush();
}

/**
 * Whether a group begins with this line, by the line alone and as often as groups of the aim's size need
 * it: where a row was added above, the groups are the same again a few rows below.
 */
const begins = (text: string, from: number, to: number, tokens: number, every: number): boolean =>
  isMark(text.slice(from, Math.min(to, from + 120)), tokens / every);

/** Whether the line that begins here is indented or goes on with what is above. */
const inside = (text: string, start: number): boolean =>
  /^[\s)\]}]/.test(text.slice(start, start + 1));

/** Lines that hold something; a list's lines come with the deeper ones below them. */
function* linesOf(text: string, from: number, to: number, items: boolean): Generator<Span> {
  let start = from;
  let open: Span | null = null;
  while (start < to) {
    const found = text.indexOf('\n', start);
    const end = found < 0 || found > to ? to : found;
    const line = trimEnd(text, start, end);
    if (line !== null) {
      if (items && open !== null && /^[ \t]/.test(text.charAt(start)) && end - open[0] < 2000) {
        open = [open[0], line[1]];
      } else {
        if (open !== null) yield open;
        open = line;
      }
    }
    start = end + 1;
  }
  if (open !== null) yield open;
}

function* paragraphsOf(text: string, from: number, to: number): Generator<Span> {
  let start = from;
  for (const gap of text.slice(from, to).matchAll(/\n\s*\n/g)) {
    const trimmed = trim(text, start, from + gap.index);
    if (trimmed !== null) yield trimmed;
    start = from + gap.index + gap[0].length;
  }
  const last = trim(text, start, to);
  if (last !== null) yield last;
}

/** Pieces of at most `most` tokens, cut at lines, else at spaces where there are any, never inside a character. */
function* wordsOf(meter: TokenMeter, from: number, to: number, most: number): Generator<Piece> {
  const { text } = meter;
  let start = from;
  for (;;) {
    const far = meter.reach(start, to, Math.max(2, most));
    if (far >= to) break;
    let end = Math.max(far, start + 1);
    const half = start + Math.floor((end - start) / 2);
    const line = text.lastIndexOf('\n', end);
    if (line > half) end = line;
    else {
      const space = text.slice(half, end + 1).search(/\s\S*$/);
      if (space >= 0 && half + space > start) end = half + space;
    }
    const span = trim(text, start, end);
    if (span !== null) yield { span, tokens: meter.tokens(...span) };
    start = end;
  }
  const last = trim(text, start, to);
  if (last !== null) yield { span: last, tokens: meter.tokens(...last) };
}

export function trim(text: string, from: number, to: number): Span | null {
  const end = trimEnd(text, from, to);
  if (end === null) return null;
  let start = from;
  while (isSpace(text.charCodeAt(start))) start += 1;
  return [start, end[1]];
}

function trimEnd(text: string, from: number, to: number): Span | null {
  const end = trimmedEnd(text, from, to);
  return end > from ? [from, end] : null;
}

/** Without empty lines around it; the first line keeps its indent, a row its empty first cell. */
function trimLines(text: string, from: number, to: number): Span | null {
  const span = trim(text, from, to);
  if (span === null) return null;
  const line = text.lastIndexOf('\n', span[0]);
  return [Math.max(from, line + 1), span[1]];
}
