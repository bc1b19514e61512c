import { availableParallelism } from 'node:os';
import { AppError } from '../../ipc/app-error.ts';
import type { Passage } from '../index/chunk.ts';
import type { ParsedPage, ParserRequest } from './parser.ts';
import { parsingBytes } from './formats.ts';
import { createThread } from './thread.ts';
import type { Thread } from './thread.ts';

export interface ParsedDocument {
  readonly pages: readonly ParsedPage[];
  readonly passages: readonly Passage[];
}

/** Reads documents in threads of their own, one at a time in each, under limits. */
export interface Reader {
  /** Documents that it reads at once, at most; left out: one. */
  readonly threads?: number;
  /**
   * Throws the parser's 'document-…' errors, and 'parser-timeout', 'parser-memory', 'parser-crashed' when
   * the thread had to be ended or died: that costs this document only. 'cancelled' by the signal.
   * Documents are taken up in the order in which they are asked for.
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
  /** Milliseconds without a sign of life, and altogether; while a parcel waits to be taken none count. */
  readonly stallMs: number;
  readonly totalMs: number;
  /** MiB of JavaScript heap, of each thread. */
  readonly heapMiB: number;
  /** Threads at most. */
  readonly threads?: number;
  /** Bytes that are parsed at once (`parsingBytes`), so that memory stays the same; a document with more is alone. */
  readonly together?: number;
  /** Milliseconds after which a thread that has nothing to do is ended: its libraries hold memory. */
  readonly idleMs?: number;
}

/**
 * Two where there are two cores or more: each holds memory of its own, and all wait for the one thread that writes.
 * Where a thread has no priority of its own, one core is left to everything else.
 */
export function usualThreads(cores: number, platform: NodeJS.Platform): number {
  const free = platform === 'linux' ? cores : cores - 1;
  return Math.max(1, Math.min(free, 2));
}

export const defaultLimits: ReaderLimits = {
  stallMs: 60_000,
  totalMs: 15 * 60_000,
  heapMiB: 768,
  threads: usualThreads(availableParallelism(), process.platform),
  together: 1024 * 1024,
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
  const waiting: { readonly bytes: number; readonly take: (thread: Thread) => void }[] = [];
  const running = new Set<Promise<unknown>>();
  const { together = Infinity } = limits;
  let inWork = 0;
  let closed = false;

  /** One after the other: small documents do not overtake a large one, which would wait for ever. */
  const giveOut = (): void => {
    for (;;) {
      const next = waiting[0];
      const isFirst = free.length === threads.length;
      if (next === undefined || (!isFirst && inWork + next.bytes > together)) return;
      // The thread used last comes first: the others may end.
      const thread = free.pop();
      if (thread === undefined) return;
      // What the others hold of documents before is given back: this one may need as much as all may have.
      if (next.bytes > together) for (const idle of free) void idle.stop();
      waiting.shift();
      inWork += next.bytes;
      next.take(thread);
    }
  };

  const readOne: Reader['read'] = async (request, signal, steps) => {
    const bytes = parsingBytes(request.format, request.bytes ?? 0);
    const thread = await new Promise<Thread>((take) => {
      waiting.push({ bytes, take });
      giveOut();
    });
    let isFree = false;
    const giveBack = (): void => {
      if (isFree) return;
      isFree = true;
      inWork -= bytes;
      free.push(thread);
      giveOut();
    };
    try {
      if (closed || signal.aborted) throw new AppError('cancelled', 'cancelled');
      return await thread.read(request, signal, { ...steps, parsed: giveBack });
    } finally {
      giveBack();
    }
  };

  return {
    threads: threads.length,
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
