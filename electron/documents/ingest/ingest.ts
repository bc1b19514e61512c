import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Announcer, Clock, Ids, Log, TaskHandle } from '../../core/ports.ts';
import { AppError, toErrorShape } from '../../ipc/app-error.ts';
import type { DocumentFormat } from '../../ipc/contract/index.ts';
import type { DocumentsRepository, StoredDocument } from '../../storage/repositories/documents.ts';
import { explainFileError, fingerprint } from './fingerprint.ts';
import type { Copies, Fingerprint } from './fingerprint.ts';
import { sizeLimitOf } from './formats.ts';
import type { ParsedDocument, Reader } from './reader.ts';
import { findFiles } from './walk.ts';
import type { FoundFile } from './walk.ts';

export interface IngestPorts {
  readonly documents: DocumentsRepository;
  readonly copies: Copies;
  readonly reader: Reader;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export interface Ingest {
  /**
   * Reads files and folders, or documents left over from an earlier run, into a collection. One that
   * fails is counted and does not stop the rest. Runs wait for each other.
   */
  run(
    collectionId: string,
    from: { readonly paths: readonly string[] } | { readonly left: readonly StoredDocument[] },
    handle: TaskHandle,
  ): Promise<void>;
  /** Does `work` as a run: when those before it have ended, and before those after it. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /**
   * Reads one document; for work that has its turn. Why it failed is the answer, and not noted yet; thrown are
   * 'cancelled' and 'disk-full'. Null: it was read, or is gone.
   */
  read(documentId: string, signal: AbortSignal): Promise<unknown>;
  noteFailure(documentId: string, error: unknown): void;
  /** After a stop: none of these stays "waiting". */
  giveUp(documentIds: readonly string[]): void;
  /** Does `work` before the next run. */
  before(work: () => Promise<void>): void;
  /** Ends what runs; what was not read yet stays noted and is read at the next start. */
  close(): Promise<void>;
}

/** Between two announcements of the collection while it fills. */
const announceMs = 400;
/** Rows written before others get their turn. */
const rowsPerTurn = 200;
const pagesPerTurn = 50;
const passagesPerTurn = 120;

interface Job {
  readonly path: string;
  readonly format: DocumentFormat;
  readonly documentId: string;
}

export function createIngest(ports: IngestPorts): Ingest {
  const { documents, copies, reader, log } = ports;

  /** Notes every new file as waiting, so that the view shows what is to come. */
  const register = async (
    collectionId: string,
    files: readonly FoundFile[],
    signal: AbortSignal,
  ): Promise<Job[]> => {
    const jobs: Job[] = [];
    const seen = new Set<string>();
    for (const file of files) {
      if (seen.has(file.path)) continue;
      seen.add(file.path);
      if (jobs.length % rowsPerTurn === rowsPerTurn - 1) {
        await nextTurn();
        signal.throwIfAborted();
      }
      const known = documents.byPath(collectionId, file.path);
      const documentId = known?.id ?? ports.ids.next();
      if (known === undefined) {
        documents.addWaiting({
          id: documentId,
          collectionId,
          name: basename(file.path),
          path: file.path,
          format: file.format,
          bytes: file.bytes,
          modifiedAt: file.modifiedAt,
          at: ports.clock.now(),
        });
      }
      jobs.push({ path: file.path, format: file.format, documentId });
    }
    return jobs;
  };

  const readOne = async (job: Job, signal: AbortSignal): Promise<void> => {
    const before = documents.get(job.documentId);
    if (before === undefined) return;
    const limit = sizeLimitOf(job.format);
    const { size } = await stat(job.path).catch((error: unknown) => {
      throw explainFileError(error);
    });
    if (size > limit) {
      throw new AppError('document-too-large', 'the file is larger than the limit', {
        detail: { bytes: size, limit },
      });
    }
    if (before.passages > 0) {
      const now = await fingerprint(job.path, signal);
      if (now.sha256 === before.sha256 && (await copies.has(before.sha256, before.format))) {
        if (before.modifiedAt !== now.modifiedAt)
          documents.setModified(job.documentId, now.modifiedAt);
        if (before.state !== 'ready' || before.error !== null) {
          documents.setState(job.documentId, 'ready', null);
        }
        return;
      }
    }
    documents.setState(job.documentId, 'reading', null);
    const file = await copies.keep(job.path, job.format, signal);
    let kept = false;
    try {
      const parsed = await reader.read(
        { path: copies.pathOf(file.sha256, job.format), format: job.format, sha256: file.sha256 },
        signal,
      );
      kept = await write(before, file, parsed, signal);
    } finally {
      copies.release(file.sha256, job.format);
      if (!kept && !documents.usesContent(file.sha256, job.format)) {
        await copies.drop(file.sha256, job.format);
      }
    }
    const replaced = before.sha256 !== '' && before.sha256 !== file.sha256;
    if (replaced && !documents.usesContent(before.sha256, before.format)) {
      await copies.drop(before.sha256, before.format);
    }
  };

  /**
   * A document that was there before changes at once, in one transaction. A new one that is large
   * comes in parts with turns for others between; until the last part it does not count as read, and
   * after a crash it is read again.
   */
  const write = async (
    before: StoredDocument,
    file: Fingerprint,
    { pages, passages }: ParsedDocument,
    signal: AbortSignal,
  ): Promise<boolean> => {
    const { id } = before;
    if (
      before.passages > 0 ||
      (passages.length <= passagesPerTurn && pages.length <= pagesPerTurn)
    ) {
      return documents.replaceContent(id, file, pages, passages);
    }
    documents.clearContent(id);
    for (let at = 0; at < pages.length; at += pagesPerTurn) {
      if (!documents.appendContent(id, at + 1, pages.slice(at, at + pagesPerTurn), []))
        return false;
      await nextTurn();
      signal.throwIfAborted();
    }
    for (let at = 0; at < passages.length; at += passagesPerTurn) {
      const part = passages.slice(at, at + passagesPerTurn);
      if (!documents.appendContent(id, pages.length + 1, [], part)) return false;
      await nextTurn();
      signal.throwIfAborted();
    }
    return documents.finishContent(id, file);
  };

  /** What was read before stays usable when reading it again fails; the error stands beside it. */
  const noteFailure = (job: Job, error: unknown): void => {
    const shape = toErrorShape(error);
    const before = documents.get(job.documentId);
    const usable = (before?.passages ?? 0) > 0;
    if (!usable) documents.clearContent(job.documentId);
    documents.setState(job.documentId, usable ? 'ready' : 'failed', {
      ...shape,
      detail: { ...shape.detail, file: basename(job.path) },
    });
    log.warn('document.failed', { format: job.format, code: shape.code });
  };

  /** After a stop nothing stays "waiting": what was never read leaves, what was read before is ready. */
  const giveUp = (jobs: readonly Job[]): void => {
    for (const job of jobs) {
      const document = documents.get(job.documentId);
      if (
        document === undefined ||
        (document.state !== 'waiting' && document.state !== 'reading')
      ) {
        continue;
      }
      if (document.passages > 0) documents.setState(job.documentId, 'ready', null);
      else documents.remove(job.documentId);
    }
  };

  /** Files below all the paths; a path that cannot be read counts as one failure unless it is the only one. */
  const findAll = async (
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<{ files: FoundFile[]; failures: number }> => {
    const files: FoundFile[] = [];
    let failures = 0;
    for (const path of paths) {
      try {
        files.push(...(await findFiles(path, signal)));
      } catch (error) {
        if (signal.aborted || paths.length === 1) throw error;
        failures += 1;
        log.warn('document.failed', { code: toErrorShape(error).code });
      }
    }
    return { files, failures };
  };

  const jobOf = (documentId: string): Job[] => {
    const row = documents.get(documentId);
    return row === undefined ? [] : [{ documentId, path: row.path, format: row.format }];
  };

  const closing = new AbortController();
  let last: Promise<unknown> = Promise.resolve();

  const runNow: Ingest['run'] = async (collectionId, from, handle) => {
    const signal = AbortSignal.any([handle.signal, closing.signal]);
    let announcedAt = -Infinity;
    const announce = (always: boolean): void => {
      const now = ports.clock.now();
      const passed = now - announcedAt;
      if (!always && passed >= 0 && passed < announceMs) return;
      announcedAt = now;
      ports.announcer.push('documents.changed', { collectionId });
    };
    let jobs: readonly Job[] = [];
    let failures = 0;
    let next = 0;
    try {
      signal.throwIfAborted();
      if ('left' in from) {
        jobs = from.left.map(({ id, path, format }) => ({ documentId: id, path, format }));
      } else {
        const found = await findAll(from.paths, signal);
        failures = found.failures;
        jobs = await register(collectionId, found.files, signal);
      }
      announce(true);
      handle.progress({ total: jobs.length, done: 0, failures });
      for (; next < jobs.length; next += 1) {
        signal.throwIfAborted();
        const job = jobs[next] as Job;
        handle.progress({ done: next, current: basename(job.path) });
        try {
          await readOne(job, signal);
        } catch (error) {
          // No room for this one means no room for any: each would fail in its turn.
          if (signal.aborted || toErrorShape(error).code === 'disk-full') throw error;
          noteFailure(job, error);
          failures += 1;
          handle.progress({ failures });
        }
        announce(false);
        await nextTurn();
      }
      handle.progress({ done: jobs.length, current: null });
    } catch (error) {
      if (!closing.signal.aborted) giveUp(jobs.slice(next));
      throw error;
    } finally {
      if (!closing.signal.aborted) announce(true);
    }
  };

  return {
    run(collectionId, from, handle) {
      const mine = last.then(() => runNow(collectionId, from, handle));
      last = mine.catch(() => {});
      return mine;
    },
    inTurn(work) {
      const mine = last.then(work);
      last = mine.catch(() => {});
      return mine;
    },
    async read(documentId, signal) {
      const either = AbortSignal.any([signal, closing.signal]);
      try {
        either.throwIfAborted();
        for (const job of jobOf(documentId)) await readOne(job, either);
        return null;
      } catch (error) {
        if (either.aborted || toErrorShape(error).code === 'disk-full') throw error;
        return error;
      }
    },
    noteFailure(documentId, error) {
      for (const job of jobOf(documentId)) noteFailure(job, error);
    },
    giveUp: (documentIds) => giveUp(documentIds.flatMap(jobOf)),
    before(work) {
      last = last.then(work).catch((error: unknown) => {
        log.warn('documents.sweep', { code: toErrorShape(error).code });
      });
    },
    async close() {
      closing.abort(new AppError('cancelled', 'closing'));
      await last;
    },
  };
}
