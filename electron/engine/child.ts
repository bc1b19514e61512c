import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Log } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import type { Client } from '../ipc/client.ts';
import { createClient } from '../ipc/client.ts';
import { processTransport } from '../ipc/process-transport.ts';
import type { ContractShape } from '../ipc/shape.ts';
import type { EngineContract } from './channel.ts';
import { oomKills } from './oom-kills.ts';
import type { EngineExit } from './port.ts';

/**
 * A third of V8's young generation. With Node's own 16 a process keeps up to 20 MB of garbage more or less,
 * which no prediction can know of.
 */
const youngMegabytes = 4;

/** A running ENGINE process as its parent sees it. */
export interface EngineProcess<C extends ContractShape = EngineContract> {
  readonly client: Client<C>;
  /** Does what it is given; a line that broke becomes 'engine-crashed' with the way the process ended. */
  ask<T>(work: () => Promise<T>): Promise<T>;
  kill(): void;
  /** Marks the end that follows as asked for. */
  expectExit(): void;
  /** Resolves when the operating system has taken the process back. */
  readonly gone: Promise<EngineExit>;
  readonly exit: EngineExit | null;
}

/** Starts the process; that it could not be started shows in `gone` and in every `ask`. */
export function startEngineProcess<C extends ContractShape = EngineContract>(options: {
  readonly nodePath: string;
  readonly entry: string;
  readonly log: Log;
}): EngineProcess<C> {
  const { nodePath, entry, log } = options;
  const child = spawn(nodePath, [`--max-semi-space-size=${youngMegabytes}`, entry], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: environment(),
    windowsHide: true,
  });
  const complaint = lastComplaint(child);
  const killsBefore = oomKills();
  let expected = false;
  let exit: EngineExit | null = null;
  let startError: Error | null = null;

  const gone = new Promise<EngineExit>((resolve) => {
    const end = (code: number | null, signal: string | null): void => {
      if (exit) return;
      const kills = signal === 'SIGKILL' && !expected ? oomKills() : null;
      const outOfMemory = kills !== null && kills > (killsBefore ?? 0);
      exit = { code, signal, expected, ...(outOfMemory && { outOfMemory }) };
      if (!expected) {
        log.error('engine.exit', { code: code ?? -1, signal: signal ?? '', note: complaint() });
      }
      resolve(exit);
    };
    child.on('exit', end);
    child.on('error', (error) => {
      startError = error;
      if (child.pid === undefined) end(null, null);
    });
  });

  const lost = async (): Promise<AppError> => {
    const { code, signal, outOfMemory } = await gone;
    if (startError) {
      return new AppError('engine-start-failed', 'the engine process did not start', {
        cause: startError,
      });
    }
    const how = signal === null ? `code ${code ?? 'unknown'}` : `signal ${signal}`;
    return new AppError('engine-crashed', `the engine process ended with ${how}`, {
      detail: {
        ...(signal === null ? { code: code ?? -1 } : { signal }),
        ...(outOfMemory === true && { reason: 'memory' }),
      },
    });
  };

  return {
    client: createClient<C>(processTransport(child), { lost: 'engine-crashed' }),
    gone,
    get exit() {
      return exit;
    },
    async ask(work) {
      if (exit) throw await lost();
      try {
        return await work();
      } catch (error) {
        if (error instanceof AppError && error.code === 'engine-crashed') throw await lost();
        throw error;
      }
    },
    kill: () => void child.kill('SIGKILL'),
    expectExit() {
      expected = true;
    },
  };
}

/** Options meant for the parent's Node must not reach the child's. */
export function environment(): NodeJS.ProcessEnv {
  const env = { ...process.env };
  for (const name of Object.keys(env)) {
    if (name === 'NODE_OPTIONS' || name === 'VITEST' || name.startsWith('ELECTRON_')) {
      delete env[name];
    }
  }
  // glibc gives each thread a heap of its own and keeps what was freed in it: tens of megabytes after
  // a load, more or less of them each time.
  env.MALLOC_ARENA_MAX ??= '1';
  // Weights in huge pages where the system gives them on request: every token reads all of
  // them, and the way to pages of 4 KiB takes time too. Other systems pass this over.
  env.GLIBC_TUNABLES ??= 'glibc.malloc.hugetlb=1';
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
