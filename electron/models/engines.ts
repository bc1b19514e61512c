import type { Engine, EngineLease } from '../engine/port.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { ErrorShape } from '../ipc/contract/index.ts';
import { createAutomatic } from './automatic.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { createAnswerRoom } from './answer-room.ts';
import { cancelledWhile } from './cancelled.ts';
import { createCrashes, mostCrashes } from './crashes.ts';
import { createEndings, endedByItself } from './endings.ts';
import type { Engines, EnginesPorts, LoadedEngine } from './engines-port.ts';
import { contextReason, planFit } from './fit.ts';
import type { Plan, PlanWish } from './fit.ts';
import { fitNow, makeRoom, optionsOf, planRoom } from './room.ts';
import type { RoomPorts } from './room.ts';
import { waitForLoad } from './waiting.ts';
import type { Awaited } from './waiting.ts';
import { createWishes, satisfies } from './wishes.ts';
import type { LoadWish } from './wishes.ts';

export type { Engines } from './engines-port.ts';

const taskOf = (model: StoredModel) =>
  ({ kind: 'load', subject: model.name, unit: 'fraction', total: 1, targetId: model.id }) as const;

interface Running extends LoadedEngine {
  readonly wish: LoadWish;
  readonly backend: string;
  leases: number;
  lastUsed: number;
  closing: boolean;
  ended: Promise<void> | null;
}

interface Loading extends Awaited {
  readonly wish: LoadWish;
  plan: Plan;
}

/**
 * One ENGINE process per loaded model. Loads one model at a time, because each load changes what is
 * left for the next; unloads an idle model only to make room for another one.
 */
