import type {
  LoadedMemory,
  MemoryPrediction,
  MemorySample,
} from '../../../../electron/ipc/contract/index.ts';

/** What a model's memory consists of, in the order in which it is stacked. */
export const partNames = [
  'weights',
  'kv',
  'recurrent',
  'compute',
  'output',
  'checkpoints',
  'rest',
] as const;
export type PartName = (typeof partNames)[number];
export type Parts = Readonly<Record<PartName, number>>;

/**
 * A sample as parts in bytes. `rest` is what the operating system counts and llama.cpp does not:
 * the process itself and its libraries. It is never negative: weights that were mapped but not read
 * yet are not resident, so the parts can be more than the resident memory (see `notResident`).
 */
export function measuredParts(sample: MemorySample): Parts {
  const { weights, kv, recurrent, checkpoints, untouched } = sample;
  // Reserved and never written to: no memory stands behind it.
  const compute = Math.max(0, sample.compute - untouched);
  const output = Math.max(0, sample.output - Math.max(0, untouched - sample.compute));
  const known = weights + kv + recurrent + compute + output + checkpoints;
  return {
    weights,
    kv,
    recurrent,
    compute,
    output,
    checkpoints,
    rest: Math.max(0, sample.resident - known),
  };
}

/** Bytes that belong to the model and are not in memory at the moment. */
export function notResident(sample: MemorySample): number {
  const { rest: _, ...known } = measuredParts(sample);
  return Math.max(0, sum(known) - sample.resident);
}

/**
 * What of each part is in memory. llama.cpp clears its buffers, so they are; what is missing are
 * weights, mapped from the file and not read yet.
 */
export function residentParts(sample: MemorySample): Parts {
  const parts = measuredParts(sample);
  return { ...parts, weights: Math.max(0, parts.weights - notResident(sample)) };
}

export function predictedParts(prediction: MemoryPrediction): Parts {
  return {
    weights: prediction.weights,
    kv: prediction.kv,
    recurrent: prediction.recurrent,
    compute: prediction.compute,
    output: prediction.output,
    checkpoints: prediction.checkpoints,
    rest: prediction.process,
  };
}

export function sum(parts: Readonly<Partial<Record<PartName, number>>>): number {
  return Object.values(parts).reduce((total, bytes) => total + bytes, 0);
}

/** The parts that are there at all in a model's figures, so that a dense model shows no recurrent state. */
export function partsIn(loaded: LoadedMemory): readonly PartName[] {
  const measured = measuredParts(loaded.sample);
  const predicted = predictedParts(loaded.predicted);
  return partNames.filter((name) => measured[name] > 0 || predicted[name] > 0);
}
