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
  let current: Waiting | null = null;
  let givesWay = false;
  let shown = false;

  const progress = (): WatchProgress => {
    const rest = queue.reduce((sum, one) => sum + one.bytes, current?.bytes ?? 0);
    const left = queue.length + (current === null ? 0 : 1);
    return {
      files: done.files,
      filesTotal: done.files + left,
      bytes: done.bytes,
      bytesTotal: done.bytes + rest,
      secondsLeft: pace.left(left, rest),
      current: current?.name ?? null,
      givesWay,
    };
  };

  const putBack = (id: string): void => {
    if (documents.get(id)?.state === 'reading') documents.setState(id, 'waiting', null);
  };

  const readAll = async (handle: TaskHandle, signal: AbortSignal): Promise<Ended> => {
    const skipped = new Set<string>();
    let failures = 0;
    const next = (): Waiting | undefined => {
      if (stale || queue.length === 0) {
        stale = false;
        queue = watched.unread(collectionId).filter(({ id }) => !skipped.has(id));
      }
      return queue.shift();
    };
    for (;;) {
      const job = next();
      if (job === undefined) break;
      current = job;
      handle.progress({
        done: done.files,
        total: done.files + queue.length + 1,
        current: job.name,
      });
      if (ports.isBusy()) {
        givesWay = true;
        ports.announce({ documents: false, always: true });
        await whileBusy(ports.isBusy, signal);
        givesWay = false;
      }
      if (!(await ports.isThere())) return 'away';
      const startedAt = performance.now();
      const error = await ingest.read(job.id, signal);
      if (error !== null) {
        putBack(job.id);
        if (!(await ports.isThere())) return 'away';
        if (toErrorShape(error).code === 'document-missing' && !missed.has(job.id)) {
          missed.add(job.id);
          skipped.add(job.id);
          continue;
        }
        ingest.noteFailure(job.id, error);
        failures += 1;
        handle.progress({ failures });
      }
      pace.note(job.bytes, performance.now() - startedAt);
      done = { files: done.files + 1, bytes: done.bytes + job.bytes };
      current = null;
      ports.announce({ documents: true, always: false });
      await nextTurn();
    }
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
        if (current !== null) putBack(current.id);
        if (stopping.signal.aborted) return 'stopped';
        if (handle.signal.aborted) return 'cancelled';
        throw error;
      } finally {
        shown = false;
        givesWay = false;
        current = null;
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
