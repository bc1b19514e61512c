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

/** Tokens that one pass of llama.cpp works on: the batch size that ENGINE asks for. */
const batchTokens = 512;

/** Widest layer's intermediate results in multiples of the embedding length, fitted; see below. */
const hybridWidth = 17;
const denseWidth = 9;

/**
 * Buffers for the intermediate results of one pass, in bytes. Not a closed form but a fit: llama.cpp
 * shares one buffer between the layers and the output, so the larger of the two counts; in a layer
 * the attention mask adds one f16 for each token of the batch and of the context.
 *
 * Fitted on Linux x64, CPU, node-llama-cpp 3.21.1, by loading through ENGINE the miniature and files
 * of zero weights with the shapes of 350m, h-350m, h-1b and h-tiny (granite.md §2; h-tiny and two
 * others with a vocabulary of 512), contexts 2048 to 32768, 1 and 4 sessions, and reading
 * `Engine.memory().compute`. With Granite's vocabulary it was within 6 %, with the tiny ones, where
 * layers decide, within 15 %. Most of the output part is only touched when many logits are asked for:
 * resident memory of a small model stays below the prediction by up to that much. `vitest run --project model test/model/memory`
 * prints the error for the miniature. Graphics backends were not measured.
 */
export function computeBytes(header: ModelHeader, contextSize: number): number {
  const width = header.recurrentLayers > 0 ? hybridWidth : denseWidth;
  const output = batchTokens * f32 * (header.vocabulary + 2 * header.embeddingLength);
  const layer =
    batchTokens * f32 * width * header.embeddingLength + batchTokens * f16 * contextSize;
  return Math.max(output, layer);
}

/**
 * Resident memory of an ENGINE process without a model: Node, the binding and llama.cpp's libraries.
 * Measured as above (133 to 141 MiB on Linux x64).
 */
const processBytes = 135 * 1024 * 1024;

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
  const compute = computeBytes(header, contextSize);
  return {
    weights,
    kv,
    recurrent,
    compute,
    process: processBytes,
    total: weights + kv + recurrent + compute + processBytes,
  };
}
