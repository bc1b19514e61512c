import type { Announcer, Clock, Log, Machine } from '../core/ports.ts';
import { toErrorShape } from '../ipc/app-error.ts';
import type { MemoryCell, MemorySample } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import type { LoadedEngine, Models } from '../models/index.ts';
import {
  dropSamples,
  insertSample,
  listSamples,
  thinSamples,
} from '../storage/repositories/memory.ts';
import type { Writer } from '../storage/sql.ts';
import { denseKvBytesPerToken } from './estimate.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const briskMs = second;
const calmMs = 30 * second;
/** A change of resident memory below this is noise. */
const noiseBytes = 256 * 1024;

/** Older samples are thinned, so that the table stays small whatever happens. */
const thinning = [
  { from: day, to: 10 * minute, step: 10 * second },
  { from: 30 * day, to: day, step: 5 * minute },
] as const;
const keptFor = 30 * day;
const mostRows = 50_000;

const matrixContexts = [4096, 32_768, 131_072] as const;
const matrixSessions = [1, 4, 16] as const;

export interface MemoryPorts {
  readonly db: Writer;
  readonly models: Pick<Models, 'loaded' | 'get' | 'onActivity'>;
  readonly clock: Clock;
  readonly announcer: Announcer;
  readonly machine: Machine;
  readonly log: Log;
}

export interface Memory {
  readonly handlers: HandlersOf<'memory'>;
  close(): Promise<void>;
}

/**
 * Measures every loaded model: once a second while something changes or an answer is written, more
 * and more rarely, down to every 30 s, while nothing does. Samples are kept for 30 days, thinned.
 */
export function createMemory(ports: MemoryPorts): Memory {
  const { db, models, clock, machine } = ports;
  const last = new Map<string, MemorySample>();
  let pauseMs = briskMs;
  let timer: NodeJS.Timeout | undefined;
  let sampling: Promise<void> | undefined;
  let thinnedAt = -Infinity;
  let closed = false;

  const measure = async ({ model, engine }: LoadedEngine): Promise<MemorySample> => {
    const measured = await engine.memory();
    return { ...measured, at: clock.now(), modelId: model.id };
  };

  /** @returns true where a figure moved. */
  const sampleOne = async (entry: LoadedEngine): Promise<boolean> => {
    const sample = await measure(entry);
    const before = last.get(entry.model.id);
    last.set(entry.model.id, sample);
    const moved = before === undefined || before.pid !== sample.pid || differs(before, sample);
    insertSample(db, sample);
    ports.announcer.push('memory.changed', { modelId: entry.model.id });
    return moved;
  };

  const sampleAll = async (): Promise<void> => {
    const loaded = models.loaded();
    const moved = await Promise.all(
      loaded.map((entry) =>
        sampleOne(entry).catch((error: unknown) => {
          // The engine may end while it is asked: that is not this feature's news.
          const { code } = toErrorShape(error);
          if (code !== 'engine-crashed') ports.log.warn('memory.sample', { code });
          return false;
        }),
      ),
    );
    pauseMs = moved.includes(true) ? briskMs : Math.min(calmMs, pauseMs * 2);
    if (clock.now() - thinnedAt > 10 * minute) thin();
  };

  const thin = (): void => {
    thinnedAt = clock.now();
    db.transaction(() => {
      for (const { from, to, step } of thinning) {
        thinSamples(db, thinnedAt - from, thinnedAt - to, step);
      }
      dropSamples(db, thinnedAt - keptFor, mostRows);
    });
  };

  const tick = (): void => {
    timer = undefined;
    if (closed || models.loaded().length === 0) return;
    sampling = sampleAll()
      .catch((error: unknown) => {
        ports.log.error('memory.sample', { code: toErrorShape(error).code });
      })
      .finally(() => {
        sampling = undefined;
        schedule();
      });
  };
  const schedule = (): void => {
    if (closed || timer !== undefined || sampling !== undefined) return;
    timer = setTimeout(tick, pauseMs);
    timer.unref();
  };
  const wake = (): void => {
    pauseMs = briskMs;
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
    schedule();
  };
  const unsubscribe = models.onActivity(wake);
  wake();

  return {
    handlers: {
      'memory.loaded': async () => {
        const measured = models.loaded().map(async (entry) => {
          const { model, engine, plan } = entry;
          const sample = await measure(entry).catch(() => null);
          if (sample === null) return null;
          const difference = plan.predicted.total - sample.resident;
          return {
            modelId: model.id,
            modelName: model.name,
            contextSize: engine.info.contextSize,
            sessions: engine.info.sessions,
            sample,
            predicted: plan.predicted,
            errorPercent: sample.resident > 0 ? (difference / sample.resident) * 100 : 0,
          };
        });
        return (await Promise.all(measured)).filter((entry) => entry !== null);
      },
      'memory.history': ({ since, modelId }) => listSamples(db, since, modelId),
      'memory.matrix': ({ modelId }) => {
        const { header } = models.get(modelId);
        const { total, available } = machine.memory();
        const dense = denseKvBytesPerToken(header);
        const own = last.get(modelId);
        const isLoaded = models.loaded().some((entry) => entry.model.id === modelId);
        // What the model itself holds now would be its again.
        const reachable = available + (isLoaded && own !== undefined ? own.resident : 0);
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
      closed = true;
      unsubscribe();
      if (timer !== undefined) clearTimeout(timer);
      await sampling;
    },
  };
}

function differs(before: MemorySample, now: MemorySample): boolean {
  const parts = ['weights', 'kv', 'recurrent', 'compute', 'output', 'checkpoints'] as const;
  return (
    Math.abs(before.resident - now.resident) > noiseBytes ||
    parts.some((part) => before[part] !== now[part])
  );
}
