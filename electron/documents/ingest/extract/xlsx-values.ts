import { elements, find } from './xml.ts';
import type { XmlNode } from './xml.ts';

/** How a number of a cell is meant. */
export type NumberFormat = 'plain' | 'date' | 'time' | 'datetime' | 'percent';

/** Formats that every workbook has without naming them (ECMA-376 part 1, §18.8.30). */
function builtIn(id: number): NumberFormat {
  if (id === 9 || id === 10) return 'percent';
  if (id === 22) return 'datetime';
  if ((id >= 18 && id <= 21) || (id >= 45 && id <= 47)) return 'time';
  return (id >= 14 && id <= 17) || (id >= 27 && id <= 36) || (id >= 50 && id <= 58)
    ? 'date'
    : 'plain';
}

/** What a format code means: letters outside of quotes, brackets and escapes. */
export function meaningOf(code: string): NumberFormat {
  const plain = code
    .slice(0, 255)
    .replace(/"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]/gi, '')
    .split(';')[0];
  const letters = (plain ?? '').toLowerCase();
  if (/general/.test(letters)) return 'plain';
  if (/[yd]/.test(letters)) return /[hs]/.test(letters) ? 'datetime' : 'date';
  if (/[hs]/.test(letters)) return 'time';
  if (/m/.test(letters)) return 'date';
  return letters.includes('%') ? 'percent' : 'plain';
}

/** The meaning of each cell style, by its number. */
export function readNumberFormats(styles: XmlNode): NumberFormat[] {
  const own = new Map<number, NumberFormat>();
  const codes = find(styles, 'numFmts');
  for (const { attributes } of codes === null ? [] : elements(codes)) {
    own.set(Number(attributes['numFmtId']), meaningOf(attributes['formatCode'] ?? ''));
  }
  const list = find(styles, 'cellXfs');
  return list === null
    ? []
    : [...elements(list)].map(({ attributes }) => {
        const id = Number(attributes['numFmtId'] ?? 0);
        return own.get(id) ?? builtIn(id);
      });
}

/** A cell's value as a person reads it: dates by ISO 8601, shares in percent, numbers without the noise of doubles. */
export function cellText(
  value: string,
  type: string,
  format: NumberFormat,
  since1904: boolean,
): string {
  if (value === '') return '';
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
  if (type !== 'n') return value;
  const number = Number(value);
  if (!Number.isFinite(number)) return value;
  if (format === 'percent') return `${precise(number * 100)}%`;
  return format === 'plain' ? precise(number) : dateText(number, format, since1904);
}

/** Fifteen digits are what the programs calculate with. */
const precise = (number: number): string => String(Number(number.toPrecision(15)));

const day = 86_400_000;

/**
 * Days since the end of 1899, or since 1904. The count of 1899 takes 1900 for a leap year, so that days
 * before March 1900 are one too many.
 */
function dateText(serial: number, format: NumberFormat, since1904: boolean): string {
  if (serial < 0 || serial > 2_958_466) return precise(serial);
  const days = since1904 ? serial : serial < 60 ? serial + 1 : serial;
  const start = since1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, 30);
  const iso = new Date(start + Math.round((days * day) / 1000) * 1000).toISOString();
  const time = iso.slice(11, 19).replace(/:00$/, '');
  if (format === 'time') return serial >= 1 ? `${Math.floor(serial)} d ${time}` : time;
  if (format === 'date' || serial % 1 === 0) return iso.slice(0, 10);
  return `${iso.slice(0, 10)} ${time}`;
}
