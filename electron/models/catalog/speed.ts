import type { ExpectedSpeed, MachineSpeed, ModelHeader } from '../../ipc/contract/index.ts';
import type { Catalog, Shape } from './catalog.ts';
import { isShapeOf } from './shape-of.ts';
import { activeShare } from './size.ts';

/**
 * How much of the measured bandwidth a token makes use of. The upper end is nearly all of it, which
 * no calculation exceeds where the weights do not stay in a cache; the lower end is a judgement, to
 * be replaced by the speed of answers written here as soon as there are some.
 * Not yet compared with a model of real size: with few cores and coarse weights the arithmetic can be
 * the limit instead, and speed then falls below the range until answers correct it.
 */
const usual = { low: 0.5, high: 0.95 };
/** What one answer differs from the next by, other programs and longer texts included. */
const spread = 0.15;
/**
 * Reading the weights of one token must take at least this long. Below it the steps between two
 * tokens (sampling, messages between processes, threads that wait for each other) decide, and of
 * those nothing is known beforehand: the miniature reads its weights in a fraction of a millisecond.
 */
const leastReadMs = 5;

/** Median speed of answers that a model wrote on this machine, and what it read for each token. */
export interface OwnSpeed {
  readonly tokensPerSecond: number;
  readonly activeBytes: number;
}

/** Bytes that are read for every token: of experts those that work, of the token tables the output's. */
export function activeBytes(shape: Shape, quantization: string, bytes: number): number | null {
  const share = activeShare(shape, quantization);
  return share === null ? null : bytes * share;
}

/**
 * The same for a model on this machine, by its shape in the catalogue; without one only where every
 * weight works for every token.
 */
export function activeBytesOf(header: ModelHeader, catalog: Catalog): number | null {
  const shape = catalog.models.find((model) => isShapeOf(model.shape, header))?.shape;
  if (shape) return activeBytes(shape, header.quantization, header.tensorBytes);
  return header.experts === 0 ? header.tensorBytes : null;
}

/**
 * Tokens a second to expect while an answer is written, as a range:
 *
 *     share × bandwidth of all threads ÷ (weights of a token + 2 × recurrent state)
 *
 * because each token reads its weights once and reads and writes the state of one session. The KV
 * cache is left out: this is about short texts, and long ones are slower. `share` is 0.5 to 0.95, or
 * 15 % either side of what the answers of models on this machine came to.
 *
 * null where nothing was measured, where graphics would do the work, and where weights are so few
 * that reading them does not decide.
 */
export function expectedSpeed(
  active: number | null,
  recurrentBytes: number,
  machine: MachineSpeed | null,
  own: readonly OwnSpeed[] = [],
): ExpectedSpeed | null {
  if (active === null || machine === null || machine.graphics !== null) return null;
  const bandwidth = machine.bandwidth.all;
  const perToken = active + 2 * recurrentBytes;
  if ((perToken / bandwidth) * 1000 < leastReadMs) return null;
  const shares = own
    .filter(({ activeBytes: read }) => (read / bandwidth) * 1000 >= leastReadMs)
    .map(({ tokensPerSecond, activeBytes: read }) => (tokensPerSecond * read) / bandwidth);
  const at = (share: number): number => (share * bandwidth) / perToken;
  if (shares.length === 0) {
    return { low: at(usual.low), high: at(usual.high), from: 'bandwidth' };
  }
  return {
    low: at(Math.min(...shares) * (1 - spread)),
    high: at(Math.max(...shares) * (1 + spread)),
    from: 'answers',
  };
}
