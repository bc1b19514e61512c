import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker, isMainThread, parentPort } from 'node:worker_threads';
import { runTrial } from '../../native/backends.ts';
import type { BackendTrial, MachineMeasure } from '../core/ports.ts';
import { bestRate } from './read-rate.ts';

// A process that lives for one measurement, or for one trial of a backend: CORE must hold no native code,
// its own memory and heap must not be what is measured, and a driver may end or hold the process.

/** All threads together: far beyond the caches of usual processors, little enough for 4 GiB machines. */
const wholeBytes = 256 * 1024 * 1024;

/** The rate of so many threads that read at the same time, in bytes a second. */
async function together(threads: number, bytes: number): Promise<number> {
  const workers = Array.from(
    { length: threads },
    () => new Worker(fileURLToPath(import.meta.url), { execArgv: process.execArgv }),
  );
  try {
    const next = (worker: Worker) =>
      new Promise<unknown>((resolve, reject) => {
        worker.once('message', resolve);
        worker.once('error', reject);
      });
    const filled = workers.map(next);
    for (const worker of workers) worker.postMessage({ fill: bytes });
    await Promise.all(filled);
    // Only when all of them hold their bytes does the reading begin.
    const rates = workers.map(next);
    for (const worker of workers) worker.postMessage('read');
    return (await Promise.all(rates)).reduce<number>((sum, rate) => sum + Number(rate), 0);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

async function measure(): Promise<MachineMeasure> {
  const threads = availableParallelism();
  const one = await together(1, wholeBytes / 4);
  const all = threads === 1 ? one : await together(threads, Math.ceil(wholeBytes / threads));
  // One thread is also what all of them can do, where other programs disturbed the second reading.
  return { bandwidth: { one, all: Math.max(one, all), threads } };
}

if (isMainThread) {
  process.on('disconnect', () => process.exit(1));
  const [, , trial] = process.argv;
  const found = await (trial === undefined
    ? measure()
    : runTrial(JSON.parse(trial) as BackendTrial));
  process.send?.(found, () => process.exit(0));
} else {
  let bytes: Buffer | undefined;
  parentPort?.on('message', (message: 'read' | { fill: number }) => {
    if (message === 'read') parentPort?.postMessage(bytes ? bestRate(bytes) : 0);
    else {
      // Pages that were never written are all one page.
      bytes = Buffer.alloc(message.fill, 1);
      parentPort?.postMessage('filled');
    }
  });
}
