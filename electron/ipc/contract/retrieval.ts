import type { PassageHit } from './documents.ts';
import type { EmbeddingLack } from './embedding.ts';
import type { ErrorShape } from './errors.ts';

/** A filter that was typed into a search: `in:contracts`, `file:lease`, `type:pdf`, `after:2024-01`, `before:2025`. */
export interface TypedFilter {
  readonly kind: 'in' | 'file' | 'type' | 'after' | 'before';
  /** As it was typed, without quotes; of a type, the format's own name. */
  readonly value: string;
}

/** Filter words in English, Spanish and Korean, folded: what may stand before the colon. */
export const filterWords: Readonly<Record<string, TypedFilter['kind']>> = {
  in: 'in',
  en: 'in',
  collection: 'in',
  coleccion: 'in',
  모음: 'in',
  file: 'file',
  archivo: 'file',
  파일: 'file',
  type: 'type',
  tipo: 'type',
  형식: 'type',
  after: 'after',
  since: 'after',
  desde: 'after',
  이후: 'after',
  before: 'before',
  until: 'before',
  antes: 'before',
  이전: 'before',
};

/** A filter or an excluded word, and where it stands in the search as it was typed. */
export interface TypedPart {
  readonly kind: TypedFilter['kind'] | 'without';
  readonly value: string;
  /** [start, end) in the query. */
  readonly start: number;
  readonly end: number;
}

/** A filter word that was typed without a value: it is left out of the search. */
export interface UnfinishedFilter {
  readonly kind: TypedFilter['kind'];
  /** As it was typed, without its colon. */
  readonly word: string;
}

/** What one kind of filter does to a search that found nothing. */
export interface FilterEffect {
  readonly kind: TypedPart['kind'];
  /** Documents that it leaves by itself within the scope. */
  readonly documents: number;
  /** Passages that are found without it, all other filters kept; at most the search's limit. */
  readonly passages: number;
}

/** How a search was understood, for a view that shows its filters. */
export interface SearchReading {
  readonly hits: readonly PassageHit[];
  /** What was looked for, filters and excluded words taken out. */
  readonly text: string;
  /** Typed filters, then those that were given. */
  readonly filters: readonly TypedFilter[];
  /** Words and phrases that passages must not hold. */
  readonly without: readonly string[];
  /** Whether meaning counted beside the words. */
  readonly by?: 'words' | 'words-and-meaning';
  /** What of `filters` and `without` was typed, in its order. */
  readonly typed: readonly TypedPart[];
  /** Filters without a value; missing where there are none. */
  readonly unfinished?: readonly UnfinishedFilter[];
  /** Documents that the scope and the filters leave. */
  readonly documents: number;
  /** Where filters alone were given, no words: the ids of those documents. Else missing. */
  readonly passing?: readonly string[];
  /** Where nothing was found: what each kind of filter has to do with it. Else empty. */
  readonly emptied: readonly FilterEffect[];
}

/** What searches can use now. */
export interface SearchState {
  /** Passages that an older version indexed and that are being indexed again; null when all are. */
  readonly indexing: { readonly done: number; readonly total: number } | null;
  /** Vectors: none without an embedding model, then full text alone finds passages. */
  readonly vectors: 'none' | 'partial' | 'ready';
  /** Name of the embedding model, null without one. */
  readonly model: string | null;
  /** Why there is no embedding model; missing where there is one. */
  readonly lack?: EmbeddingLack;
  /** Passages with a vector of that model, and all passages. */
  readonly done: number;
  readonly total: number;
  /** Why no vectors are made for now; it is tried again by itself. */
  readonly problem?: ErrorShape;
}
