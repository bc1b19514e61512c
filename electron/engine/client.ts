import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Log } from '../core/ports.ts';
import { AppError, fromErrorShape } from '../ipc/app-error.ts';
import type { EngineCallName, EngineCalls, FromEngine, ToEngine } from './channel.ts';
import type {
  Engine,
  EngineEvent,
  EngineExit,
  EngineInfo,
  EngineLauncher,
  GenerateRequest,
} from './port.ts';

export interface EngineLauncherOptions {
  /** The Node that runs ENGINE processes. */
  readonly nodePath: string;
  readonly log: Log;
  /** The process's entry; found beside this file when left out. */
  readonly entry?: string;
  /** Milliseconds between asking a process to end and ending it by force. */
  readonly graceMs?: number;
}

/** Starts one process per loaded model. */
export function createEngineLauncher(options: EngineLauncherOptions): EngineLauncher {
  return {
    async launch(request, { signal, onProgress } = {}) {
      if (signal?.aborted) throw cancelled();
      await requireGguf(request.modelPath);
      const child = startProcess(options, onProgress);
      const onAbort = (): void => child.kill();
      signal?.addEventListener('abort', onAbort, { once: true });
      if (signal?.aborted) onAbort();
      try {
        const info = await child.call('load', request);
        options.log.info('engine.loaded', {
          pid: info.pid,
          backend: info.backend,
          threads: info.threads,
          loadMs: Math.round(info.loadMs),
        });
        return createEngine(child, info, options.graceMs ?? 3000);
      } catch (error) {
        child.kill();
        await child.gone;
        if (signal?.aborted) throw cancelled();
        throw error;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}

function cancelled(): AppError {
  return new AppError('cancelled', 'loading was cancelled');
}

/** The cheap part of the checks, before a process is started for nothing. */
async function requireGguf(path: string): Promise<void> {
  const magic = Buffer.alloc(4);
  try {
    const file = await open(path, 'r');
    try {
      await file.read(magic, 0, 4, 0);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === 'ENOENT') throw new AppError('model-missing', 'the model file does not exist');
    if (code === 'EISDIR') throw new AppError('model-not-gguf', 'the path is a folder');
    throw error;
  }
  if (magic.toString('latin1') !== 'GGUF') {
    throw new AppError('model-not-gguf', 'the file does not begin with GGUF');
  }
}

interface Connection {
  call<N extends EngineCallName>(
    name: N,
    args: EngineCalls[N]['args'],
    onEvent?: (event: EngineEvent) => void,
    signal?: AbortSignal,
  ): Promise<EngineCalls[N]['value']>;
  kill(): void;
  /** Marks the end that follows as asked for. */
  expectExit(): void;
  readonly gone: Promise<EngineExit>;
  readonly exit: EngineExit | null;
}

interface Pending {
  resolve(value: unknown): void;
  reject(error: unknown): void;
  onEvent: ((event: EngineEvent) => void) | undefined;
}

function startProcess(
  { nodePath, log, entry = siblingEntry() }: EngineLauncherOptions,
  onProgress: ((fraction: number) => void) | undefined,
): Connection {
  const child = spawn(nodePath, [entry], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: environment(),
    windowsHide: true,
  });
  const pending = new Map<number, Pending>();
  const complaint = lastComplaint(child);
  let nextId = 1;
  let expected = false;
  let exit: EngineExit | null = null;

  const gone = new Promise<EngineExit>((resolve) => {
    const end = (code: number | null, signal: string | null, cause?: Error): void => {
      if (exit) return;
      exit = { code, signal, expected };
      const error = cause
        ? new AppError('engine-start-failed', 'the engine process did not start', { cause })
        : crashed(exit);
      for (const call of pending.values()) call.reject(error);
      pending.clear();
      if (!expected) {
        log.error('engine.exit', { code: code ?? -1, signal: signal ?? '', note: complaint() });
      }
      resolve(exit);
    };
    child.on('exit', (code, signal) => end(code, signal));
    child.on('error', (error) => end(null, null, error));
  });

  child.on('message', (frame: FromEngine) => {
    if (frame.type === 'loading') {
      onProgress?.(frame.fraction);
      return;
    }
    const call = pending.get(frame.id);
    if (!call) return;
    if (frame.type === 'event') {
      call.onEvent?.(frame.event);
      return;
    }
    pending.delete(frame.id);
    if (frame.type === 'value') call.resolve(frame.value);
    else call.reject(fromErrorShape(frame.error));
  });

  const send = (frame: ToEngine): void => {
    // A channel that closes is seen as the end of the process.
    if (child.connected) child.send(frame, () => undefined);
  };
  return {
    gone,
    get exit() {
      return exit;
    },
    expectExit() {
      expected = true;
    },
    kill: () => void child.kill('SIGKILL'),
    call(name, args, onEvent, signal) {
      if (exit) return Promise.reject(crashed(exit));
      const id = nextId++;
      const onAbort = (): void => send({ type: 'abort', id });
      const answer = new Promise<unknown>((resolve, reject) => {
        pending.set(id, { resolve, reject, onEvent });
        send({ type: 'call', id, name, args } as ToEngine);
        if (signal?.aborted) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
      }).finally(() => signal?.removeEventListener('abort', onAbort));
      return answer as Promise<never>;
    },
  };
}

function crashed({ code, signal }: EngineExit): AppError {
  const how = signal === null ? `code ${code ?? 'unknown'}` : `signal ${signal}`;
  return new AppError('engine-crashed', `the engine process ended with ${how}`, {
    detail: signal === null ? { code: code ?? -1 } : { signal },
  });
}

function createEngine(child: Connection, info: EngineInfo, graceMs: number): Engine {
  const listeners = new Set<(exit: EngineExit) => void>();
  void child.gone.then((exit) => {
    for (const listener of [...listeners]) listener(exit);
    listeners.clear();
  });
  return {
    info,
    generate: (request, signal) => streamAnswer(child, request, signal),
    render: (prompt) => child.call('render', prompt),
    countTokens: (prompt) => child.call('countTokens', prompt),
    memory: () => child.call('memory', null),
    async forget(sessionId) {
      await child.call('forget', sessionId);
    },
    onExit(listener) {
      const { exit } = child;
      if (exit) queueMicrotask(() => listener(exit));
      else listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      if (child.exit) return;
      child.expectExit();
      const force = setTimeout(() => child.kill(), graceMs);
      child.call('close', null).catch(() => undefined);
      await child.gone;
      clearTimeout(force);
    },
  };
}

async function* streamAnswer(
  child: Connection,
  request: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<EngineEvent> {
  const left = new AbortController();
  const arrived: EngineEvent[] = [];
  let wake = (): void => undefined;
  let finished = false;
  let failure: unknown;
  const run = child
    .call(
      'generate',
      request,
      (event) => {
        arrived.push(event);
        wake();
      },
      AbortSignal.any([signal, left.signal]),
    )
    .catch((error: unknown) => {
      failure = error;
    })
    .finally(() => {
      finished = true;
      wake();
    });
  try {
    for (;;) {
      yield* arrived.splice(0);
      if (finished && arrived.length === 0) break;
      if (arrived.length > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== undefined) throw failure;
  } finally {
    // A reader that leaves early stops the answer.
    left.abort();
    await run;
  }
}

function siblingEntry(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return fileURLToPath(new URL(`./process.${extension}`, import.meta.url));
}

/** Options meant for the parent's Node must not reach the child's. */
function environment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (name === 'NODE_OPTIONS' || name.startsWith('VITEST') || name.startsWith('ELECTRON_')) {
      delete env[name];
    }
  }
  return env;
}

/** llama.cpp's assertion, if it wrote one: the only output of native code that may reach a log. */
function lastComplaint(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-4096);
  });
  return () =>
    /^.*(?:GGML_ASSERT|terminate called|out of memory).*$/m.exec(tail)?.[0].slice(0, 200) ?? '';
}
