import type { Timestamp } from './conversations.ts';
import type { ErrorShape } from './errors.ts';

export const documentFormats = [
  'txt',
  'md',
  'rst',
  'html',
  'pdf',
  'docx',
  'pptx',
  'xlsx',
  'csv',
  'tsv',
  'odt',
  'ods',
  'odp',
  'epub',
  'rtf',
  'eml',
  'mbox',
  'code',
  'json',
  'jsonl',
  'ipynb',
  'image',
] as const;
export type DocumentFormat = (typeof documentFormats)[number];
/** 'stopped' = never read, because a person stopped it. */
export type DocumentState = 'waiting' | 'reading' | 'ready' | 'failed' | 'stopped';

export interface Collection {
  readonly id: string;
  readonly name: string;
  /** Folder it was made from, null for a collection of single files. */
  readonly folder: string | null;
  readonly createdAt: Timestamp;
  readonly documentCount: number;
  readonly failedCount: number;
  /** Never read, because a person stopped it. Not among those that failed. */
  readonly stoppedCount: number;
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
  /** When what is kept of it was read; null before that. */
  readonly readAt: Timestamp | null;
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

/** What one "page" of a format is. `section`: a stretch of text that nobody would cite by number. */
export type PartKind = 'page' | 'slide' | 'sheet' | 'chapter' | 'message' | 'cell' | 'section';

/** A stretch of a page that keeps together. Offsets are into the page's text (UTF-16). */
export interface Block {
  readonly kind: 'table' | 'code' | 'list' | 'notes';
  readonly start: number;
  readonly end: number;
  /** Table: the header row within the text, repeated for every passage of a table that is cut. */
  readonly header?: readonly [start: number, end: number];
  /** Table of a sheet: number of the row of the file that the block begins with, 1-based. Its rows are its lines. */
  readonly firstRow?: number;
  /** Code, and text of source files: number of the line that the block begins with, 1-based. */
  readonly firstLine?: number;
  /** Code: name of the function or class. */
  readonly name?: string;
}

/** Where a passage stands, as a person would say it: page 3, slide 4, sheet "Costs" rows 5 to 9, lines 20 to 41. */
export interface Place {
  readonly kind: PartKind | 'lines';
  /** 1-based; null where the format does not count. */
  readonly number: number | null;
  /** Name of the sheet, title of the slide or chapter, subject of the message. */
  readonly name: string | null;
  /** First and last row of a sheet, or line of a text, as the file counts them. */
  readonly rows?: readonly [first: number, last: number];
}

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
  readonly kind: PartKind;
  readonly title: string | null;
  readonly blocks: readonly Block[];
}

export interface DocumentView {
  readonly document: DocumentSummary;
  /** True where the page can be shown as an image from `quarry://document/<id>` (pdf). */
  readonly hasImage: boolean;
  readonly pageStarts: readonly number[];
  /** Citations of all conversations into this document. */
  readonly citedIn: number;
}

/** Another document that holds the same: its whole file, byte by byte, or this passage alone. */
export interface SameContent {
  readonly documentId: string;
  readonly documentName: string;
  readonly path: string;
  /** Where the passage stands there; missing where the whole file is the same. */
  readonly at?: { readonly page: number | null; readonly start: number; readonly end: number };
}

/** A passage with its place, as a search finds it and an answer keeps it. */
export interface FoundPassage {
  readonly passageId: string;
  readonly documentId: string;
  readonly documentName: string;
  /** 1-based page of a paged format, null where the format has none. */
  readonly page: number | null;
  readonly heading: string | null;
  /** Missing in what was kept before places were. */
  readonly place?: Place | null;
  /** What belongs before `text` and stands elsewhere: the header of a table that was cut. Missing for none. */
  readonly lead?: string;
  readonly text: string;
  /** Character offsets (UTF-16) of `text` within the document's extracted text. */
  readonly start: number;
  readonly end: number;
  /** Higher is better; comparable only within one search. */
  readonly score: number;
  /** Other files with the same content or the same passage, at most 50; missing for none. */
  readonly sameIn?: readonly SameContent[];
  /** Recognised in a picture: it may be wrong. */
  readonly isRecognised?: true;
}

export interface PassageHit extends FoundPassage {
  readonly collectionId: string;
  /** [start, end) pairs within `text` that matched the words searched. */
  readonly marks: readonly (readonly [number, number])[];
}
