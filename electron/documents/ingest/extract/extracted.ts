import { AppError } from '../../../ipc/app-error.ts';
import type {
  Block,
  ErrorDetail,
  Heading,
  PageSpan,
  PartKind,
} from '../../../ipc/contract/index.ts';

/** One page as a parser gives it. The document's text is the pages' texts, one after the other. */
export interface ExtractedPage {
  readonly text: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly spans: readonly PageSpan[];
  readonly headings: readonly Heading[];
  /** What a page of this format is; missing: 'page' where the format is paged, else 'section'. */
  readonly kind?: PartKind;
  /** Name of the sheet, title of the slide or chapter, subject of the message. */
  readonly title?: string | null;
  /** Tables, code and the like, in order, never overlapping. */
  readonly blocks?: readonly Block[];
  /** Its text was recognised in a picture: it may be wrong. */
  readonly isRecognised?: boolean;
}

export interface Extracted {
  /** False for formats without pages: their "pages" are sections, which nobody would cite by number. */
  readonly paged: boolean;
  readonly pages: readonly ExtractedPage[];
}

/** Called for each page or step, so that the time limit can tell slow from stuck. */
export type Beat = () => void;

/** Characters of one document; more is a bomb or a database dump. */
export const mostCharacters = 20_000_000;

export function tooLarge(facts: Readonly<Record<string, number>>): AppError {
  return new AppError('document-too-large', 'the document is larger than the limit', {
    detail: facts,
  });
}

export const unreadable = (why: string, cause?: unknown): AppError =>
  new AppError('document-unreadable', why, cause === undefined ? {} : { cause });

export const empty = (): AppError => new AppError('document-empty', 'no text was found');

/** Pictures of text, and nothing that could be read without recognising it: `reason` says why it was not. */
export const needsOcr = (detail: ErrorDetail = { reason: 'off' }): AppError =>
  new AppError('document-needs-ocr', 'the document is pictures of text', { detail });

/**
 * Text as it is kept: composed characters (so that a decomposed Hangul or accent is found), one kind
 * of newline, no control characters (the search uses two of them as marks), no lone surrogates.
 */
export function cleanText(text: string): string {
  if (!notPlain.test(text)) return text;
  const composed = text.normalize('NFC');
  if (!unclean.test(composed)) return composed;
  return composed
    .replace(/\r\n?/g, '\n')
    .replace(/[\u2028\u2029\f\v]/g, '\n')
    .replace(noText, '')
    .replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** Nearly all text is found to need nothing in one walk or two. */
const notPlain = /[^\t\n\x20-\x7e]/;
const unclean =
  // eslint-disable-next-line no-control-regex
  /[\r\u2028\u2029\u0000-\u0008\u000B-\u001F\u007F\uFEFF\uFFFE\uFFFF\uD800-\uDFFF]/;
// eslint-disable-next-line no-control-regex
const noText = /[\u0000-\u0008\u000E-\u001F\u007F\uFEFF\uFFFE\uFFFF]/g;
