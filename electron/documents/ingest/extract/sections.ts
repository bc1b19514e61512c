import type { Block, Heading, PartKind } from '../../../ipc/contract/index.ts';
import { endsSection } from '../../index/marks.ts';
import { isSpace } from '../../index/space.ts';
import { cleanText, empty, mostCharacters, tooLarge } from './extracted.ts';
import type { Extracted, ExtractedPage } from './extracted.ts';

/** What is known of a piece that keeps together. Its lines are the rows or lines of the file. */
export interface BlockFacts {
  readonly kind: Block['kind'];
  /** Table: its first line is the header. */
  readonly header?: boolean;
  readonly firstRow?: number;
  readonly firstLine?: number;
  readonly name?: string;
}

/** A piece of a document in reading order: a paragraph, a heading, a table. */
export interface Piece {
  readonly text: string;
  /** 1 to 6 for a heading, null for anything else. */
  readonly level: number | null;
  readonly block?: BlockFacts;
}

/** One slide, sheet, chapter, message or cell; without `kind` a stretch of text cut into sections. */
export interface Part {
  readonly kind?: PartKind;
  readonly title?: string | null;
  /** A part without text still counts: slides keep their numbers. */
  readonly keepEmpty?: boolean;
}

/** A section is closed before a heading only when it holds this much: short sections share one. */
const worthClosing = 1500;
/** One piece longer than this is cut: a page must stay quick to show. */
const longestPiece = 12_000;
/** A named part goes on on another page of the same title beyond this. */
const longestPart = 30_000;

/**
 * Builds pages from pieces. Pieces stand apart by an empty line. Text without parts is cut into
 * sections, before headings or between pieces; a part stays one page unless it is very long.
 */
export interface Pages {
  /** Begins a part; what was before is closed. */
  part(part: Part): void;
  /** Names the open part, if nothing has named it yet. */
  name(title: string): void;
  /** Throws 'document-too-large' when the document's text passes the limit. */
  add(piece: Piece): void;
  /** Throws 'document-empty' where nothing but white space was added. */
  end(options: { readonly paged: boolean }): Extracted;
}

export function createPages(): Pages {
  const pages: ExtractedPage[] = [];
  let part: Part = {};
  let text = '';
  let headings: Heading[] = [];
  let blocks: Block[] = [];
  let characters = 0;
  let inPart = 0;
  const close = (): void => {
    if (text === '') return;
    const { kind, title } = part;
    pages.push({
      text,
      width: null,
      height: null,
      spans: [],
      headings,
      blocks,
      ...(kind === undefined && (title ?? null) === null ? {} : { title: title ?? null }),
      ...(kind === undefined ? {} : { kind }),
    });
    inPart += 1;
    text = '';
    headings = [];
    blocks = [];
  };
  const closePart = (): void => {
    close();
    if (inPart === 0 && part.keepEmpty === true) {
      const { kind, title = null } = part;
      const nothing = { text: '', width: null, height: null, spans: [], headings: [], blocks: [] };
      pages.push({ ...nothing, title, ...(kind === undefined ? {} : { kind }) });
    }
    inPart = 0;
  };
  const put = (piece: Piece): void => {
    const { level, block } = piece;
    const full =
      part.kind === undefined
        ? endsSection(text.length, piece.text)
        : text.length + piece.text.length > longestPart && text.length > 0;
    const begins = level !== null && part.kind === undefined && text.length >= worthClosing;
    if (full || begins) close();
    const start = text.length;
    const end = start + piece.text.length;
    if (level !== null) headings.push({ level, start, end });
    if (block !== undefined) blocks.push(blockAt(piece.text, start, block));
    text += `${piece.text}\n\n`;
    characters += piece.text.length;
    if (characters > mostCharacters) throw tooLarge({ characters, limit: mostCharacters });
  };
  return {
    part(next) {
      closePart();
      part = { ...next, title: titleOf(next.title) };
    },
    name(title) {
      part = { ...part, title: part.title ?? titleOf(title) };
    },
    add(piece) {
      const clean = cleanText(piece.text).trimEnd();
      const leading = /^\n*/.exec(clean)?.[0].length ?? 0;
      if (clean.trim() === '') return;
      const most = part.kind === 'sheet' ? longestPart - 2 : longestPiece;
      const whole = { ...piece, text: clean.slice(leading), ...moved(piece.block, leading) };
      for (const each of cut(whole, most)) put(each);
    },
    end({ paged }) {
      closePart();
      if (pages.every((page) => page.text === '')) throw empty();
      return { paged, pages };
    },
  };
}

