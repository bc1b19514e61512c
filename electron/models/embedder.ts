import type { Clock, Log, Machine } from '../core/ports.ts';
import type {
  Embedder,
  EmbedderLauncher,
  EmbedderLease,
  EmbedderLook,
  EmbedderProvider,
} from '../engine/embedder-port.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type {
  EmbeddingState,
  ErrorShape,
  LoadedModel,
  ModelFit,
  Settings,
} from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { BackendChooser } from './backends/index.ts';
import { cancelledWhile } from './cancelled.ts';
import { mostCrashes } from './crashes.ts';
import type { LoadedProcess } from './engines-port.ts';
import { choose, lookOf, toView } from './embedder-choice.ts';
import { planEmbedder } from './embedder-plan.ts';
import { everyMs } from './every-ms.ts';
import type { Plan } from './fit.ts';
import { tooLarge } from './fit.ts';
import type { Library } from './library.ts';
import { unpromised } from './reserve.ts';

export interface EmbeddersPorts {
  readonly launcher: EmbedderLauncher;
  readonly clock: Clock;
  readonly log: Log;
  readonly machine: Machine;
  readonly settings: { get(): Settings };
  readonly library: Pick<Library, 'list' | 'problem' | 'look'>;
  readonly backends: Pick<BackendChooser, 'forLoad' | 'crashed'>;
  /** Bytes of a process without a model on this machine, where that was measured. */
  readonly bare: () => number | undefined;
  /** Models that write and are loaded: what they were promised is theirs. */
  readonly others: () => readonly LoadedProcess[];
  /** Something about the model's process is different now. */
  readonly onChanged: (modelId: string) => void;
  readonly onActivity: () => void;
  /** Calls `work` from time to time until told to stop; a timer unless a test says otherwise. */
  readonly repeat?: (ms: number, work: () => void) => () => void;
}

export interface Embedders {
  readonly provider: EmbedderProvider;
  state(): Promise<EmbeddingState>;
  /** For the list of models: null unless this one is loaded or being loaded. */
  loadedModel(modelId: string): LoadedModel | null;
  failure(modelId: string): ErrorShape | null;
  plan(model: StoredModel, memory: { total: number; available: number }): Plan;
  fit(model: StoredModel, memory: { total: number; available: number }): ModelFit;
  loaded(): readonly LoadedProcess[];
  /** Loads it, also after it ended too often. */
  loadNow(): Promise<void>;
  /** Ends its process. Throws 'model-busy' while vectors are being made. */
  unload(modelId: string): Promise<void>;
  /** Ends an idle process, because a model that writes needs the room. */
  giveWay(): Promise<void>;
  /** Settings or models are different: tells who listens, ends what is no longer wanted. */
  changed(): void;
  close(): Promise<void>;
}

interface Running {
  readonly model: StoredModel;
  readonly engine: Embedder & LoadedProcess['engine'];
  readonly plan: Plan;
  readonly since: number;
  /** Aborted when another is to take its place: what it works on ends as cancelled. */
  readonly leaving: AbortController;
  leases: number;
  lastUsed: number;
  ended: Promise<void> | null;
  /** Told when nobody has it leased any more. */
  onIdle: (() => void) | null;
}

/** Questions come in bursts; a load takes seconds. */
const idleMs = 5 * 60_000;
const lookMs = 30_000;
/** Work that was cancelled is given back so fast; what is not is ended with the process. */
const leaveMs = 5000;
/** A process that has lived so long and ends is not ending because it cannot live. */
const longLife = 10 * 60_000;

