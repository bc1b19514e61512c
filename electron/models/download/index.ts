import { dirname, join } from 'node:path';
import type { Clock, Ids, Log } from '../../core/ports.ts';
import { AppError } from '../../ipc/app-error.ts';
import * as store from '../../storage/repositories/downloads.ts';
import type { StoredDownload } from '../../storage/repositories/downloads.ts';
import type { Writer } from '../../storage/sql.ts';
import { diskFiles } from './files.ts';
import type { DownloadFailure } from './faults.ts';
import { diskFailure, Fatal } from './faults.ts';
import { createJob, partPath, quarantinePath, sidePattern } from './job.ts';
import type { Job } from './job.ts';
import { checkRequest } from './request.ts';
import type { DownloadTuning, Files, Http, Sleep } from './ports.ts';
import { usualTuning } from './ports.ts';
import { sleepFor, steady } from './time.ts';
import type { Download, DownloadRequest, Downloads } from './types.ts';
import { viewOf } from './view.ts';
import { wording } from './words.ts';

export type { Download, DownloadRequest, Downloads } from './types.ts';

export interface DownloadPorts {
  readonly db: Writer;
  readonly http: Http;
  readonly clock: Clock;
  readonly log: Log;
  readonly ids: Ids;
  readonly announcer: { changed(download: Download): void };
  /** Where finished files are. */
  readonly folder: string;
  readonly files?: Files;
  readonly sleep?: Sleep;
  readonly random?: () => number;
  readonly tuning?: Partial<DownloadTuning>;
}

const keptLines = 500;

