import type { PassageHit } from './documents.ts';
import type { ErrorShape } from './errors.ts';

/** A filter that was typed into a search: `in:contracts`, `file:lease`, `type:pdf`, `after:2024-01`, `before:2025`. */
export interface TypedFilter {
  readonly kind: 'in' | 'file' | 'type' | 'after' | 'before';
  /** As it was typed, without quotes; of a type, the format's own name. */
  readonly value: string;
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
}

/** What searches can use now. */
export interface SearchState {
  /** Passages that an older version indexed and that are being indexed again; null when all are. */
  readonly indexing: { readonly done: number; readonly total: number } | null;
  /** Vectors: none without an embedding model, then full text alone finds passages. */
  readonly vectors: 'none' | 'partial' | 'ready';
  /** Name of the embedding model, null without one. */
  readonly model: string | null;
  /** Passages with a vector of that model, and all passages. */
  readonly done: number;
  readonly total: number;
  /** Why no vectors are made for now; it is tried again by itself. */
  readonly problem?: ErrorShape;
}