/** One embedding model at most: the chosen one, loaded when it is needed, gone when it is not. */
export function createEmbedders(ports: EmbeddersPorts): Embedders {
  const { clock, log, library, machine, settings } = ports;
  const listeners = new Set<() => void>();
  const crashes = new Map<string, { times: number; how: string }>();
  const failures = new Map<string, ErrorShape>();
  const closing = new AbortController();
  let running: Running | null = null;
  let loading: { readonly modelId: string; readonly done: Promise<Running> } | null = null;
  let told: string | null | undefined;

  const chosen = () => choose(library, settings.get());
  const look = (): EmbedderLook | null => {
    const { model } = chosen();
    return model === null ? null : lookOf(model);
  };
  const plan = (model: StoredModel, memory = machine.memory()): Plan =>
    running?.model.id === model.id
      ? running.plan
      : planEmbedder(model.header, memory, ports.bare());

  const end = (entry: Running): Promise<void> =>
    (entry.ended ??= (async () => {
      ports.onChanged(entry.model.id);
      await entry.engine.close();
      if (running === entry) running = null;
      ports.onChanged(entry.model.id);
      ports.onActivity();
    })());

  /** Ends it with what it works on: cancelled and given back before its process goes, so that nothing looks like a crash. */
  const leave = async (entry: Running): Promise<void> => {
    entry.leaving.abort();
    if (entry.leases > 0 && entry.ended === null) {
      let late: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        entry.onIdle = resolve;
        late = setTimeout(resolve, leaveMs);
      });
      clearTimeout(late);
    }
    await end(entry);
  };

  const refusal = (model: StoredModel): AppError | null => {
    const found = crashes.get(model.id);
    if (found === undefined || found.times < mostCrashes) return null;
    return new AppError('engine-crash-loop', 'the process of this model ends again and again', {
      detail: { name: model.name, times: found.times, how: found.how },
    });
  };
  const crashed = (model: StoredModel, how: string): void => {
    crashes.set(model.id, { times: (crashes.get(model.id)?.times ?? 0) + 1, how });
    const shape: ErrorShape = { code: 'engine-crashed', message: 'the process ended' };
    failures.set(model.id, toErrorShape(refusal(model) ?? shape));
  };

  const watch = (entry: Running, backend: string): void => {
    const { model, engine, since } = entry;
    engine.onExit((exit) => {
      if (running === entry) running = null;
      const facts = { model: model.id, code: exit.code ?? -1, signal: exit.signal ?? '' };
      if (exit.expected) log.info('embedder.ended', facts);
      else {
        log.error('embedder.crashed', { ...facts, outOfMemory: exit.outOfMemory === true });
        ports.backends.crashed(backend);
        if (clock.now() - since > longLife) crashes.delete(model.id);
        crashed(model, exit.signal ?? `code ${exit.code ?? 'unknown'}`);
      }
      ports.onChanged(model.id);
      ports.onActivity();
    });
  };

  const launch = async (model: StoredModel): Promise<Running> => {
    const { signal } = closing;
    if (running !== null) await leave(running);
    const memory = await unpromised(machine.memory(), ports.others());
    const room = planEmbedder(model.header, memory, ports.bare());
    if (!room.fits) throw tooLarge(model.name, room, memory);
    const backend = await ports.backends.forLoad(false, signal);
    const embedder = await ports.launcher.launch(
      { modelPath: model.path, threads: settings.get().threads, ...backend.request },
      { signal },
    );
    if (signal.aborted) {
      await embedder.close();
      throw new AppError('cancelled', 'closing');
    }
    const entry: Running = {
      ...{ model, plan: room, leases: 0, ended: null, onIdle: null },
      leaving: new AbortController(),
      engine: {
        ...embedder,
        trim: async () => 0,
        info: { ...embedder.info, contextSize: embedder.info.maxTokens, sessions: 1 },
      },
      ...{ since: clock.now(), lastUsed: clock.now() },
    };
    failures.delete(model.id);
    running = entry;
    watch(entry, backend.name);
    return entry;
  };

  const load = (model: StoredModel): Promise<Running> => {
    if (loading?.modelId === model.id) return loading.done;
    const before = loading?.done.catch(() => undefined) ?? Promise.resolve();
    const done = before
      .then(() => launch(model))
      .catch((error: unknown) => {
        const shape = toErrorShape(error);
        if (shape.code === 'engine-crashed') crashed(model, String(shape.detail?.['signal'] ?? ''));
        else if (shape.code !== 'cancelled') failures.set(model.id, shape);
        log.warn('embedder.load-failed', { model: model.id, code: shape.code });
        throw error;
      })
      .finally(() => {
        if (loading === mine) loading = null;
        ports.onChanged(model.id);
        ports.onActivity();
      });
    done.catch(() => undefined);
    const mine = { modelId: model.id, done };
    loading = mine;
    ports.onChanged(model.id);
    return done;
  };

  const lend = (entry: Running, found: EmbedderLook): EmbedderLease => {
    entry.leases += 1;
    let held = true;
    return {
      ...found,
      embedder: {
        ...entry.engine,
        embed: (request, signal) =>
          entry.engine.embed(request, AbortSignal.any([signal, entry.leaving.signal])),
      },
      release() {
        if (!held) return;
        held = false;
        entry.leases -= 1;
        entry.lastUsed = clock.now();
        if (entry.leases === 0) entry.onIdle?.();
        if (entry.model.id !== chosen().model?.id) void tidy();
      },
    };
  };

  /** Ends what nobody has used for a while, and what is no longer the chosen one. */
  const tidy = async (): Promise<void> => {
    if (running === null || running.leases > 0) return;
    const isWanted = chosen().model?.id === running.model.id;
    // A clock that was set back must not keep it for ever.
    const idle = Math.abs(clock.now() - running.lastUsed);
    if (!isWanted || idle >= idleMs) await end(running);
  };

  /** The process of the chosen model, loaded if need be. */
  const ready = async (signal: AbortSignal): Promise<[Running, EmbedderLook]> => {
    const { model } = chosen();
    const found = model === null ? null : lookOf(model);
    if (model === null || found === null) throw new AppError('not-found', 'no embedding model');
    const problem = await library.look(model.id);
    if (problem !== null) {
      const { code, message, detail } = problem;
      throw new AppError(code, message, detail === undefined ? {} : { detail });
    }
    if (signal.aborted) throw new AppError('cancelled', 'cancelled');
    if (running?.model.id === model.id && running.model.sha256 === model.sha256) {
      if (running.ended !== null) await running.ended;
      else if (!running.leaving.signal.aborted) return [running, found];
    }
    const loop = refusal(model);
    if (loop !== null) throw loop;
    // The load goes on when one who waits for it leaves: another may wait as well.
    return [await Promise.race([load(model), cancelledWhile(() => true, signal)]), found];
  };

  const stop = (ports.repeat ?? everyMs)(lookMs, () => void tidy());

  return {
    provider: {
      look,
      lack() {
        const { model, why } = chosen();
        return model === null ? (why ?? 'none') : lookOf(model) === null ? 'checking' : null;
      },
      async acquire(signal) {
        if (closing.signal.aborted) throw new AppError('core-unavailable', 'closing');
        const [entry, found] = await ready(signal);
        return lend(entry, found);
      },
      onChange(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    async state() {
      const { installed, model, why } = chosen();
      const choice = settings.get().embeddingModel;
      const nothing = { choice, installed, model: null, error: null, predictedBytes: 0 };
      if (model === null) return { ...nothing, status: why ?? 'none', residentBytes: null };
      const entry = running?.model.id === model.id && running.ended === null ? running : null;
      const memory = await entry?.engine.memory().catch(() => null);
      const error = entry === null ? (failures.get(model.id) ?? null) : null;
      const isLoading = loading?.modelId === model.id;
      const resting = lookOf(model) === null ? 'checking' : error === null ? 'resting' : 'failed';
      return {
        ...{ choice, installed, model: toView(model), error },
        status: isLoading ? 'loading' : entry !== null ? 'ready' : resting,
        predictedBytes: plan(model).predicted.total,
        residentBytes: memory?.resident ?? null,
      };
    },
    loadedModel(modelId) {
      const entry = running?.model.id === modelId ? running : null;
      if (entry === null && loading?.modelId !== modelId) return null;
      const info = entry?.engine.info;
      return {
        modelId,
        state: entry === null ? 'loading' : entry.ended === null ? 'ready' : 'unloading',
        fraction: entry === null ? 0 : 1,
        pid: info?.pid ?? null,
        contextSize: info?.maxTokens ?? 0,
        sessions: 1,
        threads: info?.threads ?? 0,
        backend: info?.backend ?? '',
        loadMs: info?.loadMs ?? null,
      };
    },
    failure: (modelId) => failures.get(modelId) ?? null,
    plan,
    fit(model, memory) {
      const { needed, fits } = plan(model, memory);
      const isLoaded = running?.model.id === model.id;
      const verdict = isLoaded ? 'loaded' : fits ? 'fits' : 'no';
      return { verdict, needed, available: memory.available, unloads: [] };
    },
    loaded: () => (running === null || running.ended !== null ? [] : [running]),
    async loadNow() {
      const { model } = chosen();
      if (model !== null) crashes.delete(model.id);
      await ready(closing.signal);
    },
    async unload(modelId) {
      if (loading?.modelId === modelId) await loading.done.catch(() => undefined);
      if (running?.model.id !== modelId) return;
      if (running.leases > 0) throw new AppError('model-busy', 'vectors are being made');
      await end(running);
    },
    async giveWay() {
      if (running !== null && running.leases === 0) await end(running);
    },
    changed() {
      const now = look()?.fingerprint ?? null;
      if (now === told) return;
      const isFirst = told === undefined;
      told = now;
      // What another model's vectors are made for has no use any more.
      if (running !== null && running.model.id !== chosen().model?.id) running.leaving.abort();
      void tidy();
      if (!isFirst) for (const listener of [...listeners]) listener();
    },
    async close() {
      stop();
      closing.abort();
      await loading?.done.catch(() => undefined);
      if (running !== null) await end(running);
    },
  };
}
