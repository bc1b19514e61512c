import { spawn } from 'node:child_process';
import type { MachineMeasure, MachineProbe, TrialResult } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import { environment } from './child.ts';
import { entryOf } from './launch.ts';

/** A driver that hangs must not hold the process for ever. Cold shader caches take their time. */
const usualLimitMs = 90_000;

/** How a process ended, and the one message that it sent. */
interface Ended {
  readonly message: unknown;
  readonly how: 'message' | 'crashed' | 'timed-out' | 'not-started';
}

/** Measures and tries in processes that are thrown away afterwards. */
export function createMachineProbe(options: {
  /** The Node that runs them. */
  readonly nodePath: string;
  /** The process's entry; found from this file's place when left out. */
  readonly entry?: string;
  /** Milliseconds that one process may take. */
  readonly limitMs?: number;
}): MachineProbe {
  const { nodePath, entry = entryOf('measure-process'), limitMs = usualLimitMs } = options;

  const run = (...args: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const child = spawn(nodePath, [entry, ...args], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        env: environment(),
        windowsHide: true,
      });
      // One that a driver holds does not hear that we go.
      const leave = (): void => void child.kill('SIGKILL');
      process.once('exit', leave);
      let message: unknown;
      let how: Ended['how'] = 'crashed';
      const force = setTimeout(() => {
        how = 'timed-out';
        child.kill('SIGKILL');
      }, limitMs);
      child.once('message', (sent) => {
        message = sent;
        how = 'message';
        // What it had to say is said: a driver that hangs when it is let go holds nobody.
        clearTimeout(force);
        setTimeout(() => child.kill('SIGKILL'), 2_000).unref();
      });
      child.once('error', () => {
        if (child.pid === undefined) how = 'not-started';
      });
      child.once('close', () => {
        clearTimeout(force);
        process.off('exit', leave);
        resolve({ message, how });
      });
    });

  return {
    async measure() {
      const { message, how } = await run();
      if (how === 'message') return message as MachineMeasure;
      throw new AppError('engine-start-failed', 'the measurement did not finish');
    },
    async tryBackend(trial) {
      const { message, how } = await run(JSON.stringify(trial));
      if (how === 'message') return message as TrialResult;
      return { ok: false, reason: how === 'not-started' ? 'failed' : how };
    },
  };
}

/** Beside this file in the source; bundled, both stand in folders of their own (build/core-bundle.mjs). */
