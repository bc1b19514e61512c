import type { Announcer, Clock, Log, Machine, Pressure } from '../core/ports.ts';
import type { MemoryCell } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import type { LoadedProcess, Models } from '../models/index.ts';
import { findTitle } from '../storage/repositories/conversations.ts';
import { insertRun, listSamples } from '../storage/repositories/memory.ts';
import type { Writer } from '../storage/sql.ts';
import { createCompare } from './compare.ts';
import { denseKvBytesPerToken } from './estimate.ts';
import { thinForChart } from './history.ts';
import { predictionNow, toLoadedMemory, toMeasured, toSessions } from './measured.ts';
import type { Measured, SavedBytes } from './measured.ts';
import { createRelief } from './relief.ts';
import { createSampler } from './sampler.ts';

const matrixContexts = [4096, 32_768, 131_072] as const;
const matrixSessions = [1, 4, 16] as const;

export interface MemoryPorts {
  readonly db: Writer;
  readonly models: Pick<
    Models,
    'loaded' | 'get' | 'refer' | 'onActivity' | 'unload' | 'saveStates'
  >;
  readonly clock: Clock;
  readonly announcer: Announcer;
  readonly machine: Machine;
  readonly log: Log;
  /** What the operating system tells of a lack of memory; nothing if not given. */
  readonly pressure?: () => Promise<Pressure>;
  /** States of conversations on disk; none if not given. */
  readonly savedBytes?: SavedBytes;
}

export interface Memory {
  readonly handlers: HandlersOf<'memory'>;
  close(): Promise<void>;
}

/**
 * Measures every loaded model: when it is loaded, after every turn, once a second while somebody looks
 * and something moves, and rarely otherwise. The first answer of every load is compared with what was
 * predicted before it. Samples are kept for 30 days, thinned.
 */
export function createMemory(ports: MemoryPorts): Memory {
  const { db, models, clock, machine } = ports;
  const savedBytes = ports.savedBytes ?? (() => 0);
  const titleOf = (conversationId: string): string | null => findTitle(db, conversationId);
  /** Resident bytes at the last look, and the process that has its run on record. */
  const held = new Map<string, number>();
  const recorded = new Map<string, number>();

  const measure = async (entry: LoadedProcess): Promise<Measured> =>
    toMeasured(entry, await entry.engine.memory(), clock.now());

  const measureAll = async (): Promise<Measured[]> => {
    const all = await Promise.all(models.loaded().map((each) => measure(each).catch(() => null)));
    return all.filter((one) => one !== null);
  };

  /** Once a load, after the first answer: before it, buffers are reserved and not touched. */
  const record = (measured: Measured): void => {
    const { entry, engine, sample } = measured;
    held.set(entry.model.id, sample.resident);
    // Its length of text is not what a prediction is compared by.
    if (entry.model.header.purpose === 'embedding') return;
    const isRunning = engine.sessions.some((session) => session.isRunning);
    if (engine.answers === 0 || isRunning || recorded.get(entry.model.id) === sample.pid) return;
    recorded.set(entry.model.id, sample.pid);
    // Elsewhere the parts do not lie in this process, or it no longer holds all it was given.
    const isWhole = engine.weightParts.device + engine.weightParts.mapped === 0;
    if (!isWhole || (sample.swapped ?? 0) > 0) return;
    insertRun(db, machine.fingerprint, {
      at: sample.at,
      modelId: entry.model.id,
      modelName: entry.model.name,
      contextSize: entry.plan.contextSize,
      sessions: entry.plan.sessions,
      kvType: entry.plan.kvType,
      predicted: Math.round(predictionNow(measured).total),
      measured: sample.resident,
      bare: sample.process,
    });
  };

  const sampler = createSampler({ ...ports, loaded: models.loaded, measure, onSample: record });
  const relief = createRelief({
    ...ports,
    pressure: ports.pressure ?? (async () => ({ stalledPercent: null, systemLevel: null })),
    loaded: () =>
      models.loaded().map(({ model, engine, plan, leases, lastUsed }) => ({
        modelId: model.id,
        modelName: model.name,
        isIdle: leases === 0,
        lastUsed,
        checkpointBudget: plan.checkpointBudget,
        engine,
      })),
    unload: models.unload,
    saveStates: models.saveStates,
    onRelief: ({ modelId }) => ports.announcer.push('memory.changed', { modelId }),
  });
  const wake = (): void => {
    sampler.wake();
    relief.wake();
  };
  const unsubscribe = models.onActivity(wake);
  wake();
  const { predict, compare, accuracy } = createCompare({
    ...ports,
    heldBy: (modelId) =>
      models.loaded().some((entry) => entry.model.id === modelId) ? (held.get(modelId) ?? 0) : 0,
  });

  return {
    handlers: {
      'memory.loaded': async () => {
        sampler.looked();
        const all = await measureAll();
        return all.map((measured) => toLoadedMemory(measured, titleOf, savedBytes));
      },
      'memory.sessions': async () => {
        sampler.looked();
        const all = await measureAll();
        return all.flatMap((measured) => toSessions(measured, titleOf, savedBytes));
      },
      'memory.history': ({ since, modelId, points }) => {
        sampler.looked();
        const samples = listSamples(db, since, modelId);
        return points === undefined ? samples : thinForChart(samples, points);
      },
      'memory.predict': predict,
      'memory.compare': compare,
      'memory.accuracy': accuracy,
      'memory.relief': () => relief.records(),
      'memory.matrix': ({ modelId }) => {
        const { header } = models.get(modelId);
        const { total, available } = machine.memory();
        const dense = denseKvBytesPerToken(header);
        const isLoaded = models.loaded().some((entry) => entry.model.id === modelId);
        // What the model itself holds now would be its again.
        const reachable = available + (isLoaded ? (held.get(modelId) ?? 0) : 0);
        const cells: MemoryCell[] = matrixContexts.flatMap((contextSize) =>
          matrixSessions.map((sessions) => {
            const tokens = contextSize * sessions;
            const asIs =
              header.tensorBytes +
              tokens * header.kvBytesPerToken +
              sessions * header.recurrentBytesPerSession;
            return {
              contextSize,
              sessions,
              asIs,
              dense: header.tensorBytes + tokens * dense,
              fits: asIs <= reachable,
            };
          }),
        );
        return {
          modelId,
          isHybrid: header.recurrentLayers > 0,
          weights: header.tensorBytes,
          kvBytesPerToken: header.kvBytesPerToken,
          denseKvBytesPerToken: dense,
          recurrentBytesPerSession: header.recurrentBytesPerSession,
          cells,
          machineTotal: total,
          machineAvailable: available,
        };
      },
    },
    async close() {
      unsubscribe();
      await relief.close();
      await sampler.close();
    },
  };
}
