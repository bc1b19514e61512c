import type { Announcer, Clock, Log } from '../core/ports.ts';
import { toErrorShape } from '../ipc/app-error.ts';
import type { MemorySample } from '../ipc/contract/index.ts';
import type { LoadedProcess } from '../models/index.ts';
import { dropSamples, insertSample, thinSamples } from '../storage/repositories/memory.ts';
import type { Writer } from '../storage/sql.ts';
import type { Measured } from './measured.ts';

const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;

/** While a window looks: once a second as long as figures move, then more rarely. */
const brisk = { least: second, most: 4 * second };
/** Nobody looks: only so that the chart has no gaps. Turns and loads are sampled when they happen. */
const calm = { least: 5 * second, most: 2 * minute };
/** A window that asked this recently still looks. */
const looksFor = 10 * second;
/** After something happened: engines settle, and a burst of events is one sample. */
const settle = 100;
/** A change of resident memory below this is noise. */
const noiseBytes = 256 * 1024;

/** Older samples are thinned, so that the table stays small whatever happens. */
const thinning = [
  { from: day, to: 10 * minute, step: 10 * second },
  { from: 30 * day, to: day, step: 5 * minute },
] as const;
const keptFor = 30 * day;
const mostRows = 50_000;
const thinEvery = 10 * minute;

export interface Sampler {
  /** Somebody looks at the figures now. */
  looked(): void;
  /** Something happened that moves them. */
  wake(): void;
  close(): Promise<void>;
}

/** Takes samples of every loaded model into the database and keeps the table small. */
export function createSampler(ports: {
  readonly db: Writer;
  readonly clock: Clock;
  readonly announcer: Announcer;
  readonly log: Log;
  loaded(): readonly LoadedProcess[];
  measure(entry: LoadedProcess): Promise<Measured>;
  /** Every sample that was taken. */
  onSample(measured: Measured): void;
}): Sampler {
  const { db, clock, log } = ports;
  const last = new Map<string, MemorySample>();
  let pauseMs: number = calm.least;
  let lookedAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Infinity;
  let sampling: Promise<void> | undefined;
  let thinnedAt = -Infinity;
  let woken = false;
  let closed = false;

  const pace = (): typeof brisk | typeof calm =>
    performance.now() - lookedAt < looksFor ? brisk : calm;

  /** @returns true where a figure moved. */
  const sampleOne = async (entry: LoadedProcess): Promise<boolean> => {
    const measured = await ports.measure(entry);
    const { sample } = measured;
    const before = last.get(entry.model.id);
    last.set(entry.model.id, sample);
    insertSample(db, sample);
    ports.onSample(measured);
    ports.announcer.push('memory.changed', { modelId: entry.model.id });
    return before === undefined || before.pid !== sample.pid || differs(before, sample);
  };

  const sampleAll = async (): Promise<void> => {
    const moved = await Promise.all(
      ports.loaded().map((entry) =>
        sampleOne(entry).catch((error: unknown) => {
          // The engine may end while it is asked: that is not this feature's news.
          const { code } = toErrorShape(error);
          if (code !== 'engine-crashed') log.warn('memory.sample', { code });
          return false;
        }),
      ),
    );
    const { least, most } = pace();
    pauseMs = moved.includes(true) ? least : Math.min(most, Math.max(least, pauseMs * 2));
    // A clock that was set back must not keep the table from being thinned.
    if (Math.abs(clock.now() - thinnedAt) > thinEvery) thin();
  };

  const thin = (): void => {
    const now = clock.now();
    thinnedAt = now;
    db.transaction(() => {
      for (const { from, to, step } of thinning) thinSamples(db, now - from, now - to, step);
      // Of a time that is yet to come: the clock was ahead when they were taken.
      thinSamples(db, now + minute, now + keptFor + 1, 5 * minute);
      dropSamples(db, now - keptFor, mostRows, now + keptFor);
    });
  };

  const tick = (): void => {
    timer = undefined;
    if (closed || ports.loaded().length === 0) return;
    sampling = sampleAll()
      .catch((error: unknown) => {
        log.error('memory.sample', { code: toErrorShape(error).code });
      })
      .finally(() => {
        sampling = undefined;
        const soon = woken;
        woken = false;
        schedule(soon ? settle : pauseMs);
      });
  };
  const schedule = (ms: number): void => {
    if (closed || timer !== undefined || sampling !== undefined) return;
    dueAt = performance.now() + ms;
    timer = setTimeout(tick, ms);
    timer.unref();
  };
  /** Never later than it would have come anyway. */
  const hurry = (ms: number): void => {
    if (timer !== undefined && dueAt <= performance.now() + ms) return;
    if (timer !== undefined) clearTimeout(timer);
    timer = undefined;
    schedule(ms);
  };

  return {
    looked() {
      const looking = pace() === brisk;
      lookedAt = performance.now();
      if (looking) return;
      pauseMs = brisk.least;
      hurry(pauseMs);
    },
    wake() {
      woken = sampling !== undefined;
      pauseMs = pace().least;
      hurry(settle);
    },
    async close() {
      closed = true;
      if (timer !== undefined) clearTimeout(timer);
      await sampling;
    },
  };
}

function differs(before: MemorySample, now: MemorySample): boolean {
  const parts = ['weights', 'kv', 'recurrent', 'compute', 'output', 'checkpoints'] as const;
  return (
    Math.abs(before.resident - now.resident) > noiseBytes ||
    parts.some((part) => before[part] !== now[part])
  );
}
