import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { MachineMeasure, MachineProbe } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import { environment } from './child.ts';

/** A driver that hangs must not hold the process for ever. */
const limitMs = 60_000;

/** Measures in a process that is thrown away afterwards. Throws 'engine-start-failed'. */
export function createMachineProbe(options: {
  /** The Node that runs it. */
  readonly nodePath: string;
  /** The process's entry; found from this file's place when left out. */
  readonly entry?: string;
}): MachineProbe {
  const { nodePath, entry = defaultEntry() } = options;
  return {
    measure: () =>
      new Promise<MachineMeasure>((resolve, reject) => {
        const child = spawn(nodePath, [entry], {
          stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
          env: environment(),
          windowsHide: true,
        });
        const force = setTimeout(() => child.kill('SIGKILL'), limitMs);
        let found: MachineMeasure | undefined;
        child.once('message', (message) => (found = message as MachineMeasure));
        const end = (): void => {
          clearTimeout(force);
          if (found !== undefined) resolve(found);
          else reject(new AppError('engine-start-failed', 'the measurement did not finish'));
        };
        child.once('error', end);
        child.once('close', end);
      }),
  };
}

/** Beside this file in the source; bundled, both stand in folders of their own (build/core-bundle.mjs). */
function defaultEntry(): string {
  const source = import.meta.url.endsWith('.ts');
  const path = source ? './measure-process.ts' : '../engine/measure-process.js';
  return fileURLToPath(new URL(path, import.meta.url));
}
