import { createHash } from 'node:crypto';
import type { Block, Heading, PartKind, Place } from '../../ipc/contract/index.ts';
import { sentencesOf } from './sentences.ts';

/** A page with its place in the document's text. */
export interface ChunkPage {
  readonly text: string;
  readonly start: number;
  readonly headings: readonly Heading[];
  readonly kind?: PartKind;
  readonly title?: string | null;
  readonly blocks?: readonly Block[];
}

/** `text === documentText.slice(start, end)`, always. */
export interface Passage {
  readonly id: string;
  readonly ordinal: number;
  /** 1-based, null for formats without pages. */
  readonly page: number | null;
  /** Path of headings above it, outermost first, parted by ' › '. */
  readonly heading: string | null;
  readonly place: Place | null;
  /** What belongs before the text and stands elsewhere: the header of a table that was cut. */
  readonly lead: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Characters (UTF-16). A passage is closed at `target`, and never longer than `most`. */
export interface ChunkSize {
  readonly target: number;
  readonly most: number;
}
export const defaultSize: ChunkSize = { target: 600, most: 900 };

/** Longest heading path kept: the index weighs it, and a prompt carries it. */
const longestHeading = 200;

/**
 * Cuts a document into passages along its structure: a heading always begins a new passage and stands
 * in its path, not in its text; paragraphs stay whole where they fit, sentences where they do not.
 * Passages never cross a page, do not overlap, and leave out only white space, headings with text
 * below them and lone page numbers. The id depends on the document's content and the span alone, so the same file read
 * again gives the same ids.
 */
export function chunk(
  pages: readonly ChunkPage[],
  options: { readonly sha256: string; readonly paged: boolean; readonly size?: ChunkSize },
): Passage[] {
  const size = options.size ?? defaultSize;
  const passages: Passage[] = [];
  const path: { level: number; text: string }[] = [];
  const sections = pages.flatMap((page, index) =>
    sectionsOf(page).map((section) => ({ ...section, page, number: index + 1 })),
  );
  sections.forEach(({ heading, body, page, number }, at) => {
    const add = ([start, end]: Span, above: string | null): void => {
      passages.push({
        id: passageId(options.sha256, page.start + start, page.start + end),
        ordinal: passages.length,
        page: options.paged ? number : null,
        heading: above,
        place: placeOf(page, number, options.paged),
        lead: '',
        start: page.start + start,
        end: page.start + end,
        text: page.text.slice(start, end),
      });
    };
    if (heading !== null) {
      const { level, start, end } = heading;
      while ((path.at(-1)?.level ?? 0) >= level) path.pop();
      path.push({ level, text: page.text.slice(start, end).replace(/\s+/g, ' ').trim() });
    }
    const spans = pack(page.text, body, size);
    for (const span of spans) {
      const loneNumber = options.paged && /^\d{1,4}$/.test(page.text.slice(...span));
      if (!loneNumber) add(span, pathText(path));
    }
    // A heading with nothing below it would be lost if it were only a path.
    if (spans.length === 0 && heading !== null && !leads(heading, sections[at + 1])) {
      const above = pathText(path.slice(0, -1));
      for (const span of pack(page.text, [heading.start, heading.end], size)) add(span, above);
    }
  });
  return passages;
}

function placeOf(page: ChunkPage, number: number, paged: boolean): Place | null {
  const kind = page.kind ?? (paged ? 'page' : 'section');
  return kind === 'section' ? null : { kind, number, name: page.title ?? null };
}

/** Hash of the document's content and the span; 96 bits tell passages apart. */
export function passageId(sha256: string, start: number, end: number): string {
  return createHash('sha256').update(`${sha256}:${start}:${end}`).digest('hex').slice(0, 24);
}

interface Section {
  readonly heading: Heading | null;
  readonly body: Span;
}

/** Whether what follows stands below the heading: a smaller heading, or the text of the next page. */
function leads(
  heading: Heading,
  next: (Section & { readonly page: ChunkPage }) | undefined,
): boolean {
  if (next === undefined) return false;
  return next.heading === null
    ? next.page.text.slice(...next.body).trim() !== ''
    : next.heading.level > heading.level;
}

type Span = readonly [start: number, end: number];

function pathText(path: readonly { readonly text: string }[]): string | null {
  const text = path.map((each) => each.text).join(' › ');
  if (text === '') return null;
  return text.length > longestHeading
    ? `…${text.slice(1 - longestHeading).replace(/^[\uDC00-\uDFFF]/, '')}`
    : text;
}

function sectionsOf(page: ChunkPage): Section[] {
  const sections: Section[] = [];
  let heading: Heading | null = null;
  let from = 0;
  for (const next of page.headings) {
    sections.push({ heading, body: [from, next.start] });
    heading = next;
    from = next.end;
  }
  sections.push({ heading, body: [from, page.text.length] });
  return sections;
}

/** Fills passages with paragraphs; a paragraph that is too long gives sentences, then words. */
function pack(text: string, [from, to]: Span, size: ChunkSize): Span[] {
  const spans: Span[] = [];
  let open: Span | null = null;
  const flush = (): void => {
    if (open !== null) spans.push(open);
    open = null;
  };
  const put = (piece: Span): void => {
    if (open !== null && (open[1] - open[0] >= size.target || piece[1] - open[0] > size.most)) {
      flush();
    }
    open = open === null ? piece : [open[0], piece[1]];
  };
  for (const paragraph of paragraphsOf(text, from, to)) {
    if (paragraph[1] - paragraph[0] <= size.most) {
      put(paragraph);
      continue;
    }
    for (const [start, end] of sentencesOf(text.slice(...paragraph))) {
      for (const piece of wordsOf(text, paragraph[0] + start, paragraph[0] + end, size.most)) {
        put(piece);
      }
    }
  }
  flush();
  return spans;
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

/** Pieces of at most `most` characters, cut at spaces where there are any, never inside a character. */
function* wordsOf(text: string, from: number, to: number, most: number): Generator<Span> {
  let start = from;
  while (to - start > most) {
    let end = start + most;
    const window = text.slice(start + Math.floor(most / 2), end + 1);
    const space = window.search(/\s\S*$/);
    if (space >= 0) end = start + Math.floor(most / 2) + space;
    else if (/[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    const piece = trim(text, start, end);
    if (piece !== null) yield piece;
    start = end;
  }
  const last = trim(text, start, to);
  if (last !== null) yield last;
}

function trim(text: string, from: number, to: number): Span | null {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text.charAt(start))) start += 1;
  while (end > start && /\s/.test(text.charAt(end - 1))) end -= 1;
  return start < end ? [start, end] : null;
}
