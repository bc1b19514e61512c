import type { NativeContext, NativeLlama } from '../../native/llama/binding.ts';
import type { GgufProbe } from '../../native/llama/gguf-probe.ts';
import { createKeeper } from './keeper.ts';
import type { Keeper } from './keeper.ts';
import { kvBlockBytes } from './measure.ts';
import type { EngineInfo, LoadRequest } from './port.ts';
import type { SessionPool } from './sessions.ts';
import { stateStoreKey } from './states/key.ts';
import type { OpenStateStore } from './states/store.ts';
import { openStateStore } from './states/store.ts';

/** In llama.cpp's file: ids of tokens, and of each cell its position and sequences. */
const perToken = 32;
/** Its head, and those of the layers. */
const perFile = 64 * 1024;

/** Opens the states of a model; null where none are to be kept. */
export async function openStates(
  request: LoadRequest,
  info: EngineInfo,
  context: NativeContext,
): Promise<OpenStateStore | null> {
  if (request.states === undefined) return null;
  const { folder, model, budget, key } = request.states;
  const { modelPath, kvType = 'f16' } = request;
  return openStateStore({
    folder,
    key: await stateStoreKey({ ...info, modelPath, model, kvType }),
    budget,
    secret: key === undefined ? null : Buffer.from(key, 'base64'),
    cuttable: !context.needsCheckpoints,
  });
}

export function keeperFor(parts: {
  readonly request: LoadRequest;
  readonly probe: GgufProbe;
  readonly llama: Pick<NativeLlama, 'buffers'>;
  readonly context: NativeContext;
  readonly pool: SessionPool;
  readonly store: OpenStateStore;
}): Keeper {
  const { request, probe, llama, context, pool, store } = parts;
  const { contextSize, needsCheckpoints } = context;
  const { kv, recurrent } = llama.buffers();
  const { shape } = probe;
  // What llama.cpp has reserved counts where the header does not say enough.
  const rowBytes = shape
    ? (shape.kvElementsPerToken / 32) * kvBlockBytes[request.kvType ?? 'f16']
    : (kv ?? 0) / request.sessions / contextSize;
  const recurrentBytes = shape ? shape.recurrentBytes : (recurrent ?? 0) / request.sessions;
  return createKeeper({
    ...{ store, pool, needsCheckpoints },
    budget: request.states?.budget ?? 0,
    recurrent: recurrentBytes,
    sizeOf: (tokens) => Math.ceil(recurrentBytes + tokens * (rowBytes + perToken) + perFile),
    now: () => performance.now(),
  });
}
