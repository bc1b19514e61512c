import { documentFormats } from '../../../electron/ipc/contract/index.ts';
import type { DocumentFormat } from '../../../electron/ipc/contract/index.ts';
import type { Language } from './language.ts';
import type { Fact } from './world.ts';

export type CorpusFormat = Exclude<DocumentFormat, 'image'>;
/** Every format of the corpus: pictures are left out. */
export const corpusFormats = documentFormats.filter(
  (format): format is CorpusFormat => format !== 'image',
);

export interface Sentence {
  readonly text: string;
  readonly fact?: Fact;
}

export interface Row {
  readonly cells: readonly (string | number)[];
  readonly facts: readonly Fact[];
}

export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly Row[];
  /** Lines above the header, as people put them into sheets. */
  readonly above: readonly string[];
}

export type Item =
  | { readonly kind: 'paragraph' | 'list' | 'notes'; readonly sentences: readonly Sentence[] }
  | { readonly kind: 'table'; readonly table: Table };

/** A page, slide, sheet, chapter, message, cell, function or section. */
export interface Part {
  readonly title: string;
  readonly items: readonly Item[];
}

export interface Doc {
  /** Also seeds what the writers choose. */
  readonly number: number;
  readonly format: CorpusFormat;
  readonly language: Language;
  readonly title: string;
  readonly parts: readonly Part[];
}

export interface Written {
  readonly bytes: Uint8Array;
  /** Another ending than the format's name. */
  readonly extension?: string;
  /** Rows of sheets, 1-based as the file counts them. */
  readonly rows?: ReadonlyMap<Fact, number>;
  /** Baselines of pdf lines that a fact begins on, in points from the top. */
  readonly baselines?: ReadonlyMap<Fact, number>;
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const join = (sentences: readonly Sentence[]): string =>
  sentences.map(({ text }) => text).join(' ');

/** Text of a cell in formats without numbers. */
export const shown = (cell: string | number, language: Language): string =>
  typeof cell === 'number' && !isYear(cell) ? language.number(cell) : String(cell);

const isYear = (cell: number): boolean => cell >= 1990 && cell < 2050;

export const escapeXml = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
