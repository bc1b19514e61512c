import type { EngineLook } from '../engine/port.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Engines } from './engines.ts';
import { contextLimit } from './fit.ts';

/** A model as it is loaded, or would be. */
export function lookAt(model: StoredModel, engines: Pick<Engines, 'state' | 'plan'>): EngineLook {
  const state = engines.state(model.id);
  const isLoaded = state?.state === 'ready';
  return {
    modelId: model.id,
    isLoaded,
    contextSize: isLoaded ? state.contextSize : engines.plan(model).contextSize,
    contextLimit: contextLimit(model.header),
    promptLimit: model.promptLimit,
  };
}
