import { AppError } from '../ipc/app-error.ts';
import type { EngineEvent, EngineExit } from '../engine/port.ts';
import { toErrorShape } from '../ipc/app-error.ts';

/**
 * Counts how often a model's engine ended by itself with no whole answer in between. A file or a driver
 * that ends llama.cpp would else be loaded again with every question, for ever.
 */
export interface Crashes {
  /** The engine of a model ended though nobody asked for it. @returns how often in a row. */
  ended(modelId: string, exit: Pick<EngineExit, 'code' | 'signal'>): number;
  /** A load failed; counts if the process ended by itself. */
  loadFailed(modelId: string, error: unknown): void;
  /** Passes an answer's events on; one that came to its end clears the count. */
  watch(modelId: string, events: AsyncIterable<EngineEvent>): AsyncIterable<EngineEvent>;
  /** 'engine-crash-loop' where loading it by itself would only end in the same way; else null. */
  refusal(modelId: string, name: string): AppError | null;
  /** Somebody wants to see for himself: one more crash stops it again. */
  allowOne(modelId: string): void;
}

/** Crashes in a row after which a model is no longer loaded by itself. */
export const mostCrashes = 3;

export function createCrashes(): Crashes {
  const counts = new Map<string, { times: number; how: string }>();
  const count = (modelId: string, how: string): number => {
    const times = (counts.get(modelId)?.times ?? 0) + 1;
    counts.set(modelId, { times, how });
    return times;
  };
  return {
    ended: (modelId, { code, signal }) => count(modelId, signal ?? `code ${code ?? 'unknown'}`),
    loadFailed(modelId, error) {
      const { code, detail } = toErrorShape(error);
      if (code !== 'engine-crashed') return;
      count(modelId, String(detail?.['signal'] ?? `code ${detail?.['code'] ?? 'unknown'}`));
    },
    async *watch(modelId, events) {
      for await (const event of events) {
        if (event.type === 'end') counts.delete(modelId);
        yield event;
      }
    },
    refusal(modelId, name) {
      const found = counts.get(modelId);
      if (found === undefined || found.times < mostCrashes) return null;
      return new AppError('engine-crash-loop', 'the engine of this model ends again and again', {
        detail: { name, times: found.times, how: found.how },
      });
    },
    allowOne(modelId) {
      const found = counts.get(modelId);
      if (found !== undefined) found.times = Math.min(found.times, mostCrashes - 1);
    },
  };
}
