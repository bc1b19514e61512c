import { basename, join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Ids } from '../../core/ports.ts';
import type { AwayReason } from '../../ipc/contract/index.ts';
import type { DocumentsRepository, StoredDocument } from '../../storage/repositories/documents.ts';
import type {
  FileMarks,
  KnownMarks,
  WatchedFolder,
  WatchedRepository,
} from '../../storage/repositories/watched.ts';
import type { Writer } from '../../storage/sql.ts';
import { fingerprint } from '../ingest/fingerprint.ts';
import type { Bells } from './bells.ts';
import { compare } from './compare.ts';
import type { Plan } from './compare.ts';
import { createRules } from './rules.ts';
import { lookAtRoot, scan } from './scan.ts';
import type { SeenFile } from './scan.ts';

export interface LookPorts {
  readonly db: Writer;
  readonly documents: DocumentsRepository;
  readonly watched: WatchedRepository;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Documents went: what is kept of their files goes, where nothing else uses it. */
  readonly dropped: (documents: readonly StoredDocument[]) => Promise<void>;
  /** Whether text in pictures is recognised: without it pictures hold nothing to read. */
  readonly readsPictures: () => Promise<boolean>;
  /** Before a file that is not small is read for its hash. */
  readonly giveWay: (signal: AbortSignal) => Promise<void>;
}

export type Looked =
  | { readonly there: false; readonly reason: AwayReason }
  | {
      readonly there: true;
      /** Something was just being written or read: look again soon. */
      readonly again: boolean;
      readonly changes: number;
      readonly rulesFiles: readonly string[];
      readonly tooMany: boolean;
    };

/** A file younger than this may change once more without its times showing it: the coarsest clocks of disks tick so. */
const tickMs = 2000;
/** Times further ahead than this are the file's own affair. */
const aheadMs = 60_000;
/** Read for its hash also while an answer is written: a look need not stand still for it. */
const smallBytes = 1024 * 1024;
/** Rows written before others get their turn. */
const rowsPerTurn = 100;
const removalsPerTurn = 10;

/** Whether nobody writes to a file any more: its size and times have rested, or it never rests. */
export interface Quiet {
  of(file: SeenFile): boolean;
  keepOnly(files: ReadonlyMap<string, SeenFile>): void;
}

export function createQuiet(clock: Clock, restMs: number, longestMs: number): Quiet {
  const writing = new Map<string, { marks: FileMarks; first: number; since: number }>();
  return {
    of(file) {
      const age = clock.now() - file.modifiedAt;
      if (age >= restMs) return true;
      // Its time is now or in the future, as clocks of other machines are: only watching it tells.
      const now = performance.now();
      const before = writing.get(file.path);
      if (before === undefined) {
        writing.set(file.path, { marks: file, first: now, since: now });
        return false;
      }
      if (before.marks.bytes !== file.bytes || before.marks.modifiedAt !== file.modifiedAt) {
        before.marks = file;
        before.since = now;
      }
      return now - before.since >= restMs || now - before.first >= longestMs;
    },
    keepOnly(files) {
      for (const path of writing.keys()) if (!files.has(path)) writing.delete(path);
    },
  };
}

/**
 * One look at a folder: scans it, compares it with its documents, and writes the difference; reads no document.
 * Ended in the middle, the next look finds what is left to do. A folder that is away changes nothing.
 */
