import { AppError } from './app-error.ts';
import type { Numbered } from './contract/index.ts';
import { lastEventTypes } from './contract/index.ts';

/**
 * The events of one long run, numbered from 1. A reader may come late or come back: it gets what it
 * lacks and then follows, until the one last event (`done`, `stopped` or `failed`).
 */
export interface StreamLog<E extends { readonly type: string }> {
  /** Adds the next event. Throws 'internal' after the last event: a run ends once. */
  append(event: E): void;
  /**
   * Everything after number `after`, then whatever follows; returns after the last event, or at once
   * when the signal is aborted (which means that the reader left, not that the run stops).
   */
  read(after: number, signal: AbortSignal): AsyncIterable<Numbered<E>>;
  /** True once the last event is in. */
  readonly ended: boolean;
  /** Number of events so far. */
  readonly length: number;
}

export function createStreamLog<E extends { readonly type: string }>(): StreamLog<E> {
  const events: E[] = [];
  const waiting = new Set<() => void>();
  let ended = false;

  const changed = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = (): void => {
        waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      waiting.add(wake);
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });

  return {
    append(event) {
      if (ended) throw new AppError('internal', `'${event.type}' after the last event of a stream`);
      events.push(event);
      ended = (lastEventTypes as readonly string[]).includes(event.type);
      for (const wake of [...waiting]) wake();
    },

    async *read(after, signal) {
      let next = Math.max(0, after);
      while (!signal.aborted) {
        const event = events[next];
        if (event !== undefined) {
          next += 1;
          yield { seq: next, event };
        } else if (ended) {
          return;
        } else {
          await changed(signal);
        }
      }
    },

    get ended() {
      return ended;
    },
    get length() {
      return events.length;
    },
  };
}

/** Logs of several runs by id. A log is kept for a while after its last event, then it is 'not-found'. */
export interface StreamLogs<E extends { readonly type: string }> {
  create(id: string): StreamLog<E>;
  /** Throws 'not-found'. */
  get(id: string): StreamLog<E>;
  /** Forgets all logs and their timers. */
  close(): void;
}

/** @param keepMs how long a log can still be read after its last event. */
export function createStreamLogs<E extends { readonly type: string }>(
  keepMs = 5 * 60_000,
): StreamLogs<E> {
  const logs = new Map<string, StreamLog<E>>();
  const timers = new Set<NodeJS.Timeout>();

  return {
    create(id) {
      const log = createStreamLog<E>();
      const kept: StreamLog<E> = {
        append(event) {
          log.append(event);
          if (!log.ended) return;
          const timer = setTimeout(() => {
            timers.delete(timer);
            logs.delete(id);
          }, keepMs);
          timer.unref();
          timers.add(timer);
        },
        read: (after, signal) => log.read(after, signal),
        get ended() {
          return log.ended;
        },
        get length() {
          return log.length;
        },
      };
      logs.set(id, kept);
      return kept;
    },
    get(id) {
      const log = logs.get(id);
      if (log === undefined) throw new AppError('not-found', 'no such run', { detail: { id } });
      return log;
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      logs.clear();
    },
  };
}
