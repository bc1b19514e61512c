import { availableParallelism } from 'node:os';
import { AppError } from '../../ipc/app-error.ts';
import type { Passage } from '../index/chunk.ts';
import type { ParsedPage, ParserRequest } from './parser.ts';
import { createThread } from './thread.ts';
import type { Thread } from './thread.ts';

export interface ParsedDocument {
  readonly pages: readonly ParsedPage[];
  readonly passages: readonly Passage[];
}

/** Reads documents in threads of their own, one at a time in each, under limits. */
export interface Reader {
  /**
   * Throws the parser's 'document-…' errors, and 'parser-timeout', 'parser-memory', 'parser-crashed' when
   * the thread had to be ended or died: that costs this document only. 'cancelled' by the signal.
   *
   * @param steps.begin called when a thread takes the document up
   * @param steps.take called with each parcel, pages first; the thread goes on when few are not taken yet.
   *   Without it all of the document is the answer; with it the answer is empty.
   */
  read(request: ParserRequest, signal: AbortSignal, steps?: ReadSteps): Promise<ParsedDocument>;
  close(): Promise<void>;
}

export interface ReadSteps {
  readonly begin?: () => void;
  readonly take?: (parcel: ParsedDocument) => Promise<void> | void;
}

export interface ReaderLimits {
  /** Milliseconds without a sign of life, and altogether. */
  readonly stallMs: number;
  readonly totalMs: number;
  /** MiB of JavaScript heap, of each thread. */
  readonly heapMiB: number;
  /** Threads at most. */
  readonly threads?: number;
  /** Milliseconds after which a thread that has nothing to do is ended: its libraries hold memory. */
  readonly idleMs?: number;
}

/** One thread is left to everything else; more than four would only wait for the database. */
const usualThreads = Math.max(1, Math.min(4, availableParallelism() - 1));

export const defaultLimits: ReaderLimits = {
  stallMs: 60_000,
  totalMs: 15 * 60_000,
  heapMiB: 768,
  threads: usualThreads,
  idleMs: 30_000,
};

/** Beside this file in source, beside `out/documents/` when bundled. */
const defaultEntry = new URL(
  import.meta.url.endsWith('.ts') ? './parser.ts' : '../documents/parser.js',
  import.meta.url,
);

/** Threads are kept between documents: a small one does not pay for a start. */
export function createReader(
  limits: ReaderLimits = defaultLimits,
  entry: URL = defaultEntry,
): Reader {
  const threads = Array.from({ length: Math.max(1, limits.threads ?? 1) }, () =>
    createThread(limits, entry),
  );
  const free = [...threads];
  const waiting: ((thread: Thread) => void)[] = [];
  const running = new Set<Promise<unknown>>();
  let closed = false;

  const readOne: Reader['read'] = async (request, signal, steps) => {
    // The thread used last comes first: the others may end.
    const thread = free.pop() ?? (await new Promise<Thread>((resolve) => waiting.push(resolve)));
    try {
      if (closed || signal.aborted) throw new AppError('cancelled', 'cancelled');
      return await thread.read(request, signal, steps);
    } finally {
      const next = waiting.shift();
      if (next === undefined) free.push(thread);
      else next(thread);
    }
  };

  return {
    read(request, signal, steps) {
      const mine = readOne(request, signal, steps);
      const ended = mine.catch(() => {}).finally(() => running.delete(ended));
      running.add(ended);
      return mine;
    },
    async close() {
      closed = true;
      await Promise.all(threads.map((thread) => thread.stop()));
      await Promise.all(running);
    },
  };
}
