import type { KvType, MemoryPrediction, ModelHeader } from '../ipc/contract/index.ts';
import table from './compute-table.json' with { type: 'json' };

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

/** Size of a KV element against f16: ggml stores 32 of them in 64, 34 and 18 bytes. */
const kvFactor: Readonly<Record<KvType, number>> = { f16: 1, q8_0: 34 / 64, q4_0: 18 / 64 };

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
export function kvBytes(
  header: ModelHeader,
  contextSize: number,
  sessions: number,
  kvType: KvType = 'f16',
): number {
  const cells = Math.ceil(contextSize / contextStep) * contextStep;
  return cells * sessions * header.kvBytesPerToken * kvFactor[kvType];
}

/** KV bytes of a token if every layer were attention with the same key/value heads. */
export function denseKvBytesPerToken(header: ModelHeader): number {
  if (header.attentionLayers === 0) return 0;
  return (header.kvBytesPerToken / header.attentionLayers) * header.layers;
}

/** Tokens that ENGINE reads at once on a CPU, and the most that several sessions make together. */
const chunkTokens = 128;
const batchTokens = 512;

/**
 * What of llama.cpp's compute buffers is ever touched, in bytes: it reserves room for the logits of a
 * whole batch (200 MB with Granite's vocabulary) and ENGINE asks for those of one token a session.
 * What is left are a layer's intermediate results, a multiple of the embedding length for each token
 * that is read at once, and the attention mask: an f16 for each of them and each token before it.
 * The multiples are fitted to measurements: `compute-table.json` names the command that made it.
 * @param tokensUsed Tokens that the longest conversation holds.
 * @param full Several sessions read at once, a whole batch.
 */
export function computeBytes(header: ModelHeader, tokensUsed: number, full = false): number {
  const kind = header.experts > 0 ? 'experts' : header.recurrentLayers > 0 ? 'hybrid' : 'dense';
  const widths = full ? table.fullWidths : table.widths;
  const tokens = full ? batchTokens : Math.min(chunkTokens, tokensUsed);
  const layer = widths[kind] * header.embeddingLength * f32 * tokens;
  const mask = header.attentionLayers > 0 ? tokens * tokensUsed * f16 : 0;
  return Math.round(layer + mask);
}

/** One token's logits and embedding for each session, as f32. */
function outputBytes(header: ModelHeader, sessions: number): number {
  return sessions * header.vocabulary * f32;
}

/** Sources take more: Node takes their types out in the process that runs them. */
const usualProcess = import.meta.url.endsWith('.ts')
  ? table.processBytes
  : table.bundledProcessBytes;

/**
 * Resident memory of an ENGINE besides llama.cpp's buffers: Node, the libraries, and the vocabulary,
 * which llama.cpp and the binding each keep in tables of their own. Measured (compute-table.json).
 * @param bare What such a process took on this machine before it had a model, where that is known.
 */
function processBytes(header: ModelHeader, sessions: number, bare?: number): number {
  return Math.round(
    (bare ?? usualProcess) +
      table.modelBytes +
      table.vocabularyBytes * header.vocabulary +
      table.sessionBytes * sessions,
  );
}

export interface PredictionOptions {
  /** 'f16' if not given. */
  readonly kvType?: KvType;
  /** Bytes of checkpoints, as many as there will be. */
  readonly checkpoints?: number;
  /** Bytes that a process without a model takes on this machine, where that was measured. */
  readonly bare?: number;
  /** Tokens that the longest conversation holds; few if not given. */
  readonly tokensUsed?: number;
}

/**
 * What a model will take when it is loaded and has answered, in bytes: weights, KV and recurrent state
 * by formula, compute buffers and the process itself from measurements on Linux x64 without graphics.
 */
export function predictMemory(
  header: ModelHeader,
  contextSize: number,
  sessions: number,
  options: PredictionOptions = {},
): MemoryPrediction {
  const weights = header.tensorBytes;
  const kv = kvBytes(header, contextSize, sessions, options.kvType);
  const recurrent = header.recurrentBytesPerSession * sessions;
  const compute = computeBytes(header, Math.min(contextSize, options.tokensUsed ?? contextStep));
  const output = outputBytes(header, 1);
  const checkpoints = options.checkpoints ?? 0;
  const process = processBytes(header, sessions, options.bare);
  const total = weights + kv + recurrent + compute + output + checkpoints + process;
  const full =
    computeBytes(header, contextSize, sessions > 1) + outputBytes(header, sessions) - output;
  return {
    weights,
    kv,
    recurrent,
    compute,
    output,
    checkpoints,
    process,
    total,
    ceiling: total + Math.max(0, full - compute),
  };
}
