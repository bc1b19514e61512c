import type { ErrorShape } from './errors.ts';

/** How an embedding model makes one vector of a text's tokens, as its file says. */
export type Pooling = 'mean' | 'cls' | 'last';

/** 'automatic' = the newest one that is there; 'none'; else a model's id. */
export type EmbeddingChoice = string;

/** An embedding model of the library. */
export interface EmbeddingModel {
  readonly id: string;
  readonly name: string;
  readonly bytes: number;
  /** Length of its vectors. */
  readonly dimensions: number;
  /** Its file is gone, or cannot be read. */
  readonly missing: boolean;
}

/**
 * Why no embedding model is in use: 'none' is installed, 'off' = the person wants none, the chosen one is 'missing',
 * its file is being read for the first time ('checking').
 */
export type EmbeddingLack = 'none' | 'off' | 'missing' | 'checking';

/** Which model finds passages by meaning, and how it stands. */
export interface EmbeddingState {
  readonly choice: EmbeddingChoice;
  readonly installed: readonly EmbeddingModel[];
  /** The one in use, loaded or not; null where documents are found by their words only. */
  readonly model: EmbeddingModel | null;
  /**
   * 'none' = none is installed, 'off' = none is wanted, 'missing' = the chosen one is not there,
   * 'checking' = its file is being read for the first time, 'resting' = loaded when it is needed,
   * 'failed' = it could not be loaded, or ended by itself too often.
   */
  readonly status:
    'none' | 'off' | 'missing' | 'checking' | 'resting' | 'loading' | 'ready' | 'failed';
  readonly error: ErrorShape | null;
  /** Bytes that its process takes when it is loaded; 0 without a model. */
  readonly predictedBytes: number;
  /** Bytes that its process holds now; null while it is not loaded. */
  readonly residentBytes: number | null;
}
