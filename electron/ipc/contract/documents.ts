import type { Timestamp } from './conversations.ts';
import type { ErrorShape } from './errors.ts';

export const documentFormats = ['txt', 'md', 'html', 'pdf', 'docx'] as const;
export type DocumentFormat = (typeof documentFormats)[number];
export type DocumentState = 'waiting' | 'reading' | 'ready' | 'failed';

export interface Collection {
  readonly id: string;
  readonly name: string;
  /** Folder it was made from, null for a collection of single files. */
  readonly folder: string | null;
  readonly createdAt: Timestamp;
  readonly documentCount: number;
  readonly failedCount: number;
}

export interface DocumentSummary {
  readonly id: string;
  readonly collectionId: string;
  readonly name: string;
  readonly path: string;
  readonly format: DocumentFormat;
  readonly bytes: number;
  readonly sha256: string;
  readonly state: DocumentState;
  readonly error: ErrorShape | null;
  readonly pages: number;
  readonly characters: number;
  readonly passages: number;
  readonly addedAt: Timestamp;
  /** How the file at `path` compares with what was read. 'unknown' until looked at. */
  readonly fileState: 'same' | 'changed' | 'gone' | 'unknown';
}

/** Where a piece of page text stands on a PDF page: points, origin top left. Offsets are into the page's text. */
export type PageSpan = readonly [
  start: number,
  end: number,
  x: number,
  y: number,
  width: number,
  height: number,
];

export interface Heading {
  readonly level: number;
  /** Offsets into the page's text. */
  readonly start: number;
  readonly end: number;
}

/** One page, or for formats without pages one section-sized slice, of a document's extracted text. */
export interface DocumentPage {
  readonly documentId: string;
  /** 1-based. */
  readonly page: number;
  readonly text: string;
  /** Offset of `text` within the whole extracted text; spans add to it. */
  readonly start: number;
  /** Page size in points; null for formats without a page image. */
  readonly width: number | null;
  readonly height: number | null;
  readonly spans: readonly PageSpan[];
  readonly headings: readonly Heading[];
}

export interface DocumentView {
  readonly document: DocumentSummary;
  /** True where the page can be shown as an image from `quarry://document/<id>` (pdf). */
  readonly hasImage: boolean;
  readonly pageStarts: readonly number[];
  /** Citations of all conversations into this document. */
  readonly citedIn: number;
}

export interface PassageHit {
  readonly passageId: string;
  readonly documentId: string;
  readonly documentName: string;
  readonly collectionId: string;
  readonly page: number | null;
  readonly heading: string | null;
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
  /** [start, end) pairs within `text` that matched the words searched. */
  readonly marks: readonly (readonly [number, number])[];
}
