import { Worker } from 'node:worker_threads';
import type { WriteBackRequest } from './write-back-thread.ts';

/**
 * Writes the write-ahead log back into the database's file in a thread of its own. SQLite does that within the commit
 * that fills the log, and whoever commits waits for the disk, for as long as which nobody else in the process has a
 * turn (`npm run bench indexing -- --only=none`: what others waited).
 */
export interface WriteBack {
  /**
   * One of many parts was written: resolves at once, or when what has come together is in the file.
   * @param size 1 = some 250 pages of the log
   */
  written(size: number): Promise<void>;
  /** SQLite writes back by itself again; nothing of the thread is left in the way of a close. */
  close(): void;
}

export interface WriteBackOptions {
  readonly file: string;
  /** Sets how many pages the log may hold before a commit writes them back itself. */
  readonly limit: (pages: number) => void;
  /** The thread's own program: tests. */
  readonly entry?: URL;
  /** Milliseconds without a part after which the thread ends. */
  readonly restMs?: number;
}

/** Parts of a document, with what they bring with them: about a thousand pages of the log. */
export const partsAtOnce = 4;
/** SQLite's own limit, and the one for the case that the thread does not keep up: 32 MB of log. */
const [ownLimit, lastLimit] = [1000, 8000];

const programEntry = new URL(
  import.meta.url.endsWith('.ts') ? './write-back-thread.ts' : '../storage/write-back.js',
  import.meta.url,
);

export function createWriteBack({
  file,
  limit,
  entry = programEntry,
  restMs = 5000,
}: WriteBackOptions): WriteBack {
  let worker: Worker | null = null;
  /** Resolves `working`: the thread has answered, or is gone. */
  let answered = (): void => {};
  let working: Promise<void> | null = null;
  let rest: NodeJS.Timeout | undefined;
  let parts = 0;
  /** The thread cannot be had here: SQLite does it, as it would have. */
  let isGivenUp = false;

  const end = (): void => {
    clearTimeout(rest);
    const ending = worker;
    worker = null;
    answered();
    if (ending === null) return;
    limit(ownLimit);
    // Not `terminate`: what SQLite is doing in it comes to its end, and its connection is closed by itself.
    ending.postMessage('end' satisfies WriteBackRequest);
    ending.unref();
  };
  const start = (): Worker => {
    const made = new Worker(entry, { name: 'quarry-write-back', env: {}, execArgv: [] });
    made.on('message', () => {
      made.unref();
      answered();
    });
    // An error that nobody hears would end CORE; the end of the thread follows it.
    made.on('error', () => {});
    made.on('exit', () => {
      if (worker !== made) return;
      isGivenUp = true;
      end();
    });
    limit(lastLimit);
    return made;
  };
  const writeBack = (): Promise<void> =>
    new Promise((resolve) => {
      answered = resolve;
      const thread = (worker ??= start());
      // Whoever waits has nothing else that keeps the process.
      thread.ref();
      thread.postMessage({ file } satisfies WriteBackRequest);
    });

  return {
    async written(size) {
      parts += size;
      if (isGivenUp || parts < partsAtOnce) return;
      clearTimeout(rest);
      working ??= writeBack().finally(() => {
        parts = 0;
        working = null;
      });
      await working;
      clearTimeout(rest);
      rest = setTimeout(end, restMs);
      rest.unref();
    },
    close: end,
  };
}
