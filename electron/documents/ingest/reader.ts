import { Worker } from 'node:worker_threads';
import { AppError, fromErrorShape } from '../../ipc/app-error.ts';
import type { Passage } from '../index/chunk.ts';
import type { ParsedPage, ParserMessage, ParserRequest } from './parser.ts';

export interface ParsedDocument {
  readonly pages: readonly ParsedPage[];
  readonly passages: readonly Passage[];
}

/** Reads documents in a thread of its own, one at a time, under limits. */
export interface Reader {
  /**
   * Throws the parser's 'document-…' errors, and 'parser-timeout', 'parser-memory', 'parser-crashed' when
   * the thread had to be ended or died: that costs this document only. 'cancelled' by the signal.
   */
  read(request: ParserRequest, signal: AbortSignal): Promise<ParsedDocument>;
  close(): Promise<void>;
}

export interface ReaderLimits {
  /** Milliseconds without a sign of life, and altogether. */
  readonly stallMs: number;
  readonly totalMs: number;
  /** MiB of JavaScript heap. */
  readonly heapMiB: number;
}

export const defaultLimits: ReaderLimits = { stallMs: 60_000, totalMs: 15 * 60_000, heapMiB: 768 };

/** Beside this file in source, beside `out/documents/` when bundled. */
const defaultEntry = new URL(
  import.meta.url.endsWith('.ts') ? './parser.ts' : '../documents/parser.js',
  import.meta.url,
);

export function createReader(
  limits: ReaderLimits = defaultLimits,
  entry: URL = defaultEntry,
): Reader {
  let worker: Worker | null = null;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const start = (): Worker => {
    const made = new Worker(entry, {
      name: 'quarry-parser',
      // No environment, no command line flags: the parser needs none and could leak them into errors.
      env: {},
      execArgv: [],
      // Libraries print warnings that may quote the document: nobody reads them.
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMiB, maxYoungGenerationSizeMb: 64 },
    });
    made.stdout.resume();
    made.stderr.resume();
    made.unref();
    // Also between two documents: an error that nobody hears would end CORE.
    const forget = (): void => {
      if (worker === made) worker = null;
    };
    made.on('error', forget).on('exit', forget);
    return made;
  };

  const stop = async (): Promise<void> => {
    const ending = worker;
    worker = null;
    await ending?.terminate();
  };

  const readOne = async (request: ParserRequest, signal: AbortSignal): Promise<ParsedDocument> => {
    if (closed || signal.aborted) throw new AppError('cancelled', 'cancelled');
    const current = (worker ??= start());
    const pages: ParsedPage[] = [];
    const passages: Passage[] = [];
    const timers: { stall?: NodeJS.Timeout; total?: NodeJS.Timeout } = {};
    let detach = (): void => {};
    try {
      await new Promise<void>((resolve, reject) => {
        let failed = false;
        const fail = (error: AppError): void => {
          // The first reason counts: ending the thread is itself followed by its exit.
          if (failed) return;
          failed = true;
          // Ended before the answer, so that the next document finds no half-dead thread.
          void stop().then(() => reject(error));
        };
        const late = (): void => fail(new AppError('parser-timeout', 'the parser took too long'));
        const alive = (): void => {
          clearTimeout(timers.stall);
          timers.stall = setTimeout(late, limits.stallMs);
        };
        const onMessage = (message: ParserMessage): void => {
          alive();
          if (message.type === 'pages') pages.push(...message.pages);
          else if (message.type === 'passages') passages.push(...message.passages);
          else if (message.type === 'failed') reject(fromErrorShape(message.error));
          else if (message.type === 'done') resolve();
        };
        const onError = (error: unknown): void => {
          const full = (error as { code?: unknown }).code === 'ERR_WORKER_OUT_OF_MEMORY';
          fail(
            full
              ? new AppError('parser-memory', 'the parser ran out of memory')
              : new AppError('parser-crashed', 'the parser failed', { cause: error }),
          );
        };
        const onExit = (code: number): void =>
          fail(new AppError('parser-crashed', `the parser ended (${code})`));
        const onAbort = (): void => fail(new AppError('cancelled', 'cancelled'));
        current.on('message', onMessage).on('error', onError).on('exit', onExit);
        signal.addEventListener('abort', onAbort, { once: true });
        detach = () => {
          current.off('message', onMessage).off('error', onError).off('exit', onExit);
          signal.removeEventListener('abort', onAbort);
        };
        timers.total = setTimeout(late, limits.totalMs);
        alive();
        current.postMessage(request);
      });
    } finally {
      clearTimeout(timers.stall);
      clearTimeout(timers.total);
      detach();
    }
    return { pages, passages };
  };

  return {
    read(request, signal) {
      const mine = last.then(() => readOne(request, signal));
      last = mine.catch(() => {});
      return mine;
    },
    async close() {
      closed = true;
      await stop();
      await last;
    },
  };
}
