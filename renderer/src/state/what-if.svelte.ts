import type {
  CatalogEntry,
  KvType,
  LoadedMemory,
  MemoryComparison,
  Model,
  ModelCatalog,
  ModelRef,
  PredictedMemory,
} from '../../../electron/ipc/contract/index.ts';
import { ApiError } from '../api.ts';
import type { Client } from '../api.ts';
import { Asked } from './asked.svelte.ts';

/** What a person sets: a model, how long a text, how many conversations, how exact the memory of it. */
export interface Setup {
  readonly ref: ModelRef;
  readonly contextSize: number;
  readonly sessions: number;
  readonly kvType: KvType;
}

/** Contexts that are offered, up to the longest of the model. */
export function contextsUpTo(limit: number): readonly number[] {
  const steps: number[] = [];
  for (let context = 1024; context < limit; context *= 2) steps.push(context);
  return [...steps, limit];
}

export const keyOfRef = ({ modelId, catalogId }: ModelRef): string =>
  modelId === undefined ? `catalog ${catalogId}` : `library ${modelId}`;

export function refOfKey(key: string): ModelRef {
  const [kind, ...rest] = key.split(' ');
  return kind === 'library' ? { modelId: rest.join(' ') } : { catalogId: rest.join(' ') };
}

/** Models of the catalogue whose memory can be computed: published ones that talk. */
export const computable = (entries: readonly CatalogEntry[]): readonly CatalogEntry[] =>
  entries.filter(
    (entry) =>
      entry.use === 'chat' &&
      entry.variant === 'instruct' &&
      entry.shapeStatus !== 'unknown' &&
      entry.offers.length > 0,
  );

/**
 * Bytes that a load leaves to everything else, so that the machine never swaps: what the catalogue asks
 * for beyond a model's own ceiling. A hybrid's checkpoints come on top, so the smallest is the answer.
 */
export function keptFree(entries: readonly CatalogEntry[]): number {
  const offers = entries.flatMap((entry) => entry.offers);
  if (offers.length === 0) return 0;
  return Math.max(0, Math.min(...offers.map((offer) => offer.needed - offer.predicted.ceiling)));
}

/**
 * Where the sliders stand at first: the loaded model as it is loaded, unless it is the demo or a
 * shape of random weights; else a model of the library, else what the catalogue would begin with here.
 */
export function firstSetup(
  models: readonly Model[],
  loaded: readonly LoadedMemory[],
  catalog: ModelCatalog,
): Setup | null {
  const real = models.filter(
    ({ promptLimit, header }) =>
      promptLimit === null && header.isShape !== true && header.purpose === undefined,
  );
  const live = loaded.find(({ modelId }) => real.some(({ id }) => id === modelId));
  if (live) {
    const { modelId, contextSize, sessions, kvType } = live;
    return { ref: { modelId }, contextSize, sessions, kvType };
  }
  const set = { contextSize: 32_768, sessions: 1, kvType: 'f16' } as const;
  const [own] = real;
  if (own) return { ref: { modelId: own.id }, ...set, contextSize: own.plannedContext };
  const entries = computable(catalog.entries);
  const entry = entries.find(({ id }) => id === catalog.pick) ?? entries[0];
  if (!entry) return null;
  const quantization = entry.best?.quantization;
  return { ref: { catalogId: entry.id, ...(quantization && { quantization }) }, ...set };
}

/** The pair that IBM's claim is about, for models that have no counterpart of the other kind. */
const usualPair = 'granite-4.0-h-micro';

/** The hybrid first, whichever of the two was asked for. */
export async function comparePair(api: Client, setup: Setup): Promise<MemoryComparison> {
  const { ref, contextSize, sessions, kvType } = setup;
  const ask = (one: ModelRef, other?: ModelRef) =>
    api.memory.compare({ one, ...(other && { other }), contextSize, sessions, kvType });
  const found = await ask(ref);
  if (found.other === null) {
    return found.one.catalogId === usualPair ? found : ask({ catalogId: usualPair });
  }
  if (found.one.isHybrid) return found;
  const { modelId, catalogId } = found.other;
  if (modelId !== null) return ask({ modelId }, ref);
  if (catalogId === null) return found;
  const { quantization } = await api.memory.predict(ref);
  return ask({ catalogId, quantization }, ref).catch((error: unknown) => {
    // The catalogue may list no file of this quantisation for the other model.
    if (error instanceof ApiError && error.code === 'not-found') return ask({ catalogId }, ref);
    throw error;
  });
}

/** What one set-up would take, and the hybrid beside the dense model at it; asked again as it changes. */
export class WhatIf {
  readonly predicted: Asked<PredictedMemory | null>;
  readonly compared: Asked<MemoryComparison | null>;

  /** @param setup null = nothing is chosen yet. */
  constructor(api: Client, setup: () => Setup | null) {
    this.predicted = new Asked(async () => {
      const wish = setup();
      if (!wish) return null;
      const { ref, contextSize, sessions, kvType } = wish;
      return api.memory.predict({ ...ref, contextSize, sessions, kvType });
    });
    this.compared = new Asked(async () => {
      const wish = setup();
      return wish && comparePair(api, wish);
    });
    // What is free moves with everything; predictions get checked as models answer.
    this.predicted.follow(api, 'memory.changed').follow(api, 'models.changed');
    this.compared.follow(api, 'models.changed');
  }

  refresh(): void {
    void this.predicted.refresh();
    void this.compared.refresh();
  }

  close(): void {
    this.predicted.close();
    this.compared.close();
  }
}
