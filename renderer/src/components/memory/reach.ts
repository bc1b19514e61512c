import type {
  CatalogOffer,
  KvType,
  PredictedMemory,
} from '../../../../electron/ipc/contract/index.ts';
import { contextsUpTo } from '../../state/what-if.svelte.ts';

/** What it would take to run a model here. All for one conversation. */
export interface Reach {
  /** The least it can be run with. */
  readonly smallest: PredictedMemory;
  /** The most exact file that fits now, with the longest text; null = not even the smallest fits. */
  readonly best: PredictedMemory | null;
}

type Predict = (wish: {
  readonly quantization: string;
  readonly contextSize: number;
  readonly kvType: KvType;
  readonly sessions: 1;
}) => Promise<PredictedMemory>;

const leastContext = 1024;
/** Shorter texts than this are no use for a better file. */
const usefulContext = 4096;
/** Finer files exist; their answers cannot be told apart, and they are twice the size. */
const finest = /^(F16|BF16|F32)$/;

/**
 * The smallest and the best set-up of a model: first the file, then the precision of what is remembered
 * in full, then the length of the text.
 * @param kept Bytes that stay free for everything else.
 */
export async function findReach(
  offers: readonly Pick<CatalogOffer, 'quantization' | 'bytes'>[],
  predict: Predict,
  kept = 0,
): Promise<Reach | null> {
  const usual = offers.filter(({ quantization }) => !finest.test(quantization));
  const files = [...(usual.length > 0 ? usual : offers)].sort((a, b) => b.bytes - a.bytes);
  const at = async (quantization: string, contextSize: number, kvType: KvType) => {
    const found = await predict({ quantization, contextSize, kvType, sessions: 1 });
    return { ...found, fits: found.fits && missingFor(found, kept).bytes === 0 };
  };
  const least = files.at(-1);
  if (!least) return null;
  const smallest = await at(least.quantization, leastContext, 'q4_0');
  if (!smallest.fits) return { smallest, best: null };
  for (const { quantization } of files) {
    for (const kvType of ['f16', 'q8_0'] as const) {
      const useful = await at(quantization, usefulContext, kvType);
      if (useful.fits) return { smallest, best: await longest(useful, at) };
    }
  }
  return { smallest, best: smallest };
}

async function longest(
  found: PredictedMemory,
  at: (quantization: string, contextSize: number, kvType: KvType) => Promise<PredictedMemory>,
): Promise<PredictedMemory> {
  const longer = contextsUpTo(found.contextLimit).filter((context) => context > found.contextSize);
  let best = found;
  for (const context of longer) {
    const next = await at(found.quantization, context, found.kvType);
    if (!next.fits) break;
    best = next;
  }
  return best;
}

/** Bytes that are missing for a set-up, and whether they would be there with everything else closed. */
export function missingFor(
  predicted: PredictedMemory,
  kept = 0,
): { bytes: number; machineIsEnough: boolean } {
  const { prediction, machineAvailable, machineTotal } = predicted;
  return {
    bytes: Math.max(0, prediction.ceiling + kept - machineAvailable),
    machineIsEnough: prediction.ceiling + kept <= machineTotal,
  };
}
