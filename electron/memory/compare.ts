import type { Clock, Machine } from '../core/ports.ts';
import type {
  ArgsOf,
  ComparedModel,
  KvType,
  MemoryAccuracy,
  MemoryAccuracyReport,
  MemoryComparison,
  PredictedMemory,
} from '../ipc/contract/index.ts';
import type { Models, ReferredModel } from '../models/index.ts';
import { bareProcessBytes, listRuns } from '../storage/repositories/memory.ts';
import type { StoredRun } from '../storage/repositories/memory.ts';
import type { Reader } from '../storage/sql.ts';
import { kvBytes, predictMemory } from './estimate.ts';
import { errorPercent } from './measured.ts';

export interface ComparePorts {
  readonly db: Reader;
  readonly models: Pick<Models, 'refer' | 'loaded'>;
  readonly machine: Machine;
  readonly clock: Clock;
  /** Resident bytes that a loaded model held when it was looked at last. */
  heldBy(modelId: string): number;
}

/** Contexts that a comparison is drawn at, up to the longest that both models take. */
const drawnContexts = [1, 2, 4, 8, 16, 32, 64, 128].map((kibi) => kibi * 1024);
const shownRecords = 200;

/** Answers about what is not loaded: predictions, comparisons, and how good predictions were. */
export function createCompare(ports: ComparePorts) {
  const { db, models, machine } = ports;

  const predictionOf = (
    model: ReferredModel,
    contextSize: number,
    sessions: number,
    kvType: KvType,
    checkpoints = 0,
  ) => {
    const bare = bareProcessBytes(db, machine.fingerprint);
    return predictMemory(model.header, contextSize, sessions, {
      kvType,
      checkpoints: checkpoints * model.header.recurrentBytesPerSession,
      ...(bare !== null && { bare }),
    });
  };

  const runsOf = (model: ReferredModel): StoredRun[] =>
    model.modelId === null ? [] : listRuns(db, machine.fingerprint, model.modelId);

  const predict = async (args: ArgsOf<'memory.predict'>): Promise<PredictedMemory> => {
    const { modelId, catalogId, quantization, checkpoints = 0 } = args;
    const model = await models.refer({
      ...(modelId !== undefined && { modelId }),
      ...(catalogId !== undefined && { catalogId }),
      ...(quantization !== undefined && { quantization }),
    });
    const { total, available } = machine.memory();
    const planned = model.planned({ total, available });
    const contextSize = Math.min(model.contextLimit, args.contextSize ?? planned.contextSize);
    const sessions = args.sessions ?? planned.sessions;
    const kvType = args.kvType ?? planned.kvType;
    const prediction = predictionOf(model, contextSize, sessions, kvType, checkpoints);
    const perSession =
      kvBytes(model.header, contextSize, 1, kvType) + model.header.recurrentBytesPerSession;
    const held = model.modelId === null ? 0 : ports.heldBy(model.modelId);
    return {
      modelId: model.modelId,
      catalogId: model.catalogId,
      name: model.name,
      quantization: model.quantization,
      isHybrid: model.header.recurrentLayers > 0,
      contextSize,
      sessions,
      kvType,
      checkpoints,
      contextLimit: model.contextLimit,
      prediction,
      perToken: kvBytes(model.header, 256, 1, kvType) / 256,
      perSession,
      fits: prediction.ceiling <= available + held,
      machineTotal: total,
      machineAvailable: available,
      accuracy: accuracyOf(listRuns(db, machine.fingerprint)),
    };
  };

  const compare = async (args: ArgsOf<'memory.compare'>): Promise<MemoryComparison> => {
    const { contextSize, sessions, kvType = 'f16' } = args;
    const one = await models.refer(args.one);
    const otherRef = args.other ?? one.counterpart;
    const other = otherRef === null ? null : await models.refer(otherRef);
    const longest = Math.max(one.contextLimit, other?.contextLimit ?? 0, contextSize);
    const contexts = drawnContexts.filter((context) => context <= longest);
    const side = (model: ReferredModel): ComparedModel => {
      const run = runsOf(model).find(
        (each) =>
          each.contextSize === contextSize && each.sessions === sessions && each.kvType === kvType,
      );
      return {
        modelId: model.modelId,
        catalogId: model.catalogId,
        name: model.name,
        isHybrid: model.header.recurrentLayers > 0,
        prediction: predictionOf(model, contextSize, sessions, kvType),
        totals: contexts.map((context) => predictionOf(model, context, sessions, kvType).total),
        measured: run === undefined ? null : { at: run.at, resident: run.measured },
      };
    };
    const mine = side(one);
    const theirs = other === null ? null : side(other);
    return {
      contextSize,
      sessions,
      kvType,
      contexts,
      one: mine,
      other: theirs,
      differencePercent: theirs && errorPercent(mine.prediction.total, theirs.prediction.total),
      breakEven:
        other &&
        breakEven(
          (context) => predictionOf(one, context, sessions, kvType).total,
          (context) => predictionOf(other, context, sessions, kvType).total,
          longest,
        ),
      measuredPercent:
        mine.measured && theirs?.measured
          ? errorPercent(mine.measured.resident, theirs.measured.resident)
          : null,
    };
  };

  const accuracy = ({ modelId }: ArgsOf<'memory.accuracy'>): MemoryAccuracyReport => {
    const runs = listRuns(db, machine.fingerprint, modelId);
    return {
      ...accuracyOf(runs),
      records: runs.slice(0, shownRecords).map(({ bare: _, ...run }) => ({
        ...run,
        errorPercent: errorPercent(run.predicted, run.measured),
      })),
    };
  };

  return { predict, compare, accuracy };
}

/** Of all loads that were predicted and measured; the sign of an error does not matter here. */
export function accuracyOf(
  runs: readonly { readonly predicted: number; readonly measured: number }[],
): MemoryAccuracy {
  const errors = runs
    .map(({ predicted, measured }) => Math.abs(errorPercent(predicted, measured)))
    .sort((a, b) => a - b);
  const middle = errors.length / 2;
  const low = errors[Math.ceil(middle) - 1];
  const high = errors[Math.floor(middle)];
  return {
    count: errors.length,
    medianPercent: low === undefined || high === undefined ? null : (low + high) / 2,
    withinPercent: errors.at(-1) ?? null,
  };
}

/**
 * The smallest context, in llama.cpp's steps of 256 tokens, from which `one` takes less than `other`.
 * Both grow with the context in straight lines (but for one step at the batch), so the answer is found
 * by halving. null = not up to `longest`; 256 = always.
 */
export function breakEven(
  one: (contextSize: number) => number,
  other: (contextSize: number) => number,
  longest: number,
): number | null {
  const step = 256;
  const isLess = (steps: number): boolean => one(steps * step) < other(steps * step);
  let high = Math.floor(longest / step);
  if (high < 1 || !isLess(high)) return null;
  let low = 0;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isLess(middle)) high = middle;
    else low = middle;
  }
  return high * step;
}
