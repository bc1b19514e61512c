/**
 * What CORE sees of a loaded embedding model: texts in, unit vectors out. An own process per model, like
 * `port.ts`'s engines. Nothing here knows llama.cpp.
 */
import type { EmbeddingLack, Pooling } from '../ipc/contract/index.ts';
import type { EngineExit, EngineMemory, LoadRequest } from './port.ts';

/** llama.cpp's numbers (`enum llama_pooling_type`). 0 is none and 4 ranks: neither gives a text's vector. */
export const poolings: Readonly<Record<number, Pooling>> = { 1: 'mean', 2: 'cls', 3: 'last' };

/**
 * Tokens of one text that are read at most: twice the longest passage (`documents/index`), whose tokens are
 * estimated. An encoder's memory for attention grows with the square of it.
 */
export const mostTextTokens = 1024;

export type EmbedderLoadRequest = Pick<
  LoadRequest,
  'modelPath' | 'threads' | 'gpu' | 'module' | 'gpuLayers' | 'memoryLimit'
>;

export interface EmbedderInfo {
  readonly pid: number;
  /** Length of every vector. */
  readonly dimensions: number;
  /** How the tokens' vectors become one, as the model's file says. */
  readonly pooling: Pooling;
  /** Tokens of one text that are read, special ones counted; what comes after them is left out. */
  readonly maxTokens: number;
  readonly threads: number;
  readonly backend: string;
  readonly engineVersion: string;
  readonly loadMs: number;
}

export interface Embeddings {
  /** One unit vector (length 1 within 1e-3) for each text, in their order. */
  readonly vectors: readonly Float32Array[];
  /** Places of the texts whose end was left out. */
  readonly cut: readonly number[];
}

export interface EmbedRequest {
  readonly texts: readonly string[];
  /** A question goes before all passages that wait, and between two texts of a job under way. */
  readonly use: 'question' | 'passage';
}

export interface Embedder {
  readonly info: EmbedderInfo;
  /** Throws AppError 'cancelled' where the signal aborts, 'engine-crashed', 'internal'. An empty text has a vector, too. */
  embed(request: EmbedRequest, signal: AbortSignal): Promise<Embeddings>;
  /** As an engine's; `answers` counts texts. There is no KV cache, no state and no session. */
  memory(): Promise<EngineMemory>;
  /** Called once when the process is gone, for whatever reason. */
  onExit(listener: (exit: EngineExit) => void): () => void;
  /** Ends the process; resolves when it is gone and its memory is back. Idempotent. */
  close(): Promise<void>;
}

export interface EmbedderLauncher {
  /** Throws what `EngineLauncher.launch` throws, and 'model-not-embedding' for a model that writes text. */
  launch(
    request: EmbedderLoadRequest,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Embedder>;
}

/** The embedding model that is in use, loaded or not. */
export interface EmbedderLook {
  readonly modelId: string;
  readonly modelName: string;
  /** Names the file's content and how vectors are made of it: those of another fingerprint cannot be compared. */
  readonly fingerprint: string;
}

export interface EmbedderLease extends EmbedderLook {
  readonly embedder: Embedder;
  release(): void;
}

/** Implemented by `models`, used by `documents` and, through `documents/retrieve`, by `chat`. */
export interface EmbedderProvider {
  /** null where no embedding model is installed or the person chose none. Loads nothing. */
  look(): EmbedderLook | null;
  /** Why `look` gives null; null where it gives a model. */
  lack(): EmbeddingLack | null;
  /**
   * Loads the model where needed; it is unloaded again when nobody has leased it for a while or memory is
   * short. Throws what `EmbedderLauncher.launch` throws, and 'not-found' where `look` gives null.
   */
  acquire(signal: AbortSignal): Promise<EmbedderLease>;
  /** Another model is in use, or none. */
  onChange(listener: () => void): () => void;
}
