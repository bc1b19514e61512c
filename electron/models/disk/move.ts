import { lstat, readdir, rm, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Log, TaskHandle, Tasks } from '../../core/ports.ts';
import { AppError } from '../../ipc/app-error.ts';
import type { LibraryMove } from '../../ipc/contract/index.ts';
import {
  deleteLeavings,
  getLibrary,
  listLeavings,
  setMovingTo,
  switchLibrary,
} from '../../storage/repositories/library.ts';
import { getModel, listModels, setModelHash } from '../../storage/repositories/models.ts';
import type { StoredModel } from '../../storage/repositories/models.ts';
import type { Writer } from '../../storage/sql.ts';
import { bring } from './copy.ts';
import type { Copied, CopyRun, Item } from './copy.ts';
import { kindOf } from './names.ts';
import { missing } from './place.ts';
import type { Place } from './place.ts';

/** A download's file, whole or not, as the download part names it. */
export interface SideFile {
  readonly downloadId: string;
  readonly name: string;
}

export interface MovePorts {
  readonly db: Writer;
  readonly log: Log;
  readonly tasks: Tasks;
  readonly place: Place;
  /** No import or hash runs beside it. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly yieldToAnswers: () => Promise<void>;
  readonly onHashed: (model: StoredModel, sha256: string, recheck: boolean) => Promise<void>;
  readonly changed: () => void;
  readonly downloads: {
    /** Stops them; says which files they have in the library. */
    suspend(): Promise<readonly SideFile[]>;
    /** Goes on with those that ran, at the place as it is now. */
    resume(): Promise<void>;
    /** Those that are not forgotten. */
    ids(): readonly string[];
  };
  /** Ends a model's idle engine; false while it is loading or answering. */
  readonly unload: (modelId: string) => Promise<boolean>;
  /** For tests: a disk that says what it likes. */
  readonly disk?:
    | {
        readonly free?: (folder: string) => Promise<number>;
        readonly link?: NonNullable<CopyRun['link']>;
      }
    | undefined;
}

export interface Moving {
  /** Checks the folder, then moves as a task, or joins that very move. Throws 'folder-unusable', 'library-missing', 'library-busy'. */
  start(chosen: string): Promise<{ readonly taskId: string }>;
  now(): LibraryMove | null;
  /** After a start: goes on with what a crash or a quit cut off. */
  recover(): Promise<void>;
  /** Stops without undoing: the next start goes on. */
  close(): Promise<void>;
}

/** Bytes of the new disk that are left alone. */
const spare = 64 * 1024 * 1024;
const enginePause = 250;

