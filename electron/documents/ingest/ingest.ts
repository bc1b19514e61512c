import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Announcer, Clock, Ids, Log, TaskHandle } from '../../core/ports.ts';
import { AppError, toErrorShape } from '../../ipc/app-error.ts';
import type { DocumentFormat, ErrorShape } from '../../ipc/contract/index.ts';
import type { DocumentsRepository, StoredDocument } from '../../storage/repositories/documents.ts';
import { explainFileError, fingerprint } from './fingerprint.ts';
import type { Copies } from './fingerprint.ts';
import type { OcrFacts } from './extract/ocr.ts';
import { sizeLimitOf } from './formats.ts';
import type { Reader } from './reader.ts';
import { findFiles } from './walk.ts';
import type { FoundFile } from './walk.ts';
import { createContentWriter } from './write.ts';

export interface IngestPorts {
  readonly documents: DocumentsRepository;
  readonly copies: Copies;
  readonly reader: Reader;
  readonly announcer: Announcer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** How pictures of text may be read now; null: not at all. */
  ocr(): Promise<OcrFacts | null>;
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
  /** How many documents are best read at once: some are copied or written while others are parsed. */
  readonly atOnce: number;
  /**
   * Reads one document; for work that has its turn. Documents are written in the order of the calls. Why it failed is
   * the answer, and not noted yet; thrown are 'cancelled' and 'disk-full'. Null: it was read, or is gone.
   */
  read(documentId: string, signal: AbortSignal): Promise<unknown>;
  noteFailure(documentId: string, error: unknown): void;
  /**
   * After a stop: none of these stays "waiting", which the next start would go on with. What was never read is
   * noted as stopped, so that a person can go on with it.
   */
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
/** Documents in work beside those that are parsed: the copy of the next is made, the last is written. */
const beside = 2;

interface Job {
  readonly path: string;
  readonly format: DocumentFormat;
  readonly documentId: string;
}

/** Documents are prepared and parsed side by side; they go to the parser, and are written, in their order. */
interface Turn {
  /** Those before were given to the parser. */
  readonly parsing: Promise<void>;
  /** Those before were written. */
  readonly writing: Promise<void>;
  /** This one was given to the parser. */
  given(): void;
  over(): void;
}

function createTurns(): () => Turn {
  let parsing = Promise.resolve();
  let writing = Promise.resolve();
  return () => {
    const before = { parsing, writing };
    const given = gate();
    const written = gate();
    parsing = given.opened;
    writing = written.opened;
    const over = (): void => {
      given.open();
      written.open();
    };
    return { ...before, given: given.open, over };
  };
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

export function createIngest(ports: IngestPorts): Ingest {
  const { documents, copies, reader, log } = ports;
  const closing = new AbortController();
  const atOnce = (reader.threads ?? 1) + beside;

  /** Notes every new file as waiting, so that the view shows what is to come. */
  const register = async (
    collectionId: string,
    files: readonly FoundFile[],
    jobs: Job[],
    signal: AbortSignal,
  ): Promise<void> => {
    const seen = new Set<string>();
    for (let from = 0; from < files.length; from += rowsPerTurn) {
      const added: Parameters<DocumentsRepository['addWaiting']>[0][] = [];
      for (const file of files.slice(from, from + rowsPerTurn)) {
        if (seen.has(file.path)) continue;
        seen.add(file.path);
        const known = documents.byPath(collectionId, file.path);
        const documentId = known?.id ?? ports.ids.next();
        if (known === undefined) {
          added.push({
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
      documents.addAllWaiting(added);
      await nextTurn();
      signal.throwIfAborted();
    }
  };

  const nextInLine = createTurns();

  const readOne = async (job: Job, signal: AbortSignal): Promise<void> => {
    const turn = nextInLine();
    try {
      await readInTurn(job, signal, turn);
    } finally {
      turn.over();
    }
  };

  const readInTurn = async (job: Job, signal: AbortSignal, turn: Turn): Promise<void> => {
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
    // Another size is another content: no need to hash it twice.
    if (before.passages > 0 && before.bytes === size) {
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
    const file = await copies.keep(job.path, job.format, signal);
    const writer = createContentWriter(documents, before, turn.writing);
    let kept = false;
    try {
      const ocr = await ports.ocr();
      await turn.parsing;
      const reading = reader.read(
        {
          path: copies.pathOf(file.sha256, job.format),
          format: job.format,
          documentId: job.documentId,
          name: basename(job.path),
          bytes: file.bytes,
          ocr,
        },
        signal,
        {
          begin: () => void documents.setState(job.documentId, 'reading', null),
          take: (parcel) => writer.take(parcel),
        },
      );
      turn.given();
      await writer.take(await reading);
      kept = await writer.finish(file);
    } catch (error) {
      if (!closing.signal.aborted) await writer.undo();
      throw error;
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

  /** `why` stands beside what was never read, null where a person stopped it; what was read before is ready. */
  const giveUp = (jobs: readonly Job[], why: ErrorShape | null): void => {
    for (const job of jobs) {
      const document = documents.get(job.documentId);
      if (
        document === undefined ||
        (document.state !== 'waiting' && document.state !== 'reading')
      ) {
        continue;
      }
      if (document.passages > 0) documents.setState(job.documentId, 'ready', null);
      else if (why === null) documents.setState(job.documentId, 'stopped', null);
      else {
        documents.setState(job.documentId, 'failed', {
          ...why,
          detail: { ...why.detail, file: basename(job.path) },
        });
      }
    }
  };

  /** Files below all the paths; a path that cannot be read counts as one failure unless it is the only one. */
  const findAll = async (
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<{ files: FoundFile[]; failures: number }> => {
    const files: FoundFile[] = [];
    let failures = 0;
    const images = (await ports.ocr()) !== null;
    for (const path of paths) {
      try {
        files.push(...(await findFiles(path, signal, { images })));
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
  let last: Promise<unknown> = Promise.resolve();

  const runNow: Ingest['run'] = async (collectionId, from, handle) => {
    const stopping = new AbortController();
    const signal = AbortSignal.any([handle.signal, closing.signal, stopping.signal]);
    let announcedAt = -Infinity;
    const announce = (always: boolean): void => {
      const now = ports.clock.now();
      const passed = now - announcedAt;
      if (!always && passed >= 0 && passed < announceMs) return;
      announcedAt = now;
      ports.announcer.push('documents.changed', { collectionId });
    };
    const jobs: Job[] = [];
    let failures = 0;
    const left = new Set<Job>();
    try {
      signal.throwIfAborted();
      if ('left' in from) {
        for (const { id, path, format } of from.left) jobs.push({ documentId: id, path, format });
      } else {
        const found = await findAll(from.paths, signal);
        failures = found.failures;
        await register(collectionId, found.files, jobs, signal);
      }
      announce(true);
      handle.progress({ total: jobs.length, done: 0, failures });
      const one = async (job: Job): Promise<void> => {
        handle.progress({ current: basename(job.path) });
        try {
          await readOne(job, signal);
        } catch (error) {
          // No room for this one means no room for any: each would fail in its turn.
          if (signal.aborted || toErrorShape(error).code === 'disk-full') throw error;
          noteFailure(job, error);
          failures += 1;
          handle.progress({ failures });
        }
        left.delete(job);
        handle.progress({ done: jobs.length - left.size });
        announce(false);
      };
      for (const job of jobs) left.add(job);
      const queue = jobs.values();
      const lane = async (): Promise<void> => {
        for (const job of queue) {
          signal.throwIfAborted();
          await one(job);
          await nextTurn();
        }
      };
      const lanes = Array.from({ length: Math.min(atOnce, jobs.length) }, () =>
        lane().catch((error: unknown) => {
          stopping.abort(error);
          throw error;
        }),
      );
      const ends = await Promise.allSettled(lanes);
      if (stopping.signal.aborted) throw stopping.signal.reason;
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
      handle.progress({ done: jobs.length, current: null });
    } catch (error) {
      const isStop = handle.signal.aborted;
      if (!closing.signal.aborted) giveUp(jobs, isStop ? null : toErrorShape(error));
      throw error;
    } finally {
      if (!closing.signal.aborted) announce(true);
    }
  };

  return {
    atOnce,
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
    giveUp: (documentIds) => giveUp(documentIds.flatMap(jobOf), null),
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
