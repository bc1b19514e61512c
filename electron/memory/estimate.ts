import type { MemoryPrediction, ModelHeader } from '../ipc/contract/index.ts';

/** What the state of one Mamba-2 layer is made of, as `<arch>.ssm.*` names it. */
export interface RecurrentShape {
  readonly inner: number;
  readonly state: number;
  readonly convolution: number;
  readonly groups: number;
}

const f16 = 2;
const f32 = 4;

/** llama.cpp rounds the cells of a session up to this. */
const contextStep = 256;

/**
 * KV cache of one token in bytes at f16 (granite.md §2.1).
 * @param kvHeads key/value heads of each attention layer; recurrent layers are left out.
 */
export function kvBytesPerToken(
  kvHeads: readonly number[],
  keyLength: number,
  valueLength: number,
): number {
  return kvHeads.reduce((sum, heads) => sum + heads * (keyLength + valueLength) * f16, 0);
}

/** Recurrent state of one session in bytes, f32, the same for every context length (granite.md §2.1). */
export function recurrentBytesPerSession(layers: number, shape: RecurrentShape): number {
  const convolution =
    Math.max(0, shape.convolution - 1) * (shape.inner + 2 * shape.groups * shape.state);
  return layers * f32 * (convolution + shape.state * shape.inner);
}

/** KV bytes for whole sessions, with llama.cpp's rounding. */
export function kvBytes(header: ModelHeader, contextSize: number, sessions: number): number {
  const cells = Math.ceil(contextSize / contextStep) * contextStep;
  return cells * sessions * header.kvBytesPerToken;
}

/** KV bytes of a token if every layer were attention with the same key/value heads. */
export function denseKvBytesPerToken(header: ModelHeader): number {
  if (header.attentionLayers === 0) return 0;
  return (header.kvBytesPerToken / header.attentionLayers) * header.layers;
}

/** Tokens that one pass of llama.cpp works on; ENGINE leaves its default. */
const batchTokens = 512;

/**
 * Buffers for the intermediate results of one pass, in bytes.
 *
 * Not a closed form: a line through measurements, see memory/README.md for what was measured and how.
 */
export function computeBytes(header: ModelHeader, contextSize: number, sessions: number): number {
  void contextSize;
  void sessions;
  return batchTokens * f32 * (header.vocabulary + header.embeddingLength);
}

/** Resident memory of an ENGINE process without a model. */
const processBytes = 60 * 1024 * 1024;

/**
 * What a model will take when it is loaded, in bytes: weights, KV and recurrent state by formula,
 * compute buffers and the process itself from measurements.
 */
export function predictMemory(
  header: ModelHeader,
  contextSize: number,
  sessions: number,
): MemoryPrediction {
  const weights = header.tensorBytes;
  const kv = kvBytes(header, contextSize, sessions);
  const recurrent = header.recurrentBytesPerSession * sessions;
  const compute = computeBytes(header, contextSize, sessions);
  return {
    weights,
    kv,
    recurrent,
    compute,
    process: processBytes,
    total: weights + kv + recurrent + compute + processBytes,
  };
}
