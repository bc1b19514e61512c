import { AppError } from '../ipc/app-error.ts';
import type { EmbedRequest, Embeddings } from './embedder-port.ts';

export interface EmbedQueue {
  /** Throws 'cancelled', and what making a vector throws. */
  add(request: EmbedRequest, signal: AbortSignal): Promise<Embeddings>;
  /** Refuses what waits with 'cancelled'; resolves when nothing is under way any more. */
  end(): Promise<void>;
}

interface Job {
  readonly request: EmbedRequest;
  readonly vectors: Float32Array[];
  readonly cut: number[];
  done(error: unknown): void;
}

/**
 * One text after the other: a question's first, whoever came earlier; else in the order of asking. Between
 * two texts others get their turn, and a job that nobody waits for any more ends there.
 * @param make The vector of one text.
 */
export function createEmbedQueue(
  make: (text: string) => Promise<{ readonly vector: Float32Array; readonly isCut: boolean }>,
): EmbedQueue {
  const jobs: Job[] = [];
  let working: Promise<void> | null = null;

  const work = async (): Promise<void> => {
    for (;;) {
      const job = jobs.find(({ request }) => request.use === 'question') ?? jobs[0];
      if (job === undefined) return;
      const { vectors, cut, request } = job;
      const text = request.texts[vectors.length];
      if (text === undefined) {
        job.done(null);
        continue;
      }
      try {
        const { vector, isCut } = await make(text);
        if (isCut) cut.push(vectors.length);
        vectors.push(vector);
      } catch (error) {
        job.done(error);
      }
    }
  };

  return {
    add: (request, signal) =>
      new Promise((resolve, reject) => {
        const onAbort = (): void => job.done(cancelled());
        const job: Job = {
          ...{ request, vectors: [], cut: [] },
          done(error) {
            const at = jobs.indexOf(job);
            if (at === -1) return;
            jobs.splice(at, 1);
            signal.removeEventListener('abort', onAbort);
            if (error === null) resolve({ vectors: job.vectors, cut: job.cut });
            else reject(error as Error);
          },
        };
        jobs.push(job);
        if (signal.aborted) return onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
        working ??= work().finally(() => {
          working = null;
        });
      }),
    async end() {
      for (const job of [...jobs]) job.done(cancelled());
      await working;
    },
  };
}

function cancelled(): AppError {
  return new AppError('cancelled', 'nobody waits for these vectors');
}