export function createEngines(ports: EnginesPorts): Engines {
  const { log, machine } = ports;
  const running = new Map<string, Running>();
  const loading = new Map<string, Loading>();
  const failures = new Map<string, ErrorShape>();
  let closed = false;
  let loadQueue: Promise<unknown> = Promise.resolve();

  const wishes = createWishes(ports);
  const automatic = createAutomatic(ports);
  const plan: Engines['plan'] = (model, memory = machine.memory()) =>
    // What is loaded takes what it was loaded with; its own memory is no reason for less.
    running.get(model.id)?.plan ??
    loading.get(model.id)?.plan ??
    planFit(model.header, wishes.complete(model), memory);
  const roomFor = (model: StoredModel, wish: PlanWish): RoomPorts<Running> => ({
    held: () => running.values(),
    machine,
    smaller: (memory) => ports.smaller(model, wish, memory),
  });
  const endings = createEndings({ machine, roomFor });
  const crashes = createCrashes();

  /** @param isShort Memory is: what its conversations hold is saved before. */
  const end = (entry: Running, isShort = false): Promise<void> =>
    (entry.ended ??= (async () => {
      const { model, engine } = entry;
      entry.closing = true;
      ports.onChanged(model.id);
      if (isShort) await ports.states.save(model, engine);
      await engine.close();
      if (running.get(model.id) === entry) running.delete(model.id);
      ports.onChanged(model.id);
    })());
  const endForRoom = (entry: Running): Promise<void> => end(entry, true);

  const roomToAnswer = createAnswerRoom<Running>({ roomFor, end: endForRoom, log });

  const watch = (entry: Running): void => {
    const { id } = entry.model;
    entry.engine.onExit((exit) => {
      if (running.get(id) === entry) running.delete(id);
      const facts = { model: id, code: exit.code ?? -1, signal: exit.signal ?? '' };
      if (exit.expected) log.info('engine.ended', facts);
      else {
        log.error('engine.crashed', { ...facts, outOfMemory: exit.outOfMemory === true });
        failures.set(id, { code: 'engine-crashed', message: 'the engine process ended' });
        if (endedByItself(exit)) ports.backends.crashed(entry.backend);
        const times = crashes.ended(id, exit);
        const loop = crashes.refusal(id, entry.model.name);
        if (loop !== null) failures.set(id, toErrorShape(loop));
        void endings.of(entry, exit).then((shape) => {
          if (running.has(id) || loading.has(id)) return;
          if (shape !== null) {
            if (loop === null) failures.set(id, shape);
            ports.onChanged(id);
          } else if (times < mostCrashes && !closed) {
            // The next question must not wait for it. Where memory ran out it would only end again.
            begin(entry.model, entry.wish);
          }
        });
      }
      ports.onChanged(id);
      ports.onActivity();
    });
  };

  const launch = async (
    model: StoredModel,
    load: Loading,
    wanted: LoadWish,
    signal: AbortSignal,
    onProgress: (fraction: number) => void,
  ): Promise<void> => {
    // The first load on a machine with a graphics driver waits for its trial.
    const backend = await ports.backends.forLoad(model.header.recurrentLayers > 0, signal);
    const before = running.get(model.id);
    // Idempotent, resolves when the memory is back.
    if (before?.closing) await end(before);
    const wish = wishes.complete(model, wanted);
    const room = roomFor(model, wish);
    if (!planFit(model.header, wish, machine.memory()).comfortable) await ports.giveWay();
    // Its own states would not go into another context.
    const endOne = (entry: Running) => end(entry, entry.model.id !== model.id);
    load.plan = await makeRoom(model, wish, { ...room, end: endOne, log });
    const states = await ports.states.request(model);
    const engine = await ports.launcher
      .launch(
        {
          modelPath: model.path,
          contextSize: load.plan.contextSize,
          sessions: load.plan.sessions,
          ...automatic.request(model, load.plan.engine),
          ...backend.request,
          checkpointBudget: load.plan.checkpointBudget,
          kvType: load.plan.kvType,
          ...(states && { states }),
        },
        { signal, onProgress, onBackendLost: () => ports.backends.crashed(backend.name) },
      )
      .catch(async (error: unknown) => {
        throw await endings.whileLoading(model, wish, load.plan, error);
      });
    if (closed || signal.aborted) {
      await engine.close();
      throw new AppError('cancelled', 'load cancelled');
    }
    const { info } = engine;
    automatic.learn(model, info);
    const counted: Engine = {
      ...engine,
      generate: (request, abort) => crashes.watch(model.id, engine.generate(request, abort)),
    };
    const entry: Running = {
      model,
      engine: ports.runs.watch(model.id, counted),
      plan: load.plan,
      wish: wanted,
      backend: backend.name,
      leases: 0,
      lastUsed: ports.clock.now(),
      closing: false,
      ended: null,
    };
    running.set(model.id, entry);
    watch(entry);
    log.info('engine.loaded', {
      model: model.id,
      ms: Math.round(info.loadMs),
      context: info.contextSize,
      sessions: info.sessions,
      threads: info.threads,
      backend: info.backend,
    });
  };

  const begin = (model: StoredModel, wanted: LoadWish): Loading => {
    if (closed) throw new AppError('core-unavailable', 'closing');
    const task = ports.tasks.start(taskOf(model), async (handle) => {
      // One turn of the loop later: the record below must stand first.
      await Promise.resolve();
      const mine: Loading = load;
      let isQueued = true;
      const run = loadQueue.then(() => {
        isQueued = false;
        return launch(model, mine, wanted, handle.signal, (fraction) => {
          mine.fraction = fraction;
          handle.progress({ done: fraction });
          for (const listener of mine.listeners) listener(fraction);
        });
      });
      loadQueue = run.catch(() => undefined);
      try {
        // Behind a long load there is nothing to end first: a cancel is done when it is asked for.
        await Promise.race([run, cancelledWhile(() => isQueued, handle.signal)]);
        failures.delete(model.id);
      } catch (error) {
        const shape = toErrorShape(error);
        if (shape.code !== 'cancelled') {
          crashes.loadFailed(model.id, error);
          const loop = crashes.refusal(model.id, model.name);
          failures.set(model.id, loop === null ? shape : toErrorShape(loop));
          log.warn('engine.load-failed', { model: model.id, code: shape.code });
        }
        throw error;
      } finally {
        loading.delete(model.id);
        ports.onChanged(model.id);
        ports.onActivity();
      }
    });
    const finished = ports.tasks.finished(task.id);
    // Whoever waits hears of a failure; nobody waiting is no unhandled rejection.
    finished.catch(() => undefined);
    const load: Loading = {
      taskId: task.id,
      finished,
      listeners: new Set(),
      wish: wanted,
      waiting: 0,
      fraction: 0,
      plan: planFit(model.header, wishes.complete(model, wanted), machine.memory()),
    };
    loading.set(model.id, load);
    ports.onChanged(model.id);
    return load;
  };

  const lend = (entry: Running): EngineLease => {
    entry.leases += 1;
    entry.lastUsed = ports.clock.now();
    ports.onActivity();
    let held = true;
    return {
      engine: entry.engine,
      modelId: entry.model.id,
      modelName: entry.model.name,
      promptLimit: entry.model.promptLimit,
      explain: (error) => endings.explain(entry, error),
      release: () => {
        if (!held) return;
        held = false;
        entry.leases -= 1;
        entry.lastUsed = ports.clock.now();
        ports.onActivity();
      },
    };
  };

  return {
    plan,
    fit: (model, memory) => {
      return fitNow(model, wishes.complete(model), [...running.values()], memory);
    },
    async whatIf(model, wish) {
      const whole = wishes.complete(model, wish);
      const plan = await planRoom(model, whole, roomFor(model, whole));
      const usual = wishes.usual();
      const alone = planFit(model.header, usual, plan);
      const chosen = automatic.view(model, {
        contextSize: alone.contextSize,
        contextFrom: contextReason(model.header, usual, alone),
      });
      return { ...plan, remembered: wishes.remembered(model.id), automatic: chosen };
    },
    failure: (modelId) => failures.get(modelId) ?? null,
    loaded: () => [...running.values()].filter((entry) => !entry.closing),
    isBusy: () => [...running.values()].some((entry) => entry.leases > 0),
    state(modelId) {
      const entry = running.get(modelId);
      const load = loading.get(modelId);
      if (entry !== undefined && (entry.closing || load === undefined)) {
        const { info } = entry.engine;
        return {
          modelId,
          state: entry.closing ? 'unloading' : 'ready',
          fraction: 1,
          pid: info.pid,
          contextSize: info.contextSize,
          sessions: info.sessions,
          threads: info.threads,
          backend: info.backend,
          loadMs: info.loadMs,
        };
      }
      if (load === undefined) return null;
      return {
        modelId,
        state: 'loading',
        fraction: load.fraction,
        pid: null,
        contextSize: load.plan.contextSize,
        sessions: load.plan.sessions,
        threads: load.plan.engine.threads ?? ports.settings.get().threads ?? 0,
        backend: '',
        loadMs: null,
      };
    },
    async load(model, wish = {}, remember = undefined) {
      crashes.allowOne(model.id);
      const joined = loading.get(model.id);
      if (joined !== undefined) {
        // Two loads of a model never run beside each other; which of them would stay is anyone's guess.
        if (!satisfies({ ...optionsOf(joined.plan), ...joined.wish }, wish)) {
          throw new AppError('model-busy', 'it is being loaded with other options', {
            detail: { name: model.name, reason: 'loading' },
          });
        }
        wishes.remember(model, wish, remember);
        joined.waiting += 1;
        return { taskId: joined.taskId };
      }
      const entry = running.get(model.id);
      // Being unloaded: asked for now means wanted afterwards.
      if (entry !== undefined && !entry.closing) {
        if (satisfies(optionsOf(entry.plan), wish)) {
          wishes.remember(model, wish, remember);
          return { taskId: ports.tasks.start(taskOf(model), async () => undefined).id };
        }
        if (entry.leases > 0) {
          const whole = wishes.complete(model, wish);
          const then = await planRoom(model, whole, roomFor(model, whole));
          const { needed, available, contextSize } = then;
          throw new AppError('model-busy', 'an answer is being written', {
            detail: { name: model.name, needed, available, context: contextSize },
          });
        }
      }
      // At once: between here and the load nothing else may begin one, or lend what is to go.
      const load = begin(model, wish);
      wishes.remember(model, wish, remember);
      load.waiting += 1;
      return { taskId: load.taskId };
    },
    async acquire(model, { signal, onLoading }) {
      for (let tries = 0; ; tries += 1) {
        if (signal.aborted) throw new AppError('cancelled', 'cancelled');
        const entry = running.get(model.id);
        const load = loading.get(model.id);
        if (entry !== undefined && !entry.closing && load === undefined) {
          const lease = lend(entry);
          try {
            await roomToAnswer(entry);
            return lease;
          } catch (error) {
            lease.release();
            throw error;
          }
        }
        if (entry?.closing && load === undefined) {
          // Being unloaded: `end` is idempotent and resolves when the memory is back.
          await end(entry);
          continue;
        }
        // A load that ended well and died before we woke is tried again, but not for ever.
        if (tries >= 3) throw new AppError('engine-crashed', 'the engine ends right after loading');
        const loop = load === undefined ? crashes.refusal(model.id, model.name) : null;
        if (loop !== null) throw loop;
        const next = load ?? begin(model, {});
        const waited = waitForLoad(ports.tasks, next, signal, onLoading);
        // Where loading it anew was refused or given up, it is there as it was.
        await waited.catch((error: unknown) => {
          if (signal.aborted || running.get(model.id)?.closing !== false) throw error;
        });
      }
    },
    async unload(modelId) {
      const load = loading.get(modelId);
      if (load !== undefined) {
        ports.tasks.cancel(load.taskId);
        await load.finished.catch(() => undefined);
      }
      const entry = running.get(modelId);
      if (entry === undefined) return;
      if (entry.leases > 0) throw new AppError('model-busy', 'an answer is being written');
      await end(entry);
    },
    async saveStates(modelId) {
      const entry = running.get(modelId);
      if (entry === undefined || entry.closing || entry.leases > 0) return 0;
      return ports.states.save(entry.model, entry.engine);
    },
    async close() {
      closed = true;
      const loads = [...loading.values()];
      for (const load of loads) ports.tasks.cancel(load.taskId);
      await Promise.allSettled(loads.map((load) => load.finished));
      const entries = [...running.values()];
      await Promise.allSettled(entries.flatMap((entry) => [entry.engine.close(), end(entry)]));
    },
  };
}
