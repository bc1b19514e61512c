import type { Beat, Extracted } from './extracted.ts';
import { unreadable } from './extracted.ts';
import { characterWords, encodingOfCharset, encodingOfPage, silentGroups } from './rtf-words.ts';
import { createPages } from './sections.ts';
import type { Pages } from './sections.ts';
import { tablePiece } from './sheet.ts';

interface Group {
  silent: boolean;
  /** Characters to leave out after each \u: their stand-ins for old readers. */
  standIns: number;
  encoding: string;
  inFontTable: boolean;
}

const deepest = 5000;
const beatEvery = 1 << 20;

/**
 * Rich text (specification 1.9.1): control words in groups, read in one pass over the bytes. Text in the
 * encoding of its font, headings by their outline level, tables by rows; pictures and objects left out.
 */
export function extractRtf(bytes: Uint8Array, beat: Beat): Extracted {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (source.toString('latin1', 0, 5) !== '{\\rtf') throw unreadable('the file is no RTF');
  const reader = createReader(source, beat);
  return reader.read();
}

function createReader(source: Buffer, beat: Beat) {
  const pages = createPages();
  const out = createText(pages);
  const fonts = new Map<number, string>();
  const groups: Group[] = [];
  let group: Group = {
    silent: false,
    standIns: 1,
    encoding: 'windows-1252',
    inFontTable: false,
  };
  let plain = 'windows-1252';
  let font = 0;
  let skip = 0;
  let bytes: number[] = [];
  let at = 0;

  const flush = (): void => {
    if (bytes.length === 0) return;
    const text = new TextDecoder(group.encoding).decode(Uint8Array.from(bytes));
    bytes = [];
    if (!group.silent) out.add(text);
  };
  const byte = (value: number): void => {
    if (skip > 0) skip -= 1;
    else if (!group.silent) bytes.push(value);
  };

  const word = (name: string, parameter: number | null): void => {
    if (name === 'u') {
      flush();
      const code = ((parameter ?? 0) + 65_536) % 65_536;
      if (!group.silent) out.add(String.fromCharCode(code));
      skip = group.standIns;
      return;
    }
    if (skip > 0 && name !== 'uc') {
      skip -= 1;
      if (characterWords[name] !== undefined) return;
    }
    flush();
    if (name === 'bin') at += Math.max(0, parameter ?? 0);
    else if (name === 'uc') group.standIns = Math.min(Math.max(parameter ?? 1, 0), 16);
    else if (name === 'ansicpg') plain = group.encoding = encodingOfPage(parameter ?? 1252);
    else if (name === 'mac') plain = group.encoding = 'macintosh';
    else if (name === 'fonttbl') Object.assign(group, { silent: true, inFontTable: true });
    else if (silentGroups.has(name)) group.silent = true;
    else if (name === 'f' && group.inFontTable) font = parameter ?? 0;
    else if (name === 'fcharset' && group.inFontTable) {
      const encoding = encodingOfCharset(parameter ?? 0);
      if (encoding !== null && fonts.size < 10_000) fonts.set(font, encoding);
    } else if (name === 'f') group.encoding = fonts.get(parameter ?? 0) ?? plain;
    else if (name === 'plain') group.encoding = plain;
    else if (name === 'v') group.silent = parameter !== 0;
    else if (!group.silent) out.word(name, parameter);
  };

  const control = (): void => {
    const next = source[at] ?? 0;
    if (isLetter(next)) {
      const start = at;
      while (at < source.length && isLetter(source[at] ?? 0) && at - start < 32) at += 1;
      const name = source.toString('latin1', start, at);
      const digits = at;
      if (source[at] === 0x2d) at += 1;
      while (at < source.length && isDigit(source[at] ?? 0) && at - digits < 11) at += 1;
      const parameter = at > digits ? Number(source.toString('latin1', digits, at)) : null;
      if (source[at] === 0x20) at += 1;
      word(name, parameter === null || Number.isNaN(parameter) ? null : parameter);
      return;
    }
    at += 1;
    if (next === 0x27) {
      const value = parseInt(source.toString('latin1', at, at + 2), 16);
      at += 2;
      if (!Number.isNaN(value)) byte(value);
    } else if (next === 0x2a) {
      // A destination that a reader may leave out: fields' results and texts in shapes stand elsewhere.
      if (!/^\\(?:shptxt|ud\b|upr)/.test(source.toString('latin1', at, at + 8)))
        group.silent = true;
    } else if (next === 0x7e) literal('\u00A0');
    else if (next === 0x5f) literal('-');
    else if (next === 0x0a || next === 0x0d) word('par', null);
    else if (next === 0x5c || next === 0x7b || next === 0x7d) byte(next);
  };
  const literal = (text: string): void => {
    flush();
    if (!group.silent) out.add(text);
  };

  return {
    read(): Extracted {
      let beaten = 0;
      while (at < source.length) {
        const value = source[at] ?? 0;
        at += 1;
        if (value === 0x5c) control();
        else if (value === 0x7b) {
          flush();
          skip = 0;
          groups.push({ ...group });
          if (groups.length > deepest) throw unreadable('the file is nested too deep');
        } else if (value === 0x7d) {
          flush();
          skip = 0;
          group = groups.pop() ?? group;
          if (groups.length === 0) break;
        } else if (value !== 0x0a && value !== 0x0d && value !== 0) byte(value);
        if (at - beaten > beatEvery) {
          beaten = at;
          beat();
        }
      }
      flush();
      out.end();
      return pages.end({ paged: false });
    },
  };
}

/** Puts text into paragraphs and rows. */
function createText(pages: Pages) {
  let text = '';
  let level: number | null = null;
  let inTable = false;
  let row: string[] = [];
  let rows: string[][] = [];
  const endTable = (): void => {
    const piece = rows.length === 0 ? null : tablePiece(rows);
    rows = [];
    if (piece !== null) pages.add(piece);
  };
  const endParagraph = (): void => {
    if (!inTable) endTable();
    if (text.trim() !== '') pages.add({ text: text.trim(), level });
    text = '';
  };
  return {
    add(piece: string): void {
      text += piece;
    },
    word(name: string, parameter: number | null): void {
      if (name === 'cell' || name === 'nestcell') {
        row.push(text);
        text = '';
      } else if (name === 'row' || name === 'nestrow') {
        if (text.trim() !== '') row.push(text);
        text = '';
        rows.push(row);
        row = [];
        inTable = false;
      } else if (name === 'intbl') inTable = true;
      else if (name === 'pard') {
        level = null;
        inTable = false;
      } else if (name === 'outlinelevel') {
        level = parameter !== null && parameter >= 0 && parameter < 6 ? parameter + 1 : null;
      } else if (name === 'par' || name === 'sect' || name === 'page') {
        if (inTable) text += ' ';
        else endParagraph();
      } else text += characterWords[name] ?? '';
    },
    end(): void {
      if (row.length > 0) rows.push(row);
      inTable = false;
      endParagraph();
      endTable();
    },
  };
}

const isLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
