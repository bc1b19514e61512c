import { hash } from 'node:crypto';
import type { Block, Heading, PartKind } from '../../ipc/contract/index.ts';
import type { NewPassage } from '../../storage/repositories/documents.ts';
import { defaultSize, pack } from './pieces.ts';
import type { ChunkSize, Span } from './pieces.ts';
import { createPlaces } from './places.ts';
import { createMeters, tokensIn } from './tokens.ts';

/** A page with its place in the document's text. */
export interface ChunkPage {
  readonly text: string;
  readonly start: number;
  readonly headings: readonly Heading[];
  readonly kind?: PartKind;
  readonly title?: string | null;
  readonly blocks?: readonly Block[];
}

/**
 * `text === documentText.slice(start, end)`, always. Its heading: title of the part, headings above it, outermost first,
 * names of code units; parted by ' › '. Its page is null for formats without pages.
 */
export type Passage = NewPassage;

export interface ChunkOptions {
  /** Whose passages these are: ids are made from it. */
  readonly documentId: string;
  readonly paged: boolean;
  readonly size?: ChunkSize;
}

/** Longest heading path kept: the index weighs it, and a prompt carries it. */
const longestHeading = 200;
/** Tokens that the path's parting signs and rounding may take beside heading and lead. */
const reserve = 4;

/**
 * Cuts a document into passages along its structure: a heading always begins a new passage and stands
 * in its path, not in its text; tables, lists, units of code and notes stay whole where they fit (a table
 * that does not is cut between rows, its header repeated as `lead`); paragraphs stay whole where they
 * fit, sentences where they do not. Heading, lead and text together stay below `size.most` tokens.
 * Passages never cross a page, do not overlap, and leave out only white space, headings with text
 * below them and lone page numbers.
 */
export const chunk = (pages: readonly ChunkPage[], options: ChunkOptions): Passage[] => [
  ...chunks(pages, options),
];

/** As `chunk`, one passage after the other. */
export function* chunks(
  pages: readonly ChunkPage[],
  { documentId, paged, size = defaultSize }: ChunkOptions,
): Generator<Passage> {
  const idOf = createIds(documentId);
  const path: { level: number; text: string }[] = [];
  const placeOf = createPlaces(pages, paged);
  const meterOf = createMeters();
  let meter = meterOf('');
  let measured = -1;
  let ordinal = 0;
  for (const { heading, body, page, index, next } of sectionsOf(pages)) {
    if (measured !== index) meter = meterOf(page.text);
    measured = index;
    const title = (page.title ?? '').replace(/\s+/g, ' ').trim();
    if (heading === null && index > 0 && beginsAnew(page, pages[index - 1])) path.length = 0;
    const make = ([start, end]: Span, lead: string, above: string | null): Passage => ({
      id: idOf(page.text.slice(start, end)),
      ordinal: ordinal++,
      page: paged ? index + 1 : null,
      heading: above,
      place: placeOf(index, [start, end]),
      lead,
      start: page.start + start,
      end: page.start + end,
      text: page.text.slice(start, end),
    });
    if (heading !== null) {
      const { level, start, end } = heading;
      while ((path.at(-1)?.level ?? 0) >= level) path.pop();
      path.push({ level, text: page.text.slice(start, end).replace(/\s+/g, ' ').trim() });
    }
    const here = path.map(({ text }) => text);
    let empty = true;
    const plain = pathText(title, here, []);
    const room = size.most - tokensIn(plain ?? '') - nameTokens(page) - reserve;
    for (const { span, lead, names } of pack(page, meter, body, size, room)) {
      empty = false;
      const loneNumber =
        paged && (page.kind ?? 'page') === 'page' && /^\d{1,4}$/.test(page.text.slice(...span));
      if (!loneNumber) yield make(span, lead, pathText(title, here, names));
    }
    // A heading with nothing below it would be lost if it were only a path.
    if (empty && heading !== null && !leads(heading, page, next)) {
      const text = pathText(title, here.slice(0, -1), []);
      for (const { span } of pack({}, meter, [heading.start, heading.end], size, room)) {
        yield make(span, '', text);
      }
    }
  }
}

/**
 * Ids of a document's passages, in order: from the document, the passage's text, and how many times the
 * same text stood before. Where a passage stands and what else the file holds does not count, so that a
 * changed file keeps the ids of all that did not change. 96 bits tell passages apart.
 */
export function createIds(documentId: string): (text: string) => string {
  const seen = new Map<string, number>();
  const made = (text: string, time: number): string =>
    hash('sha256', `${documentId}\0${time}\0${text}`).slice(0, 24);
  return (text) => {
    const first = made(text, 0);
    const times = seen.get(first) ?? 0;
    seen.set(first, times + 1);
    return times === 0 ? first : made(text, times);
  };
}

interface Section {
  readonly heading: Heading | null;
  readonly body: Span;
  readonly page: ChunkPage;
  readonly index: number;
}

function* sectionsOf(
  pages: readonly ChunkPage[],
): Generator<Section & { readonly next: Section | null }> {
  let before: Section | null = null;
  for (const [index, page] of pages.entries()) {
    let heading: Heading | null = null;
    let from = 0;
    for (const each of [...page.headings, null]) {
      const section: Section = {
        heading,
        body: [from, each?.start ?? page.text.length],
        page,
        index,
      };
      if (before !== null) yield { ...before, next: section };
      before = section;
      heading = each;
      from = each?.end ?? from;
    }
  }
  if (before !== null) yield { ...before, next: null };
}

/** Whether what follows stands below the heading: a smaller heading, or the text of the next page. */
function leads(heading: Heading, page: ChunkPage, next: Section | null): boolean {
  if (next === null || (next.page !== page && beginsAnew(next.page, page))) return false;
  return next.heading === null
    ? next.page.text.slice(...next.body).trim() !== ''
    : next.heading.level > heading.level;
}

/** Headings of one slide, sheet, chapter or message do not stand above the next one's text. */
function beginsAnew(page: ChunkPage, before: ChunkPage | undefined): boolean {
  switch (page.kind) {
    case 'slide':
    case 'message':
      return true;
    case 'sheet':
    case 'chapter':
      return (
        before?.kind !== page.kind || before.title !== page.title || (page.title ?? null) === null
      );
    default:
      return false;
  }
}

/** Tokens that a unit's name adds to the path. Several share a passage only where all is small. */
const nameTokens = (page: ChunkPage): number =>
  Math.max(0, ...(page.blocks ?? []).map(({ name }) => (name === undefined ? 0 : tokensIn(name))));

function pathText(title: string, path: readonly string[], names: readonly string[]): string | null {
  const parts = title === '' || path.includes(title) ? [...path] : [title, ...path];
  if (names.length > 0) parts.push(names.join(', '));
  const text = parts.filter((part) => part !== '').join(' › ');
  if (text === '') return null;
  return text.length > longestHeading
    ? `…${text.slice(1 - longestHeading).replace(/^[\uDC00-\uDFFF]/, '')}`
    : text;
}
