import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { AppError, fromErrorShape } from '../../ipc/app-error.ts';
import type { Passage } from '../index/chunk.ts';
import type { ParsedPage, ParserMessage, ParserRequest, ParserTaken } from './parser.ts';
import type { ParsedDocument, ReaderLimits, ReadSteps } from './reader.ts';

/** One parser thread: started when it is needed, ended by a fault or after a rest. */
export interface Thread {
  /**
   * One document at a time; the next may be asked for from `parsed` on, while the last parcels of this one are taken.
   */
  read(request: ParserRequest, signal: AbortSignal, steps?: ThreadSteps): Promise<ParsedDocument>;
  stop(): Promise<void>;
}

export interface ThreadSteps extends ReadSteps {
  /** The thread has given all there is; not called where it had to be ended. */
  readonly parsed?: () => void;
}

export function createThread(limits: ReaderLimits, entry: URL): Thread {
  let worker: Worker | null = null;
  let rest: NodeJS.Timeout | undefined;

  const start = (): Worker => {
    // CORE itself is started with less (`coreFlags`), and V8 takes the flag before `resourceLimits` says more.
    setFlagsFromString('--max-semi-space-size=0');
    const made = new Worker(entry, {
      name: 'quarry-parser',
      // No environment, no command line flags: the parser needs none and could leak them into errors.
      env: {},
      execArgv: [],
      // Libraries print warnings that may quote the document: nobody reads them.
      stdout: true,
      stderr: true,
      // Its pages are never given back; with 16 html and docx take half as long again.
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMiB, maxYoungGenerationSizeMb: 32 },
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
    clearTimeout(rest);
    const ending = worker;
    worker = null;
    await ending?.terminate();
  };

  const restLater = (): void => {
    if (limits.idleMs === undefined) return;
    rest = setTimeout(() => void stop(), limits.idleMs);
    rest.unref();
  };

  const read: Thread['read'] = async (request, signal, steps = {}) => {
    clearTimeout(rest);
    const current = (worker ??= start());
    const pages: ParsedPage[] = [];
    const passages: Passage[] = [];
    const collect = (parcel: {
      pages: readonly ParsedPage[];
      passages: readonly Passage[];
    }): void => {
      pages.push(...parcel.pages);
      passages.push(...parcel.passages);
    };
    const take = steps.take ?? collect;
    const timers: { stall?: NodeJS.Timeout; total?: NodeJS.Timeout } = {};
    let leave = (): void => {};
    let unhear = (): void => {};
    let parsed = false;
    // Parcels are taken one after the other; the last one before the end counts too.
    let taken: Promise<void> = Promise.resolve();
    steps.begin?.();
    try {
      await new Promise<void>((resolve, reject) => {
        let failed = false;
        const fail = (error: unknown): void => {
          // The first reason counts: ending the thread is itself followed by its exit.
          if (failed) return;
          failed = true;
          // Ended before the answer, so that the next document finds no half-dead thread; unless it is at that already.
          void Promise.allSettled([parsed ? null : stop(), taken]).then(() =>
            reject(error as Error),
          );
        };
        /** The thread is free: what is left is to take what it gave. */
        const end = (): void => {
          parsed = true;
          leave();
          pause();
          steps.parsed?.();
        };
        const late = (): void => fail(new AppError('parser-timeout', 'the parser took too long'));
        const alive = (): void => {
          clearTimeout(timers.stall);
          timers.stall = setTimeout(late, limits.stallMs);
        };
        // Its own time counts: it may be waiting for us, who may be writing another document.
        let left = limits.totalMs;
        let since = performance.now();
        let untaken = 0;
        const goOn = (): void => {
          since = performance.now();
          timers.total = setTimeout(late, Math.max(0, left));
          alive();
        };
        const pause = (): void => {
          left -= performance.now() - since;
          clearTimeout(timers.total);
          clearTimeout(timers.stall);
        };
        const onParcel = (
          parcel: { pages: readonly ParsedPage[]; passages: readonly Passage[] },
          counted: boolean,
        ): void => {
          if (untaken === 0) pause();
          untaken += 1;
          taken = taken
            .then(() => (failed ? undefined : take(parcel)))
            .then(() => {
              if (counted) current.postMessage({ type: 'taken' } satisfies ParserTaken);
              untaken -= 1;
              if (untaken === 0 && !failed && !parsed) goOn();
            });
          taken.catch(fail);
        };
        const onMessage = (message: ParserMessage): void => {
          if (message.type === 'pages') {
            onParcel({ pages: message.pages, passages: [] }, message.counted === true);
            return;
          }
          if (message.type === 'passages') {
            onParcel({ pages: [], passages: message.passages }, message.counted === true);
            return;
          }
          if (untaken === 0) alive();
          if (message.type === 'failed') {
            // The thread is well: it goes on with the next document.
            failed = true;
            const error = fromErrorShape(message.error);
            void taken.finally(() => reject(error)).catch(() => {});
            end();
          } else if (message.type === 'done') {
            taken.then(resolve, fail);
            end();
          }
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
        leave = () => {
          current.off('message', onMessage).off('error', onError).off('exit', onExit);
          restLater();
        };
        unhear = () => signal.removeEventListener('abort', onAbort);
        goOn();
        current.postMessage(request);
      });
    } finally {
      clearTimeout(timers.stall);
      clearTimeout(timers.total);
      unhear();
      if (!parsed) leave();
    }
    return { pages, passages };
  };

  return { read, stop };
}