export async function lookAt(
  ports: LookPorts,
  folder: WatchedFolder,
  options: {
    readonly signal: AbortSignal;
    readonly bells: Bells | null;
    /** Null: take files as they are now. */
    readonly quiet: Quiet | null;
  },
): Promise<Looked> {
  const { documents, watched } = ports;
  const { signal, bells, quiet } = options;
  const { collectionId } = folder;
  const below = join(folder.folder, '/');
  const list = (): StoredDocument[] =>
    documents.list(collectionId).filter(({ path }) => path.startsWith(below));
  const away = (reason: AwayReason): Looked => {
    watched.setAway(collectionId, ports.clock.now());
    return { there: false, reason };
  };

  const root = await lookAtRoot(folder.folder);
  if (!root.there) return away(root.reason);
  const startedAt = ports.clock.now();
  bells?.begin();
  const pictures = await ports.readsPictures();
  // What was read while it was recognised stays. Looked up only where there are pictures at all.
  let read: ReadonlySet<string> | null = null;
  const wasRead = (path: string): boolean =>
    (read ??= new Set(list().map((document) => document.path))).has(path);
  const seen = await scan(
    folder.folder,
    createRules(folder.rules),
    signal,
    (path, inode) => bells?.folder(path, inode),
    (path, format) => format !== 'image' || pictures || wasRead(path),
  );
  bells?.end();
  // A disk that went during the scan looks like files that went.
  const after = await lookAtRoot(folder.folder);
  if (!after.there) return away(after.reason);
  if (after.identity !== root.identity || seen.unseen.includes(below)) return away('unreadable');

  quiet?.keepOnly(seen.files);
  const known = list();
  // Nothing to read in a folder that is not the one it was: the place where a disk is put in.
  const another = folder.identity !== root.identity;
  if (another && seen.files.size === 0 && known.length > 0) return away('missing');
  const plan = await compare({
    scan: seen,
    documents: known,
    marks: watched.marks(collectionId),
    isQuiet: (file) => quiet === null || quiet.of(file),
    hash: async ({ path, bytes }) => {
      if (bytes > smallBytes) await ports.giveWay(signal);
      return fingerprint(path, signal).then(
        ({ sha256 }) => sha256,
        (error: unknown) => {
          signal.throwIfAborted();
          return (error as { code?: unknown }).code === 'document-missing' ? 'gone' : null;
        },
      );
    },
  });
  // Hashing takes time: once more before something goes for good.
  if (plan.removed.length > 0) {
    const still = await lookAtRoot(folder.folder);
    if (!still.there || still.identity !== root.identity) return away('missing');
  }
  const late = await apply(ports, collectionId, plan, startedAt, signal);
  watched.setSeen(collectionId, root.identity, ports.clock.now());
  const { removed, moved, added, changed } = plan;
  return {
    there: true,
    again: plan.again || late,
    changes: removed.length + moved.length + added.length + changed.length,
    rulesFiles: seen.rulesFiles,
    tooMany: seen.tooMany,
  };
}

/** Each step can be the last one before a crash. @returns whether something changed under its hands. */
async function apply(
  ports: LookPorts,
  collectionId: string,
  plan: Plan,
  seenAt: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { db, documents, watched, ids, clock } = ports;
  let late = false;
  const marksOf = (file: SeenFile): KnownMarks => {
    const age = seenAt - Math.max(file.modifiedAt, file.changedAt);
    return { ...file, settled: age >= tickMs || age < -aheadMs };
  };
  /** The document as it is now; undefined if it went, or is being read. */
  const current = (document: StoredDocument): StoredDocument | undefined => {
    const now = documents.get(document.id);
    if (now !== undefined && now.state !== 'reading' && now.path === document.path) return now;
    late = true;
    return undefined;
  };
  const inParts = async <T>(all: readonly T[], size: number, each: (one: T) => void) => {
    for (let at = 0; at < all.length; at += size) {
      signal.throwIfAborted();
      db.transaction(() => all.slice(at, at + size).forEach(each));
      await nextTurn();
    }
  };

  for (let at = 0; at < plan.removed.length; at += removalsPerTurn) {
    signal.throwIfAborted();
    const part = plan.removed.slice(at, at + removalsPerTurn);
    db.transaction(() => part.forEach(({ id }) => documents.remove(id)));
    await ports.dropped(part);
    await nextTurn();
  }

  // In one step: documents may change places with each other.
  db.transaction(() => {
    const moving = plan.moved.filter(({ document }) => current(document) !== undefined);
    const leaving = new Set(moving.map(({ document }) => document.id));
    const free = moving.filter(({ file }) => {
      const there = documents.byPath(collectionId, file.path);
      if (there === undefined || leaving.has(there.id)) return true;
      late = true;
      return false;
    });
    // One that cannot go would stand in another's way: then all wait for the next look.
    if (free.length < moving.length) return;
    watched.move(
      free.map(({ document, file }) => ({
        id: document.id,
        path: file.path,
        name: basename(file.path),
      })),
    );
    for (const { document, file } of free) watched.setMarks(document.id, marksOf(file));
  });

  await inParts(plan.changed, rowsPerTurn, ({ document, file }) => {
    if (current(document) === undefined) return;
    watched.queue(document.id);
    watched.setMarks(document.id, marksOf(file));
  });
  await inParts(plan.added, rowsPerTurn, (file) => {
    if (documents.byPath(collectionId, file.path) !== undefined) {
      late = true;
      return;
    }
    const id = ids.next();
    documents.addWaiting({
      ...{ id, collectionId, name: basename(file.path), path: file.path, format: file.format },
      ...{ bytes: file.bytes, modifiedAt: Math.trunc(file.modifiedAt), at: clock.now() },
    });
    watched.setMarks(id, marksOf(file));
  });
  await inParts(plan.touched, rowsPerTurn, ({ document, file }) => {
    const now = current(document);
    if (now === undefined) return;
    watched.setMarks(now.id, marksOf(file));
    if (now.state !== 'waiting') documents.setModified(now.id, Math.trunc(file.modifiedAt));
  });
  return late;
}
