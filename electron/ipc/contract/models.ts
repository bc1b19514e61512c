import type { Timestamp } from './conversations.ts';
import type { ErrorShape } from './errors.ts';

/** Facts read from a GGUF header, before any weight is touched. Sizes in bytes unless said otherwise. */
export interface ModelHeader {
  readonly architecture: string;
  /** general.name of the file, or its file name. */
  readonly name: string;
  readonly parameters: number;
  readonly quantization: string;
  readonly bytes: number;
  readonly tensorBytes: number;
  readonly tensorCount: number;
  readonly vocabulary: number;
  readonly layers: number;
  readonly attentionLayers: number;
  readonly recurrentLayers: number;
  readonly embeddingLength: number;
  /** What the header claims. For hybrids this is 2^20 and NOT the trained length. */
  readonly declaredContext: number;
  /** Bytes of KV cache for one token at f16, all attention layers. */
  readonly kvBytesPerToken: number;
  /** Bytes of recurrent state for one session; 0 for a dense model. */
  readonly recurrentBytesPerSession: number;
  readonly hasChatTemplate: boolean;
  readonly experts: number;
}

export type ModelOrigin = 'builtin' | 'copied' | 'referenced';

/** Step of the sha256 in the background. */
export type HashState = 'pending' | 'hashing' | 'done' | 'failed';

export interface LoadedModel {
  readonly modelId: string;
  readonly state: 'loading' | 'ready' | 'unloading';
  /** 0 to 1 while loading. */
  readonly fraction: number;
  readonly pid: number | null;
  readonly contextSize: number;
  readonly sessions: number;
  readonly threads: number;
  readonly backend: string;
  readonly loadMs: number | null;
}

export interface Model {
  readonly id: string;
  readonly name: string;
  readonly origin: ModelOrigin;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string | null;
  readonly hashState: HashState;
  readonly header: ModelHeader;
  /** Longest context the app offers: the trained length where known, never the header's 2^20. */
  readonly contextLimit: number;
  /** Prompts are kept under this many tokens (the miniature: 704); null = the context decides. */
  readonly promptLimit: number | null;
  readonly addedAt: Timestamp;
  /** The file is gone from its place. */
  readonly missing: boolean;
  readonly loaded: LoadedModel | null;
  /** Predicted memory in bytes at the context the app would load it with. */
  readonly predictedBytes: number;
  readonly plannedContext: number;
  readonly error: ErrorShape | null;
}