export function createMoving(ports: MovePorts): Moving {
  const { db, place, log } = ports;
  let now: LibraryMove | null = null;
  let ending: Promise<void> = Promise.resolve();
  const closing = new AbortController();
  const show = (next: LibraryMove | null): void => {
    now = next;
    ports.changed();
  };

  const modelItems = (from: string): Item[] =>
    listModels(db)
      .filter((model) => model.origin === 'copied' && dirname(model.path) === from)
      .map(({ id, name, path, bytes, sha256 }) => ({
        ...{ name: basename(path), bytes, label: name, modelId: id, downloadId: null, sha256 },
      }));

  const sideItems = async (from: string, sides: readonly SideFile[]): Promise<Item[]> => {
    const items: Item[] = [];
    for (const { downloadId, name } of sides) {
      const found = await lstat(join(from, name)).catch(() => null);
      if (!found?.isFile()) continue;
      items.push({ name, bytes: found.size, label: name, modelId: null, downloadId, sha256: null });
    }
    return items;
  };

  const reserve = async (items: readonly Item[], from: string, target: string): Promise<void> => {
    const [a, b] = await Promise.all([stat(from), stat(target)]);
    // The same disk: second names take no room. Where it knows none, the copy itself finds it full.
    if (a.dev === b.dev) return;
    const there = await Promise.all(
      items.map((item) =>
        stat(join(target, item.name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    const all = items.reduce((sum, { bytes }) => sum + bytes, 0);
    const needed = all - there.reduce((sum, size) => sum + size, 0) + spare;
    const available = await (ports.disk?.free ?? freeOf)(target);
    if (available < needed) {
      throw new AppError('disk-full', 'the other disk has not enough room', {
        detail: { needed, available },
      });
    }
  };

  const run = async (handle: TaskHandle, target: string): Promise<void> => {
    const from = place.folder();
    const signal = AbortSignal.any([handle.signal, closing.signal]);
    if (signal.aborted) throw new AppError('cancelled', 'cancelled');
    const copied = new Map<string, { item: Item; copy: Copied }>();
    let suspended = false;
    let switched = false;
    let done = 0;
    let total = 0;

    const bringAll = async (items: readonly Item[]): Promise<void> => {
      const due = items.filter(({ name }) => !copied.has(name));
      total += due.reduce((sum, { bytes }) => sum + bytes, 0);
      const files = copied.size + due.length;
      for (const item of due) {
        if (signal.aborted) throw new AppError('cancelled', 'cancelled');
        const { taskId } = handleOf();
        show({ taskId, from, to: target, step: 'copying', file: copied.size + 1, files });
        handle.progress({ total, done, current: item.label });
        const copy = await bring(item, from, target, {
          signal,
          pause: ports.yieldToAnswers,
          // Half for copying, half for reading it back.
          onBytes: (bytes) => handle.progress({ done: done + bytes / 2 }),
          ...(ports.disk?.link && { link: ports.disk.link }),
        }).catch((error: unknown) => {
          // A file that is gone already, or whose model was removed just now, keeps nothing back.
          if (error instanceof AppError && error.code === 'model-missing') return null;
          throw error;
        });
        done += item.bytes;
        handle.progress({ done });
        if (copy === null) continue;
        copied.set(item.name, { item, copy });
        await note(item, copy);
      }
    };
    const handleOf = () => ({ taskId: handle.id });

    try {
      await place.need();
      await place.prepare(target);
      const items = modelItems(from);
      await reserve(items, from, target);
      await bringAll(items);
      suspended = true;
      const sides = await ports.downloads.suspend();
      await bringAll([...modelItems(from), ...(await sideItems(from, sides))]);
      if (signal.aborted) throw new AppError('cancelled', 'cancelled');
      change(from, target, copied);
      switched = true;
      log.info('library.moved', { files: copied.size, bytes: done });
    } catch (error) {
      // At a quit everything stays, for the next start to go on with.
      if (!closing.signal.aborted) await undo(from, target, copied);
      throw error;
    } finally {
      if (suspended && !closing.signal.aborted) await ports.downloads.resume();
      if (!switched) show(null);
    }
    show({
      ...handleOf(),
      from,
      to: target,
      step: 'deleting',
      file: copied.size,
      files: copied.size,
    });
    try {
      await dropForgotten(target, copied);
      for (const { item } of copied.values()) {
        if (item.modelId !== null) await freeEngine(item.modelId, signal);
      }
      await tidy(from);
    } finally {
      show(null);
    }
  };

  /** A move reads every byte: that is a check of the old file too. */
  const note = async ({ modelId }: Item, { sha256 }: Copied): Promise<void> => {
    const model = modelId === null || sha256 === null ? undefined : getModel(db, modelId);
    if (model === undefined || sha256 === null || model.hashState !== 'done') return;
    setModelHash(db, model.id, 'done', sha256);
    await ports.onHashed(model, sha256, true);
  };

  const change = (
    from: string,
    target: string,
    copied: ReadonlyMap<string, { readonly copy: Copied }>,
  ): void => {
    switchLibrary(db, {
      folder: target === place.home ? null : target,
      at: target,
      models: listModels(db)
        .filter((model) => model.origin === 'copied' && dirname(model.path) === from)
        .map(({ id, path, modifiedAt }) => {
          const copy = copied.get(basename(path))?.copy;
          // One that is missing is missing at the new place too.
          return copy === undefined
            ? { id, path: join(target, basename(path)), modifiedAt }
            : { id, path: join(target, copy.name), modifiedAt: copy.modifiedAt };
        }),
      leavings: { folder: from, names: [...copied.keys()] },
    });
  };

  /** Copies of models and downloads that were removed while the move ran. */
  const dropForgotten = async (
    target: string,
    copied: ReadonlyMap<string, { readonly item: Item; readonly copy: Copied }>,
  ): Promise<void> => {
    const downloads = new Set(ports.downloads.ids());
    const paths = new Set(listModels(db).map(({ path }) => path));
    for (const { item, copy } of copied.values()) {
      const path = join(target, copy.name);
      const isKnown = item.downloadId === null ? paths.has(path) : downloads.has(item.downloadId);
      if (!isKnown && !paths.has(path)) await rm(path, { force: true });
    }
  };

  const freeEngine = async (modelId: string, signal: AbortSignal): Promise<void> => {
    // Unlinking under a mapped file is harmless on most systems, but the disk may be unplugged next.
    while (!signal.aborted && !(await ports.unload(modelId))) await setTimeout(enginePause);
    if (signal.aborted) throw new AppError('cancelled', 'cancelled');
  };

  /** Deletes at an old place what was moved away from it. What cannot be deleted now is tried at the next start. */
  const tidy = async (folder: string): Promise<void> => {
    const left = listLeavings(db).find((one) => one.folder === folder);
    if (left === undefined || folder === place.folder()) return;
    if (!(await place.isOurs(folder))) return;
    const used = new Set(listModels(db).map(({ path }) => path));
    for (const name of left.names) {
      if (used.has(join(folder, name))) continue;
      await removeFile(folder, name);
    }
    await removeTemporary(folder);
    deleteLeavings(db, folder);
    await place.abandon(folder);
  };

  const undo = async (
    from: string,
    target: string,
    copied: ReadonlyMap<string, { readonly copy: Copied }>,
  ): Promise<void> => {
    const used = new Set(listModels(db).map(({ path }) => path));
    const names = new Set([...copied.values()].map(({ copy }) => copy.name));
    // Those of an earlier run that was cut off lie there too, and were not reached again.
    for (const { name, bytes } of target === place.home ? [] : modelItems(from)) {
      const found = await lstat(join(target, name)).catch(() => null);
      if (found?.size === bytes) names.add(name);
    }
    for (const name of names) {
      if (!used.has(join(target, name))) await removeFile(target, name).catch(() => undefined);
    }
    await removeTemporary(target).catch(() => undefined);
    setMovingTo(db, null);
    await place.abandon(target);
    log.info('library.move-undone', { files: copied.size });
  };

  const begin = (target: string): { readonly taskId: string } => {
    const spec = { kind: 'move', subject: target, unit: 'bytes' } as const;
    const task = ports.tasks.start(spec, (handle) => ports.inTurn(() => run(handle, target)));
    const from = place.folder();
    show({ taskId: task.id, from, to: target, step: 'copying', file: 0, files: 0 });
    ending = ports.tasks
      .finished(task.id)
      .catch(() => undefined)
      .then(() => {
        // Stopped while it still waited for its turn.
        if (now?.taskId === task.id) show(null);
        if (!closing.signal.aborted && getLibrary(db)?.movingTo === target) setMovingTo(db, null);
      });
    return { taskId: task.id };
  };

  return {
    now: () => now,
    async start(chosen) {
      if (!(await place.isThere())) throw missing(place.folder());
      const target = await place.target(chosen);
      if (now !== null) {
        // One that a start went on with is asked for again at a terminal: it is the same one.
        if (now.to === target && now.step === 'copying') return { taskId: now.taskId };
        throw new AppError('library-busy', 'the library is moving already');
      }
      setMovingTo(db, target);
      return begin(target);
    },
    async recover() {
      for (const { folder } of listLeavings(db)) {
        await tidy(folder).catch((error: unknown) => {
          log.warn('library.leavings', {
            code: (error as NodeJS.ErrnoException).code ?? 'unknown',
          });
        });
      }
      const target = getLibrary(db)?.movingTo ?? null;
      if (target === null) return;
      const isReady = (await place.isOurs(target)) && (await place.isThere());
      if (isReady) begin(target);
      else setMovingTo(db, null);
    },
    async close() {
      closing.abort();
      await ending;
    },
  };
}

async function freeOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Regular files only, in this very folder only. */
async function removeFile(folder: string, name: string): Promise<void> {
  if (basename(name) !== name) return;
  const path = join(folder, name);
  const found = await lstat(path).catch(() => null);
  if (found?.isFile()) await rm(path, { force: true });
}

async function removeTemporary(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (kindOf(name) === 'move') await removeFile(folder, name);
  }
}
