import { timestamp } from '../../i18n/index.ts';
import type { Mark } from './mark.ts';
import { within } from './shade.ts';
import type { Shades } from './shade.ts';

/** As it stands in the text that was read from a message. The text stays so: dates are looked for in it. */
const moment = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z/;
const dateLine = new RegExp(`(?<=\\bDate: )${moment.source}`, 'g');
const isMail = (name: string): boolean => /\.(?:eml|mbox)$/i.test(name);

/** A message's date as its reader writes dates; null for what is none. */
export function mailDate(value: string): string | null {
  const at = new RegExp(`^${moment.source}$`).test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? null : timestamp(at);
}

type Range = readonly [start: number, end: number];

/** Words from a document as they are shown, with what is marked in them: a mark within a date is on all of it. */
export function shownText(
  text: string,
  documentName: string,
  marks: readonly Range[] = [],
): { readonly text: string; readonly marks: readonly Range[] } {
  if (!isMail(documentName)) return { text, marks };
  let shown = '';
  let from = 0;
  const places: {
    readonly start: number;
    readonly end: number;
    readonly at: number;
    readonly length: number;
  }[] = [];
  for (const found of text.matchAll(dateLine)) {
    const words = mailDate(found[0]) ?? found[0];
    shown += text.slice(from, found.index);
    from = found.index + found[0].length;
    places.push({ start: found.index, end: from, at: shown.length, length: words.length });
    shown += words;
  }
  shown += text.slice(from);
  const moved = (offset: number, isEnd: boolean): number => {
    let by = 0;
    for (const { start, end, at, length } of places) {
      if (offset >= end) by = at + length - end;
      else if (offset > start) return isEnd ? at + length : at;
    }
    return offset + by;
  };
  const placed = marks.map(([start, end]): Range => [moved(start, false), moved(end, true)]);
  // Two words of one date have become one mark.
  const apart = placed.filter(([start], index) => start >= (placed[index - 1]?.[1] ?? 0));
  return { text: shown, marks: apart };
}

/** What is marked in a stretch of the document, as if it were of another length: all of it, or nothing. */
export function shadesOver(shades: Shades, from: number, to: number, length: number): Shades {
  const whole: Mark = { start: from, end: from + length };
  const over = (marks: readonly Mark[]): readonly Mark[] =>
    within(marks, from, to).length > 0 ? [whole] : [];
  const { current } = shades;
  return {
    cited: over(shades.cited),
    found: over(shades.found),
    current: current && current.start < to && current.end > from ? whole : null,
  };
}
