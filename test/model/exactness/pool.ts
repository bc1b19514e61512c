import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Sequence } from './operations.ts';
import type { Outcome } from './run.ts';

/** Runs sequences, one after another, in a process that may die of them. */
export interface Pool {
  run(sequence: Sequence): Promise<Outcome>;
  close(): Promise<void>;
}

const entry = fileURLToPath(new URL('./worker.ts', import.meta.url));
/** Sequences of one process: what it has learned of lineages is never forgotten. */
const perProcess = 15;
/** Milliseconds, more than any sequence takes on a busy machine. */
const limit = 30 * 60_000;

export async function createPool(): Promise<Pool> {
  const folder = await mkdtemp(join(tmpdir(), 'quarry-exactness-'));
  let child: ChildProcess | null = null;
  let done = 0;
  const end = async (): Promise<void> => {
    const ending = child;
    child = null;
    if (ending === null || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    ending.kill('SIGKILL');
    await gone;
  };
  return {
    async run(sequence) {
      if (done++ % perProcess === 0) await end();
      if (child === null || child.exitCode !== null || child.signalCode !== null) {
        child = fork(entry, [folder], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      }
      const running = child;
      return new Promise<Outcome>((resolve) => {
        const settle = (outcome: Outcome): void => {
          clearTimeout(timer);
          running.removeAllListeners('message').removeAllListeners('exit');
          resolve(outcome);
        };
        const lost = (failure: string): void => settle({ failure, operations: {}, counts: {} });
        let isLate = false;
        const timer = setTimeout(() => {
          isLate = true;
          void end();
        }, limit);
        running.on('message', (outcome: Outcome) => settle(outcome));
        running.on('exit', (code, signal) =>
          lost(isLate ? 'it did not end' : `the process ended with ${signal ?? code}`),
        );
        running.send(sequence);
      });
    },
    async close() {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
