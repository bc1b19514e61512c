import type { ModelHeader } from '../../ipc/contract/index.ts';
import { kvBytesPerToken, recurrentBytesPerSession } from '../../memory/estimate.ts';
import type { CatalogFile, CatalogModel, Shape } from './catalog.ts';

/** A file's size, and whether it was told or computed. */
export interface FileBytes {
  readonly bytes: number;
  readonly source: 'pinned' | 'hint' | 'estimate';
}

interface Weights {
  /** Tables of tokens: stored finer than the rest. */
  readonly tables: number;
  readonly body: number;
  /** Norms, gates, routers, convolutions: stored as f32. */
  readonly small: number;
}

/** How many weights of each kind a model of this shape has (llama.cpp's tensor list of granite and granitehybrid). */
function weightsOf(shape: Shape, working: 'all' | 'one-token' = 'all'): Weights {
  const { embedding: e, layers, experts, ssm } = shape;
  const attention = shape.attentionLayers?.length ?? layers;
  const recurrent = layers - attention;
  const attentionBody = 2 * e * shape.headSize * (shape.heads + shape.kvHeads);
  const counted = working === 'all' ? experts?.count : experts?.used;
  const feedForward =
    3 * e * shape.feedForward + (experts ? (counted ?? 0) * 3 * e * experts.size : 0);
  let body = attention * attentionBody + layers * feedForward;
  let small = layers * (2 * e + (experts ? experts.count * e : 0)) + e;
  if (ssm !== null) {
    const mixed = ssm.inner + 2 * ssm.groups * ssm.state;
    body += recurrent * e * (ssm.inner + mixed + ssm.heads + ssm.inner);
    small += recurrent * (mixed * (ssm.convolution + 1) + 3 * ssm.heads + ssm.inner);
  }
  // Of the table that a token is looked up in, one row is read; of the output's all.
  const tables = shape.tied || working === 'one-token' ? 1 : 2;
  return { tables: shape.vocabulary * e * tables, body, small };
}

export function countParameters(shape: Shape): number {
  const { tables, body, small } = weightsOf(shape);
  return tables + body + small;
}

/**
 * Bits that llama.cpp's mix of a name spends on a weight of the body. Q2_K, Q3_K_M, Q4_K_M, Q5_K_M and
 * Q8_0 are fitted to the 13 file sizes that are known; the others are the mix's own block sizes, the
 * K mixes with the share of finer blocks that the fitted ones have.
 */
const bodyBits: Readonly<Record<string, number>> = {
  Q2_K: 2.81,
  Q3_K_S: 3.44,
  Q3_K_M: 3.69,
  Q3_K_L: 4.0,
  Q4_0: 4.5,
  Q4_1: 5.0,
  Q4_K_S: 4.55,
  Q4_K_M: 4.77,
  Q5_0: 5.5,
  Q5_1: 6.0,
  Q5_K_S: 5.5,
  Q5_K_M: 5.62,
  Q6_K: 6.5625,
  Q8_0: 8.5,
  f16: 16,
  bf16: 16,
};
/** Tables of tokens are Q6_K in every mix below Q8_0. */
const tableBits = 6.5625;
/** Tokenizer and metadata in front of the weights. */
const headerBytes = 4_000_000;

/** What a file of this shape and quantisation should take, within 2 % of every size that is known; null for an unknown mix. */
export function estimateFileBytes(shape: Shape, quantization: string): number | null {
  const bits = bodyBits[quantization];
  return bits === undefined ? null : Math.round(bytesOf(weightsOf(shape), bits) + headerBytes);
}

function bytesOf({ tables, body, small }: Weights, bits: number): number {
  return (tables * Math.max(bits, tableBits) + body * bits + small * 32) / 8;
}

/** The part of a file's weights that is read for one token, 0 to 1; null for an unknown mix. */
export function activeShare(shape: Shape, quantization: string): number | null {
  const bits = bodyBits[quantization] ?? bodyBits[quantization.toLowerCase()];
  if (bits === undefined) return null;
  return bytesOf(weightsOf(shape, 'one-token'), bits) / bytesOf(weightsOf(shape), bits);
}

/** The told size where there is one, else the estimate. */
export function fileBytes(shape: Shape, file: CatalogFile): FileBytes | null {
  const { bytes, status } = file.size;
  if (bytes !== null && status !== 'unknown') return { bytes, source: status };
  const estimate = estimateFileBytes(shape, file.quantization);
  return estimate === null ? null : { bytes: estimate, source: 'estimate' };
}

/** KV per token and recurrent state per session of a shape, in bytes, by the formulas of granite.md §2.1. */
export function memoryOf(shape: Shape) {
  const attention = shape.attentionLayers?.length ?? shape.layers;
  const kvHeads = Array.from({ length: attention }, () => shape.kvHeads);
  return {
    kvBytesPerToken: kvBytesPerToken(kvHeads, shape.headSize, shape.headSize),
    recurrentBytesPerSession:
      shape.ssm === null ? 0 : recurrentBytesPerSession(shape.layers - attention, shape.ssm),
  };
}

/** The header that a catalogue file would have, as far as memory goes. */
export function headerOf(
  model: CatalogModel,
  shape: Shape,
  file: CatalogFile,
  bytes: number,
): ModelHeader {
  const attention = shape.attentionLayers?.length ?? shape.layers;
  return {
    architecture: shape.architecture,
    name: model.name,
    parameters: countParameters(shape),
    quantization: file.quantization,
    bytes,
    tensorBytes: Math.max(0, bytes - headerBytes),
    tensorCount: 0,
    vocabulary: shape.vocabulary,
    layers: shape.layers,
    attentionLayers: attention,
    recurrentLayers: shape.layers - attention,
    embeddingLength: shape.embedding,
    declaredContext: model.trainedContext ?? 0,
    ...memoryOf(shape),
    hasChatTemplate: model.variant === 'instruct',
    experts: shape.experts?.count ?? 0,
  };
}
