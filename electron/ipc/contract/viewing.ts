import type { Citation, Timestamp } from './conversations.ts';
import type { PartKind } from './documents.ts';

/** One part of a document without its text: what a list of parts and a scrollbar need to know. */
export interface DocumentPart {
  /** 1-based, as `documents.page` takes it. */
  readonly page: number;
  readonly kind: PartKind;
  readonly title: string | null;
  /** Offset of its text within the document's; UTF-16 units of it. */
  readonly start: number;
  readonly characters: number;
  /** Lines of its text, empty ones at its end left out: rows, for a sheet. */
  readonly lines: number;
  /** Points; null where there is no page image. */
  readonly width: number | null;
  readonly height: number | null;
  /** Its text was recognised in a picture: it may be wrong. */
  readonly isRecognised?: true;
}

/** Where searched words stand. Offsets are into the document's whole extracted text (UTF-16). */
export interface FoundSpan {
  readonly page: number;
  readonly start: number;
  readonly end: number;
}

export interface FoundInDocument {
  /** In reading order; the first ones where there are more than a person goes through. */
  readonly spans: readonly FoundSpan[];
  /** All of them. */
  readonly total: number;
}

/** Where the words of a citation stand in the text as it is now. */
export interface QuotePlace {
  /** `moved`: at other offsets than when it was cited. `gone`: nowhere in it. */
  readonly state: 'same' | 'moved' | 'gone';
  readonly start: number;
  readonly end: number;
}

/** One citation of an answer into a document. */
export interface DocumentCitation {
  readonly conversationId: string;
  readonly conversationTitle: string;
  readonly messageId: string;
  /** The sentence of the answer. */
  readonly sentence: string;
  readonly citation: Citation;
  readonly createdAt: Timestamp;
  /** The quote stands where it was cited. */
  readonly stands: boolean;
}
