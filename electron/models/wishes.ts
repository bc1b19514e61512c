import type { Machine } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import type { KvType, LoadOptions, Settings } from '../ipc/contract/index.ts';
import {
  deleteLoadOptions,
  getLoadOptions,
  setLoadOptions,
} from '../storage/repositories/load-options.ts';
import { bareProcessBytes } from '../storage/repositories/memory.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Writer } from '../storage/sql.ts';
import { contextLimit, engineOptions } from './fit.ts';
import type { EngineOptions, PlanWish } from './fit.ts';

/** What a person asked for; everything else is decided here. */
export interface LoadWish extends EngineOptions {
  readonly contextSize?: number;
  readonly sessions?: number;
  readonly kvType?: KvType;
}

export interface Wishes {
  /** A wish with what is remembered of the model, else the settings, and what a process takes here. */
  complete(model: StoredModel, wish?: LoadWish): PlanWish;
  /** The same for a model that is not in the library. */
  usual(): PlanWish;
  remembered(modelId: string): LoadOptions | null;
  /** true = remembers what is asked for, false = forgets what was; undefined leaves it. */
  remember(model: StoredModel, wish: LoadWish, remember: boolean | undefined): void;
}

export function createWishes(ports: {
  readonly db: Writer;
  readonly machine: Pick<Machine, 'fingerprint'>;
  readonly settings: { get(): Settings };
}): Wishes {
  const { db, machine, settings } = ports;

  const usual = (): PlanWish => {
    const { contextSize, sessions, kvType } = settings.get();
    const bare = bareProcessBytes(db, machine.fingerprint);
    return { contextSize, sessions, kvType, ...(bare !== null && { bare }) };
  };
  const complete: Wishes['complete'] = (model, wish = {}) => {
    const whole = { ...usual(), ...getLoadOptions(db, model.id), ...wish };
    if (whole.flashAttention === false && (whole.kvType ?? 'f16') !== 'f16') {
      throw new AppError(
        'invalid-argument',
        'remembered text in 8 or 4 bits needs flash attention',
        {
          detail: { reason: 'flash-attention', kvType: whole.kvType ?? '' },
        },
      );
    }
    return whole;
  };

  return {
    complete,
    usual,
    remembered: (modelId) => getLoadOptions(db, modelId),
    remember(model, wish, remember) {
      if (remember === undefined) return;
      if (!remember) return deleteLoadOptions(db, model.id);
      const whole = complete(model, wish);
      const { contextSize, sessions, kvType = 'f16' } = whole;
      // "As much as fits" is what the settings do by themselves: nothing to remember of it.
      if (contextSize === null) return;
      const most = contextLimit(model.header);
      const options = {
        ...{ contextSize: Math.min(most, contextSize), sessions, kvType },
        ...engineOptions(whole),
      };
      setLoadOptions(db, model.id, options);
    },
  };
}

/** Whether a model that is loaded so, or about to be, is what is asked for. */
export function satisfies(
  plan: LoadOptions,
  { contextSize, sessions, kvType, threads, gpuLayers, flashAttention }: LoadWish,
): boolean {
  return (
    (contextSize ?? plan.contextSize) === plan.contextSize &&
    (sessions ?? plan.sessions) === plan.sessions &&
    (kvType ?? plan.kvType) === plan.kvType &&
    (threads === undefined || threads === (plan.threads ?? null)) &&
    (gpuLayers === undefined || gpuLayers === (plan.gpuLayers ?? null)) &&
    (flashAttention ?? plan.flashAttention ?? true) === (plan.flashAttention ?? true)
  );
}
