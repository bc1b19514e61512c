import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { TaskHandle } from '../../core/ports.ts';
import { toErrorShape } from '../../ipc/app-error.ts';
import type { WatchProgress } from '../../ipc/contract/index.ts';
import type { DocumentsRepository } from '../../storage/repositories/documents.ts';
import type { WatchedRepository } from '../../storage/repositories/watched.ts';
import type { Ingest } from '../ingest/ingest.ts';
import { createPace } from './pace.ts';

export interface ReadingPorts {
  readonly collectionId: string;
  readonly documents: DocumentsRepository;
  readonly watched: WatchedRepository;
  readonly ingest: Ingest;
  /** An answer is being read or written. */
  readonly isBusy: () => boolean;
  /** Whether the folder can be read from; asked before each document and after each failure. */
  readonly isThere: () => Promise<boolean>;
  /** Something is shown differently now. `documents`: what the list shows, too. */
  readonly announce: (what: { readonly documents: boolean; readonly always: boolean }) => void;
}

export interface Reading {
  /** The work of a task: what waits in the collection, until nothing does. Throws what ends the task as failed. */
  run(handle: TaskHandle, find: ((signal: AbortSignal) => Promise<void>) | null): Promise<Ended>;
  /** Reads no further; what is unread stays noted. */
  stop(): void;
  /** What waits has changed. */
  refresh(): void;
  readonly progress: WatchProgress | null;
}

/** 'left': files went before they were read, a look will tell. 'away': the folder went. 'cancelled': by a person. */
export type Ended = 'done' | 'left' | 'stopped' | 'away' | 'cancelled';

/** Between two looks whether the answer is ready. */
const busyMs = 200;

/** Waits while an answer is being read or written. */
export async function whileBusy(isBusy: () => boolean, signal: AbortSignal): Promise<void> {
  while (isBusy()) await pause(busyMs, undefined, { signal });
}

type Waiting = ReturnType<WatchedRepository['unread']>[number];

export function createReading(ports: ReadingPorts): Reading {
  const { collectionId, documents, watched, ingest } = ports;
  const pace = createPace();
  /** Were not there when they were to be read: once is a file that goes, twice a disk that lies. */
  const missed = new Set<string>();
  let stopping = new AbortController();
  let stale = true;
  let queue: Waiting[] = [];
  let done = { files: 0, bytes: 0 };
  const inWork = new Map<string, Waiting>();
  let givesWay = false;
  let shown = false;

  const progress = (): WatchProgress => {
    const rest = [...inWork.values(), ...queue].reduce((sum, one) => sum + one.bytes, 0);
    const left = queue.length + inWork.size;
    return {
      files: done.files,
      filesTotal: done.files + left,
      bytes: done.bytes,
      bytesTotal: done.bytes + rest,
      secondsLeft: pace.left(left, rest),
      current: inWork.values().next().value?.name ?? null,
      givesWay,
    };
  };

  const putBack = (id: string): void => {
    if (documents.get(id)?.state === 'reading') documents.setState(id, 'waiting', null);
  };

  const readAll = async (handle: TaskHandle, outer: AbortSignal): Promise<Ended> => {
    const skipped = new Set<string>();
    const failing = new AbortController();
    const signal = AbortSignal.any([outer, failing.signal]);
    let failures = 0;
    let isAway = false;
    let notedAt = 0;
    const next = (): Waiting | undefined => {
      if (stale || queue.length === 0) {
        stale = false;
        const left = ({ id }: Waiting): boolean => !skipped.has(id) && !inWork.has(id);
        queue = watched.unread(collectionId).filter(left);
      }
      return queue.shift();
    };
    const begin = async (job: Waiting): Promise<boolean> => {
      handle.progress({
        done: done.files,
        total: done.files + queue.length + inWork.size,
        current: job.name,
      });
      if (ports.isBusy()) {
        givesWay = true;
        ports.announce({ documents: false, always: true });
        await whileBusy(ports.isBusy, signal);
        givesWay = false;
      }
      return await ports.isThere();
    };
    const end = async (job: Waiting, startedAt: number, error: unknown): Promise<void> => {
      if (error !== null) {
        putBack(job.id);
        if (!(await ports.isThere())) {
          isAway = true;
          return;
        }
        if (toErrorShape(error).code === 'document-missing' && !missed.has(job.id)) {
          missed.add(job.id);
          skipped.add(job.id);
          return;
        }
        ingest.noteFailure(job.id, error);
        failures += 1;
        handle.progress({ failures });
      }
      // Those beside it took the same time: it counts once.
      const now = performance.now();
      pace.note(job.bytes, now - Math.max(startedAt, notedAt));
      notedAt = now;
      done = { files: done.files + 1, bytes: done.bytes + job.bytes };
      ports.announce({ documents: true, always: false });
    };
    /** One after the other, so that documents are read in their order. */
    let begun: Promise<unknown> = Promise.resolve();
    const one = async (): Promise<boolean> => {
      const mine = begun.then(async () => {
        const job = isAway ? undefined : next();
        if (job === undefined) return null;
        inWork.set(job.id, job);
        try {
          if (await begin(job)) {
            return { job, at: performance.now(), read: ingest.read(job.id, signal) };
          }
          isAway = true;
        } catch (error) {
          failing.abort(error);
        }
        inWork.delete(job.id);
        return null;
      });
      begun = mine;
      const work = await mine;
      if (work === null) return false;
      const { job, at, read } = work;
      try {
        await end(job, at, await read);
      } catch (error) {
        putBack(job.id);
        failing.abort(error);
      } finally {
        inWork.delete(job.id);
      }
      await nextTurn();
      return !failing.signal.aborted && !isAway;
    };
    const lane = async (): Promise<void> => {
      while (await one());
    };
    await Promise.all(Array.from({ length: ingest.atOnce }, lane));
    if (failing.signal.aborted) throw failing.signal.reason;
    if (isAway) return 'away';
    handle.progress({ done: done.files, total: done.files, current: null });
    return skipped.size > 0 ? 'left' : 'done';
  };

  return {
    async run(handle, find) {
      stopping = new AbortController();
      const signal = AbortSignal.any([handle.signal, stopping.signal]);
      try {
        return await ingest.inTurn(async () => {
          signal.throwIfAborted();
          if (find !== null) await find(signal);
          done = { files: 0, bytes: 0 };
          stale = true;
          shown = true;
          ports.announce({ documents: true, always: true });
          return await readAll(handle, signal);
        });
      } catch (error) {
        if (stopping.signal.aborted) return 'stopped';
        if (handle.signal.aborted) return 'cancelled';
        throw error;
      } finally {
        shown = false;
        givesWay = false;
        inWork.clear();
        queue = [];
      }
    },
    stop: () => stopping.abort(),
    refresh: () => void (stale = true),
    get progress() {
      return shown ? progress() : null;
    },
  };
}
