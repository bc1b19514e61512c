import { mostTextTokens } from '../engine/embedder-port.ts';
import type { ModelHeader } from '../ipc/contract/index.ts';
import { computeBytes, predictMemory } from '../memory/estimate.ts';
import { headroom } from './fit.ts';
import type { Plan } from './fit.ts';

/** Heads are at least so wide in the encoders that are used: more of them would need more memory. */
const narrowestHead = 32;

const f32 = 4;

/** Tokens of one text that an embedding model reads. */
export function textLimit(header: ModelHeader): number {
  return Math.max(1, Math.min(mostTextTokens, header.declaredContext || mostTextTokens));
}

/**
 * What an embedding model takes, in bytes. Weights and process as for a model that writes
 * (`predictMemory`). There is no memory for text, but for a model that was made of one that writes. A whole
 * text is evaluated at once: each token's intermediate results, its vector, and the scores of every token
 * against every other, for each head.
 * @param bare What a process without a model takes on this machine, where that was measured.
 */
export function planEmbedder(
  header: ModelHeader,
  memory: { readonly total: number; readonly available: number },
  bare?: number,
): Plan {
  const tokens = textLimit(header);
  const usual = predictMemory(header, tokens, 1, bare === undefined ? {} : { bare });
  const heads = Math.ceil(header.embeddingLength / narrowestHead);
  const whole = computeBytes({ ...header, recurrentLayers: 0 }, tokens, true);
  const most = Math.round(whole * (tokens / 512)) + heads * tokens * tokens * f32;
  // Passages are about a third as long as the longest text: half of it is what usually gets touched.
  const compute = Math.round(most / 2);
  const output = tokens * header.embeddingLength * f32;
  const total = usual.weights + usual.kv + usual.recurrent + usual.process + compute + output;
  const predicted = { ...usual, compute, output, total, ceiling: total + most - compute };
  const needed = Math.ceil(predicted.ceiling + headroom(memory.total));
  const fits = needed <= memory.available;
  return {
    ...{ contextSize: tokens, sessions: 1, kvType: 'f16', engine: {}, bare: bare ?? null },
    ...{ checkpointBudget: 0, predicted, needed, fits, comfortable: fits },
  };
}
