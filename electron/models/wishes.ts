import type { Machine } from '../core/ports.ts';
import type { KvType, LoadOptions, Settings } from '../ipc/contract/index.ts';
import {
  deleteLoadOptions,
  getLoadOptions,
  setLoadOptions,
} from '../storage/repositories/load-options.ts';
import { bareProcessBytes } from '../storage/repositories/memory.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Writer } from '../storage/sql.ts';
import { contextLimit } from './fit.ts';
import type { PlanWish } from './fit.ts';

/** What a person asked for; everything else is decided here. */
export interface LoadWish {
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
  const complete: Wishes['complete'] = (model, wish = {}) => ({
    ...usual(),
    ...getLoadOptions(db, model.id),
    ...wish,
  });

  return {
    complete,
    usual,
    remembered: (modelId) => getLoadOptions(db, modelId),
    remember(model, wish, remember) {
      if (remember === undefined) return;
      if (!remember) return deleteLoadOptions(db, model.id);
      const { contextSize, sessions, kvType = 'f16' } = complete(model, wish);
      // "As much as fits" is what the settings do by themselves: nothing to remember of it.
      if (contextSize === null) return;
      const most = contextLimit(model.header);
      const options = { contextSize: Math.min(most, contextSize), sessions, kvType };
      setLoadOptions(db, model.id, options);
    },
  };
}

/** Whether a model that is loaded so, or about to be, is what is asked for. */
export function satisfies(plan: LoadOptions, { contextSize, sessions, kvType }: LoadWish): boolean {
  return (
    (contextSize ?? plan.contextSize) === plan.contextSize &&
    (sessions ?? plan.sessions) === plan.sessions &&
    (kvType ?? plan.kvType) === plan.kvType
  );
}
