import { availableParallelism } from 'node:os';
import type { Clock, Machine } from '../core/ports.ts';
import type { EngineInfo, LoadRequest } from '../engine/port.ts';
import type { AutomaticOptions, Settings } from '../ipc/contract/index.ts';
import {
  getReadChunk,
  getThreads,
  getThreadTimings,
  setReadChunk,
  setThreads,
} from '../storage/repositories/models.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Writer } from '../storage/sql.ts';
import type { EngineOptions } from './fit.ts';

/** What a load measures is remembered for each model and machine: the next one begins with it. */
export interface Automatic {
  request(
    model: StoredModel,
    wish: EngineOptions,
  ): Pick<LoadRequest, 'threads' | 'gpuLayers' | 'flashAttention' | 'readChunk'>;
  learn(model: StoredModel, info: EngineInfo): void;
  /** For a person who may choose otherwise. */
  view(
    model: StoredModel,
    context: Pick<AutomaticOptions, 'contextSize' | 'contextFrom'>,
  ): AutomaticOptions;
}

export function createAutomatic(ports: {
  readonly db: Writer;
  readonly clock: Clock;
  readonly machine: Pick<Machine, 'fingerprint'>;
  readonly settings: { get(): Settings };
  readonly graphics: () => string | null;
}): Automatic {
  const { db, machine, settings } = ports;
  const here = [machine.fingerprint] as const;
  const measured = (model: StoredModel): number | null => getThreads(db, model.id, ...here) ?? null;
  return {
    request(model, { threads, gpuLayers, flashAttention }) {
      const readChunk = getReadChunk(db, model.id, ...here);
      return {
        threads: threads ?? settings.get().threads ?? measured(model),
        ...(typeof gpuLayers === 'number' && { gpuLayers }),
        ...(flashAttention === false && { flashAttention }),
        ...(readChunk !== undefined && { readChunk }),
      };
    },
    learn(model, info) {
      if (info.threadTimings.length > 0) {
        const { threads, threadTimings: timings } = info;
        setThreads(db, model.id, ...here, { threads, timings, at: ports.clock.now() });
      }
      // Other chunks round otherwise, so they change only for the better: when the first load was
      // measured while other programs held the machine.
      const best = Math.max(info.readChunk ?? 0, info.readChunkMeasured ?? 0);
      const known = getReadChunk(db, model.id, ...here) ?? 0;
      if (best > known) setReadChunk(db, model.id, ...here, best);
    },
    view(model, context) {
      const { threads } = settings.get();
      return {
        ...context,
        threads: threads ?? measured(model),
        threadsFrom: threads === null ? 'measured' : 'settings',
        cores: availableParallelism(),
        timings: getThreadTimings(db, model.id, ...here),
        graphics: ports.graphics(),
      };
    },
  };
}
