import type { Log } from '../core/ports.ts';
import type { EngineProcess } from './child.ts';
import { startEngineProcess } from './child.ts';
import { endProcess, entryOf, launchSafely, loadIn } from './launch.ts';
import type {
  Engine,
  EngineEvent,
  EngineExit,
  EngineInfo,
  EngineLauncher,
  GenerateRequest,
  LoadRequest,
} from './port.ts';

export interface EngineLauncherOptions {
  /** The Node that runs ENGINE processes. */
  readonly nodePath: string;
  readonly log: Log;
  /** The process's entry; found from this file's place when left out. */
  readonly entry?: string;
  /** Milliseconds between asking a process to end and ending it by force. */
  readonly graceMs?: number;
}

/** Starts one process per loaded model. */
export function createEngineLauncher(options: EngineLauncherOptions): EngineLauncher {
  const { nodePath, log, entry = entryOf('process'), graceMs = 3000 } = options;
  return {
    launch: (request, launchOptions = {}) =>
      launchSafely(request, (asked) => start(asked, launchOptions), { ...launchOptions, log }),
  };

  async function start(
    request: LoadRequest,
    { signal, onProgress }: LaunchOptions,
  ): Promise<Engine> {
    const child = startEngineProcess({ nodePath, entry, log });
    const quiet = onProgress && child.client.on('loading', onProgress);
    try {
      const info = await loadIn(child, () => child.client.call('load', request), signal);
      log.info('engine.loaded', {
        pid: info.pid,
        backend: info.backend,
        threads: info.threads,
        loadMs: Math.round(info.loadMs),
      });
      return createEngine(child, info, graceMs);
    } finally {
      quiet?.();
    }
  }
}

type LaunchOptions = NonNullable<Parameters<EngineLauncher['launch']>[1]>;

function createEngine(child: EngineProcess, info: EngineInfo, graceMs: number): Engine {
  const { client } = child;
  const listeners = new Set<(exit: EngineExit) => void>();
  void child.gone.then((exit) => {
    for (const listener of [...listeners]) listener(exit);
    listeners.clear();
  });
  let closing: Promise<void> | null = null;
  return {
    info,
    generate: (request, signal) => streamAnswer(child, request, signal),
    render: (prompt) => child.ask(() => client.call('render', prompt)),
    countTokens: (prompt) => child.ask(() => client.call('countTokens', prompt)),
    memory: () => child.ask(() => client.call('memory', null)),
    async forget(sessionId) {
      await child.ask(() => client.call('forget', { sessionId }));
    },
    trim: (checkpointBudget) => child.ask(() => client.call('trim', { checkpointBudget })),
    saveStates: (request) => child.ask(() => client.call('saveStates', request)),
    resizeStates: (budget) => child.ask(() => client.call('resizeStates', { budget })),
    trace: () => child.ask(() => client.call('trace', null)),
    onExit(listener) {
      const { exit } = child;
      if (exit) queueMicrotask(() => listener(exit));
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close() {
      closing ??= endProcess(child, () => client.call('close', null), graceMs);
      return closing;
    },
  };
}

let runs = 0;

async function* streamAnswer(
  child: EngineProcess,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent> {
  const { client } = child;
  const run = String(++runs);
  // Leaving the stream would lose the last event, so a stop is asked for and the end waited for.
  const onAbort = (): void => void client.call('stop', { run }).catch(() => undefined);
  const events = client.open('generate', { run, request })[Symbol.asyncIterator]();
  try {
    let next = child.ask(() => events.next());
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      yield value.event;
      if (value.event.type === 'end') return;
      next = child.ask(() => events.next());
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    await events.return?.();
  }
}