export function createDownloads(ports: DownloadPorts): Downloads {
  const { db, clock, ids, folder } = ports;
  const files = ports.files ?? diskFiles;
  const tuning = { ...usualTuning, ...ports.tuning };
  const jobs = new Map<string, { job: Job; ended: Promise<void> }>();
  const waiters = new Map<string, Set<() => void>>();
  const starting = new Map<string, Promise<string>>();
  /** What ran when the program ended and is not this one's to go on with, until someone asks. */
  const held = new Set<string>();
  const now = steady(clock);
  let closed = false;

  /** Ends that a full disk kept from being written; they count until the next state is. */
  const unsaved = new Map<string, DownloadFailure>();
  const actual = (row: StoredDownload): StoredDownload => {
    const failure = unsaved.get(row.id);
    return failure === undefined ? row : { ...row, state: 'failed', failure };
  };
  const all = (): readonly StoredDownload[] => store.listDownloads(db).map(actual);
  const stored = (id: string): StoredDownload | undefined => {
    const row = store.getDownload(db, id);
    return row && actual(row);
  };

  const note = (
    id: string,
    event: string,
    facts: Readonly<Record<string, string | number>> = {},
  ): void => {
    store.addDownloadLog(db, id, { at: clock.now(), event, facts }, keptLines);
    ports.log.info(`download.${event}`, { id, ...facts });
  };

  const view = (row: StoredDownload): Download =>
    viewOf(db, folder, row, jobs.get(row.id)?.job, held.has(row.id));

  const announce = (id: string): void => {
    const row = stored(id);
    if (row !== undefined) ports.announcer.changed(view(row));
  };
  const setState = (
    id: string,
    state: StoredDownload['state'],
    failure: DownloadFailure | null = null,
  ): void => {
    store.setDownloadState(db, id, state, clock.now(), failure);
    unsaved.delete(id);
    announce(id);
  };
  const settle = (id: string): void => {
    for (const wake of waiters.get(id) ?? []) wake();
    waiters.delete(id);
  };
  const must = (id: string): StoredDownload => {
    const row = stored(id);
    if (row === undefined) throw new AppError('not-found', 'no such download');
    return row;
  };

  /** Bytes that the other unfinished ones still need on this disk. */
  const promised = (exceptId: string): number =>
    store
      .listDownloads(db)
      .filter(({ id, state }) => id !== exceptId && (state === 'active' || jobs.has(id)))
      .reduce((sum, row) => sum + Math.max(0, (row.bytes ?? 0) - view(row).done), 0);

  const run = async (id: string, job: Job): Promise<void> => {
    try {
      await job.run();
      setState(id, 'done');
    } catch (error) {
      const now = stored(id);
      // Paused, cancelled or closing: whoever stopped it has said what it is now.
      if (now === undefined || job.stopped()) return;
      const failure = error instanceof Fatal ? error.failure : (diskFailure(error) ?? 'internal');
      try {
        note(id, 'failed', { failure });
        setState(id, 'failed', failure);
      } catch {
        // The disk is so full that not even this can be written; after a restart it goes on by itself.
        unsaved.set(id, failure);
        ports.log.error('download.unsaved', { id });
      }
      if (failure === 'internal') {
        ports.log.error('download.internal', {
          id,
          reason: error instanceof Error ? error.name : 'unknown',
        });
      }
    }
  };

  const pump = (): void => {
    if (closed) return;
    for (const row of all()) {
      if (jobs.size >= tuning.active) return;
      if (row.state !== 'queued' || jobs.has(row.id) || held.has(row.id)) continue;
      const { id } = row;
      const job = createJob({
        row: () => must(id),
        db,
        http: ports.http,
        files,
        folder,
        tuning,
        sleep: ports.sleep ?? sleepFor,
        random: ports.random ?? Math.random,
        now,
        promised: () => promised(id),
        note: (event, facts) => note(id, event, facts),
        changed: () => announce(id),
      });
      store.setDownloadState(db, id, 'active', clock.now());
      const ended = run(id, job).finally(() => {
        jobs.delete(id);
        announce(id);
        settle(id);
        pump();
      });
      jobs.set(id, { job, ended });
      announce(id);
    }
  };

  const halt = async (id: string): Promise<void> => {
    const running = jobs.get(id);
    running?.job.stop();
    await running?.ended;
  };

  const begin = async (request: DownloadRequest): Promise<string> => {
    const path = join(folder, request.fileName);
    if ((await files.size(path)) !== null) {
      throw new AppError('model-exists', 'a file of that name is there', {
        detail: { file: request.fileName },
      });
    }
    const id = ids.next();
    db.transaction(() => {
      store.insertDownload(db, {
        id,
        subject: request.subject,
        url: request.url,
        fileName: request.fileName,
        sha256: request.sha256?.toLowerCase() ?? null,
        bytes: request.bytes,
        expectedEtag: request.etag ?? null,
        createdAt: clock.now(),
      });
      note(id, 'queued', { host: new URL(ports.http.start(request.url)).host });
    });
    announce(id);
    pump();
    return id;
  };

  return {
    async start(request) {
      checkRequest(request);
      const key = request.fileName.toLowerCase();
      const ahead = starting.get(key);
      if (ahead !== undefined) await ahead.catch(() => {});
      const same = store
        .listDownloads(db)
        .find((row) => row.state !== 'done' && row.fileName.toLowerCase() === key);
      if (same !== undefined) {
        const sha256 = request.sha256?.toLowerCase() ?? null;
        if (same.url !== request.url && (sha256 === null || same.sha256 !== sha256)) {
          throw new AppError('model-exists', 'another download has that name', {
            detail: { file: request.fileName },
          });
        }
        note(same.id, 'joined');
        this.resume(same.id);
        return same.id;
      }
      const begun = begin(request).finally(() => starting.delete(key));
      starting.set(key, begun);
      return begun;
    },
    async pause(id) {
      const row = must(id);
      if (row.state !== 'active' && row.state !== 'queued') return;
      held.delete(id);
      // First the state: a crash right after must not start it again.
      setState(id, 'paused');
      await halt(id);
      if (must(id).state !== 'paused') return;
      const done = view(must(id)).done;
      note(id, 'paused', { done });
      settle(id);
    },
    resume(id) {
      const row = must(id);
      if (row.state !== 'paused' && row.state !== 'failed' && !held.delete(id)) return;
      if (jobs.has(id)) {
        void jobs.get(id)?.ended.then(() => this.resume(id));
        return;
      }
      // A file that was fetched twice and is still wrong can only be begun anew.
      if (row.failure === 'wrong-bytes' || row.failure === 'changed') {
        store.resetDownload(db, id, { pass: 1, startOver: true });
      }
      try {
        note(id, 'resumed');
        setState(id, 'queued');
      } catch (error) {
        if (diskFailure(error) !== 'disk-full') throw error;
        throw new AppError('disk-full', 'there is still no room');
      }
      pump();
    },
    async cancel(id) {
      const row = must(id);
      try {
        if (row.state !== 'done') setState(id, 'paused');
      } catch (error) {
        // Just what makes room on a full disk.
        if (diskFailure(error) !== 'disk-full') throw error;
      }
      await halt(id);
      await Promise.all([partPath, quarantinePath].map((path) => files.remove(path(folder, row))));
      store.deleteDownload(db, id);
      unsaved.delete(id);
      ports.log.info('download.cancelled', { id });
      settle(id);
      pump();
    },
    list: () => all().map(view),
    log: (id) =>
      store.listDownloadLog(db, id).map((line) => ({
        ...line,
        text: wording(line.event, line.facts),
      })),
    first(id) {
      must(id);
      store.moveDownloadFirst(db, id);
      announce(id);
    },
    async recover(as = 'queued') {
      const rows = all();
      const goesOn: string[] = [];
      const again = (row: StoredDownload): void => {
        if (as === 'held') held.add(row.id);
        store.setDownloadState(db, row.id, as === 'held' ? 'queued' : as, clock.now());
        if (as !== 'queued') return;
        goesOn.push(row.id);
        note(row.id, 'went-on', { done: view(row).done });
      };
      for (const row of rows) {
        if (row.state === 'active' || row.state === 'queued') again(row);
        if (row.state !== 'finishing') continue;
        // Its hash was right; only the renaming or the word about it is missing.
        const there = await files.size(join(folder, row.fileName));
        const moved = there === row.bytes && (await files.size(sidePath(row))) === null;
        if (moved) store.setDownloadState(db, row.id, 'done', clock.now());
        else again(row);
      }
      const kept = new Set(rows.filter(({ state }) => state !== 'done').flatMap((row) => [row.id]));
      const folders = new Set([folder, ...rows.map((row) => dirname(join(folder, row.fileName)))]);
      for (const each of folders) {
        for (const name of await files.list(each).catch(() => [])) {
          const owner = sidePattern.exec(name)?.[1];
          if (owner !== undefined && !kept.has(owner)) await files.remove(join(each, name));
        }
      }
      pump();
      return goesOn;
    },
    wake() {
      for (const { job } of jobs.values()) job.wake();
    },
    async settled(id) {
      const row = stored(id);
      if (row === undefined) return null;
      if (jobs.has(id) || row.state === 'queued' || row.state === 'active') {
        await new Promise<void>((resolve) => {
          const all = waiters.get(id) ?? new Set();
          waiters.set(id, all.add(resolve));
        });
      }
      const now = stored(id);
      return now === undefined ? null : view(now);
    },
    async close() {
      closed = true;
      await Promise.all([...jobs.keys()].map(halt));
      for (const id of waiters.keys()) settle(id);
    },
  };

  function sidePath(row: StoredDownload): string {
    return row.pass === 2 ? quarantinePath(folder, row) : partPath(folder, row);
  }
}