/** Text without parts, as sections. Throws 'document-empty' and 'document-too-large'. */
export function sectionsOf(pieces: Iterable<Piece>): Extracted {
  const pages = createPages();
  for (const piece of pieces) pages.add(piece);
  return pages.end({ paged: false });
}

function titleOf(title: string | null | undefined): string | null {
  const line = oneLine(cleanText(title ?? ''));
  if (line === '') return null;
  return line.length > 200 ? `${line.slice(0, 199).replace(/[\uD800-\uDBFF]$/, '')}…` : line;
}

export const oneLine = (text: string): string =>
  /[^\S ]| {2}|^ | $/.test(text) ? text.replace(/\s+/g, ' ').trim() : text;

/** Cells of one row as a line; tabs and newlines inside a cell would shift what stands beside it. */
export function rowText(cells: readonly string[]): string {
  const joined = cells.join('\t');
  return (isRow(joined, cells.length) ? joined : cells.map(oneLine).join('\t')).trimEnd();
}

/** Whether a line is cells parted by tabs, each with no other white space than single spaces inside. */
function isRow(line: string, cells: number): boolean {
  let tabs = 0;
  let gap = true;
  for (let at = 0; at < line.length; at += 1) {
    const code = line.charCodeAt(at);
    if (code === 0x20) {
      if (gap) return false;
      gap = true;
    } else if (code === 0x09) {
      if (gap && at > 0 && line.charCodeAt(at - 1) === 0x20) return false;
      tabs += 1;
      gap = true;
    } else if (isSpace(code)) return false;
    else gap = false;
  }
  return tabs === cells - 1 && !line.endsWith(' ');
}

function blockAt(text: string, start: number, facts: BlockFacts): Block {
  const { header = false, ...rest } = facts;
  const line = text.indexOf('\n');
  const first = line < 0 ? text.length : line;
  return {
    ...rest,
    start,
    end: start + text.length,
    ...(header ? { header: [start, start + first] as const } : {}),
  };
}

/** The facts of a block of which the first lines are gone. */
function moved(block: BlockFacts | undefined, lines: number): { block?: BlockFacts } {
  if (block === undefined) return {};
  if (lines === 0) return { block };
  const { firstRow, firstLine, ...rest } = block;
  return {
    block: {
      ...rest,
      ...(firstRow === undefined ? {} : { firstRow: firstRow + lines }),
      ...(firstLine === undefined ? {} : { firstLine: firstLine + lines }),
    },
  };
}

/**
 * Pieces of at most `most` characters, cut at line ends, else at spaces. Every piece of a table begins
 * with the header again, in the place of the row before its first, so that its rows keep their numbers.
 */
function* cut(piece: Piece, most: number): Generator<Piece> {
  const { text, block, level } = piece;
  if (text.length <= most) {
    yield piece;
    return;
  }
  const lineEnd = text.indexOf('\n');
  const header =
    block?.header === true && lineEnd > 0 && lineEnd < most / 4 ? text.slice(0, lineEnd + 1) : '';
  let from = 0;
  let lines = 0;
  while (from < text.length) {
    const lead = from === 0 ? '' : header;
    let to = text.length;
    if (to - from > most - lead.length) {
      to = from + most - lead.length;
      const line = text.lastIndexOf('\n', to - 1);
      const space = text.lastIndexOf(' ', to - 1);
      if (line > from + most / 4) to = line + 1;
      else if (space > from + most / 2) to = space + 1;
      else if (/[\uD800-\uDBFF]/.test(text.charAt(to - 1))) to -= 1;
    }
    const body = text.slice(from, to);
    const whole = `${lead}${body}`.trimEnd();
    if (whole.trim() !== '') {
      const facts = moved(block, lines - (lead === '' ? 0 : 1));
      const named =
        facts.block === undefined || lead !== '' || from === 0
          ? facts
          : { block: { ...facts.block, header: false } };
      yield { text: whole, level, ...named };
    }
    for (let at = body.indexOf('\n'); at >= 0; at = body.indexOf('\n', at + 1)) lines += 1;
    from = to;
  }
}
