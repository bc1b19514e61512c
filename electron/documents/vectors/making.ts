import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../core/ports.ts';
import type { EmbedderLook, EmbedderProvider } from '../../engine/embedder-port.ts';
import { toErrorShape } from '../../ipc/app-error.ts';
import type { ErrorShape } from '../../ipc/contract/index.ts';
import type { DuePassage, VectorsRepository } from '../../storage/repositories/vectors.ts';
import { calibrate } from './alike.ts';
import { embedBy } from './embed.ts';
import { pack } from './packed.ts';

export interface MakingPorts {
  readonly store: VectorsRepository;
  readonly provider: EmbedderProvider;
  readonly log: Log;
  /** An answer is written, or documents are read: vectors wait. */
  readonly isBusy: () => boolean;
  /** More vectors are there, or none can be made for now. */
  readonly announce: () => void;
  /** Milliseconds; others in tests. */
  readonly timing?: Partial<MakingTiming>;
}

export interface MakingTiming {
  /** Between a sign of change and the work. */
  readonly rest: number;
  /** Between two looks whether others are done. */
  readonly busy: number;
  /** After a failure; twice as long after each further one, up to `longest`. */
  readonly again: number;
  readonly longest: number;
  /** That one request should take: what waits behind it, waits so long. */
  readonly request: number;
}

export const usualMakingTiming: MakingTiming = {
  rest: 400,
  busy: 200,
  again: 5000,
  longest: 600_000,
  request: 400,
};

/** Makes the vectors that are missing, in the background. Every step is a transaction: an end at any point loses one request. */
export interface Making {
  /** Something may have changed: passages, the model, a pause. Returns at once. */
  wake(): void;
  /** Why no vectors are made for now; null while all goes well. */
  problem(): ErrorShape | null;
  close(): Promise<void>;
}

const clearedAtOnce = 200;
const mostAtOnce = 64;
const beyond = Number.MAX_SAFE_INTEGER;

/** What a vector is made of: headings above, the header of a cut table, the text (`index/chunk.ts`). */
export const passageText = ({ heading, lead, text }: DuePassage): string =>
  [heading ?? '', lead, text].filter((part) => part !== '').join('\n');

export function createMaking(ports: MakingPorts): Making {
  const { store, provider, log, announce } = ports;
  const timing = { ...usualMakingTiming, ...ports.timing };
  const closing = new AbortController();
  let problem: ErrorShape | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  /** Aborted where waiting has no more sense: another model. */
  let waiting = new AbortController();
  let failures = 0;
  let atOnce = 8;

  const isStill = (look: EmbedderLook): boolean =>
    provider.look()?.fingerprint === look.fingerprint;

  const free = async (): Promise<void> => {
    while (ports.isBusy()) await pause(timing.busy, undefined, { signal: closing.signal });
  };

  const embed = ({ fingerprint }: EmbedderLook, texts: readonly string[]) =>
    embedBy(provider, fingerprint, { texts, use: 'passage' }, closing.signal);

  const request = async (
    look: EmbedderLook,
    model: number,
    batch: readonly DuePassage[],
  ): Promise<void> => {
    const from = performance.now();
    const vectors = await embed(look, batch.map(passageText));
    if (vectors === null || !isStill(look)) return;
    store.keep(
      model,
      batch.flatMap((of, index) => {
        const vector = vectors[index];
        return vector === undefined ? [] : [{ of, packed: pack(vector) }];
      }),
    );
    const took = Math.max(1, performance.now() - from);
    const fitting = Math.round((batch.length * timing.request) / took);
    atOnce = Math.max(1, Math.min(mostAtOnce, batch.length * 2, fitting));
    failures = 0;
    problem = null;
  };

  /** One pass over what is due. @returns whether the model in use stayed the same */
  const pass = async (look: EmbedderLook): Promise<void> => {
    const { id } = store.useModel(look.fingerprint);
    while (store.clearOthers(id, clearedAtOnce)) {
      await free();
      await nextTurn();
      closing.signal.throwIfAborted();
    }
    let below: number | null = beyond;
    while (below !== null && isStill(look)) {
      await free();
      closing.signal.throwIfAborted();
      const { passages: batch, next } = store.due(below, atOnce);
      if (batch.length === 0) {
        below = next;
        await nextTurn();
        continue;
      }
      try {
        await request(look, id, batch);
        below = next;
      } catch (error) {
        closing.signal.throwIfAborted();
        if (!isStill(look)) return;
        if (toErrorShape(error).code === 'cancelled') {
          // The model was exchanged and exchanged back meanwhile: its new process makes them.
          again = true;
          return;
        }
        await failed(error, batch);
      }
      announce();
    }
    if (!isStill(look) || store.anyDue()) return;
    await calibrate({
      store,
      model: store.useModel(look.fingerprint),
      embed: async (texts) => {
        await free();
        return embed(look, texts);
      },
    });
  };

  const failed = async (error: unknown, batch: readonly DuePassage[]): Promise<void> => {
    failures += 1;
    problem = toErrorShape(error);
    log.warn('vectors.failed', { code: problem.code, passages: batch.length });
    // A passage that ends the model's process must not keep all others from their vectors: each alone, then without it.
    const [first] = batch;
    const isItsOwn = problem.code === 'engine-crashed' || problem.code === 'internal';
    if (isItsOwn && batch.length === 1 && first !== undefined) store.markFailed(first.rowid);
    if (isItsOwn) atOnce = 1;
    announce();
    const ms = Math.min(timing.longest, timing.again * 2 ** Math.min(20, failures - 1));
    waiting = new AbortController();
    const signal = AbortSignal.any([closing.signal, waiting.signal]);
    await pause(ms, undefined, { signal }).catch(() => {});
  };

  const work = async (): Promise<void> => {
    do {
      await pause(timing.rest, undefined, { signal: closing.signal });
      again = false;
      const look = provider.look();
      if (look === null) problem = null;
      else await pass(look);
      announce();
    } while (again);
  };

  const wake = (): void => {
    again = true;
    if (running !== null || closing.signal.aborted) return;
    running = work()
      .catch((error: unknown) => {
        if (closing.signal.aborted) return;
        problem = toErrorShape(error);
        log.warn('vectors.ended', { code: problem.code });
      })
      .finally(() => {
        running = null;
      });
  };

  const off = provider.onChange(() => {
    failures = 0;
    problem = null;
    waiting.abort();
    wake();
  });

  return {
    wake,
    problem: () => problem,
    async close() {
      off();
      closing.abort();
      await running;
    },
  };
}
