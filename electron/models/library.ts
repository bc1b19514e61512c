import { open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Announcer, Clock, Ids, Log, TaskHandle, Tasks } from '../core/ports.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { ErrorShape, ModelHeader } from '../ipc/contract/index.ts';
import {
  deleteModel,
  getModel,
  insertModel,
  listModels,
  replaceModelFile,
  setModelHash,
  setModelHeader,
} from '../storage/repositories/models.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { putOrigin } from '../storage/repositories/origins.ts';
import type { StoredOrigin } from '../storage/repositories/origins.ts';
import type { Writer } from '../storage/sql.ts';
import { flushFolder } from './disk/flush.ts';
import { kindOf } from './disk/names.ts';
import { missing } from './disk/place.ts';
import type { Place } from './disk/place.ts';
import { fileIdentity, hashFile } from './file-hash.ts';
import { promptLimit } from './fit.ts';
import { miniatureName, readModelHeader } from './header.ts';

export interface LibraryPorts {
  readonly db: Writer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly announcer: Announcer;
  readonly tasks: Tasks;
  readonly place: Place;
  readonly resourcesFolder: string;
  /** Waits while answers are being written, so that hashing does not slow them. */
  readonly yieldToAnswers: () => Promise<void>;
  /** Told every hash of a model's file; a `recheck` was asked for. Awaited before the task ends. */
  readonly onHashed: (model: StoredModel, sha256: string, recheck: boolean) => Promise<void>;
}

/** The files and what is known of them; nothing here knows about engines. */
export interface Library {
  list(): readonly StoredModel[];
  /** Throws 'not-found'. */
  get(id: string): StoredModel;
  import(
    path: string,
    mode: 'copy' | 'reference',
    cameFrom?: StoredOrigin,
  ): Promise<{ readonly modelId: string; readonly taskId: string }>;
  /** Makes a model of a file in the folder `models` whose hash is known. Throws what its header gives. */
  adopt(path: string, sha256: string, cameFrom?: StoredOrigin): Promise<void>;
  /** Ends its hashing, forgets it, deletes the file if it was copied here. */
  remove(id: string): Promise<void>;
  /**
   * Compares the file with what is stored: gone, the same, or another one, whose facts are then read.
   * @returns what is wrong with it now, or null.
   */
  look(id: string): Promise<ErrorShape | null>;
  /**
   * Hashes the file again, whatever is known of it, then calls `then` with the result.
   * @returns the task's id. Throws 'not-found'.
   */
  recheck(id: string, then: (sha256: string) => Promise<void>): string;
  /** Runs `work` while no file is hashed, imported or moved. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Ids of copies under way. */
  importing(): readonly string[];
  /** What `look` found last. */
  problem(id: string): ErrorShape | null;
  /** Registers the miniature, tidies temporary files, goes on with hashes that were cut off. */
  start(): Promise<void>;
}

export function createLibrary(ports: LibraryPorts): Library {
  const { db, log, place } = ports;
  const running = new Map<string, string>();
  const problems = new Map<string, ErrorShape>();
  // One file is hashed at a time: two would only fight for the disk.
  let hashQueue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = hashQueue.then(work, work);
    hashQueue = result.catch(() => undefined);
    return result;
  };

  const changed = (modelId: string | null): void =>
    ports.announcer.push('models.changed', { modelId });
  const get = (id: string): StoredModel => {
    const model = getModel(db, id);
    if (model === undefined) throw new AppError('not-found', 'no such model', { detail: { id } });
    return model;
  };
  const track = (modelId: string, taskId: string): string => {
    running.set(modelId, taskId);
    const forget = (): void => {
      if (running.get(modelId) === taskId) running.delete(modelId);
    };
    ports.tasks.finished(taskId).then(forget, forget);
    return taskId;
  };
  const exists = (other: StoredModel): AppError =>
    new AppError('model-exists', 'this model is already there', {
      detail: { id: other.id, name: other.name },
    });
  const hashRun = (handle: TaskHandle) => ({
    signal: handle.signal,
    onBytes: (done: number) => handle.progress({ done }),
    pause: ports.yieldToAnswers,
  });

  const hashStored = (model: StoredModel, then?: (sha256: string) => Promise<void>): string => {
    const spec = {
      kind: 'hash',
      subject: model.name,
      unit: 'bytes',
      total: model.bytes,
      targetId: model.id,
    } as const;
    const task = ports.tasks.start(spec, (handle) =>
      inTurn(async () => {
        setModelHash(db, model.id, 'hashing');
        changed(model.id);
        let sha256: string;
        try {
          sha256 = await hashFile(model.path, hashRun(handle));
          setModelHash(db, model.id, 'done', sha256);
          log.info('model.hashed', { model: model.id, bytes: model.bytes });
          // Where the hash was known, nobody touched the file: only then is another one a change.
          await ports.onHashed(model, sha256, then !== undefined || model.sha256 !== null);
        } catch (error) {
          // A stopped hash begins again at the next start; a failed one says so.
          const { code } = toErrorShape(error);
          if (code === 'cancelled') setModelHash(db, model.id, 'pending');
          else setModelHash(db, model.id, 'failed', null);
          throw error;
        } finally {
          changed(model.id);
        }
        if (then !== undefined) {
          await then(sha256);
          changed(model.id);
        }
      }),
    );
    return track(model.id, task.id);
  };

  const describe = async (path: string, header: ModelHeader) => ({
    name: header.name,
    path,
    bytes: header.bytes,
    modifiedAt: Math.round((await stat(path)).mtimeMs),
    header,
    promptLimit: promptLimit(header),
  });

  /** Models whose header and size are the same: the same file unless the weights differ. */
  const alike = (header: ModelHeader): StoredModel[] =>
    listModels(db).filter(
      (model) =>
        model.bytes === header.bytes &&
        isDeepStrictEqual({ ...model.header, name: '' }, { ...header, name: '' }),
    );
  const hashOf = async (model: StoredModel, handle: TaskHandle): Promise<string | null> =>
    model.sha256 ??
    (await hashFile(model.path, { signal: handle.signal, pause: ports.yieldToAnswers }).catch(
      () => null,
    ));
  const refuseSame = async (sha256: string, like: StoredModel[], handle: TaskHandle) => {
    for (const other of like) if ((await hashOf(other, handle)) === sha256) throw exists(other);
  };

  const add = async (
    id: string,
    origin: 'copied' | 'referenced',
    path: string,
    header: ModelHeader,
    sha256: string | null,
    cameFrom: StoredOrigin | undefined,
  ): Promise<StoredModel> => {
    const model: StoredModel = {
      id,
      origin,
      ...(await describe(path, header)),
      sha256,
      hashState: sha256 === null ? 'pending' : 'done',
      addedAt: ports.clock.now(),
    };
    db.transaction(() => {
      insertModel(db, model);
      if (cameFrom !== undefined) putOrigin(db, id, cameFrom);
    });
    if (sha256 !== null) await ports.onHashed(model, sha256, false);
    log.info('model.added', { model: id, origin, bytes: model.bytes });
    changed(id);
    return model;
  };

  /** Copies under a temporary name, flushes, renames: a crash leaves the whole file or a part that start() removes. */
  const copyIn = async (
    id: string,
    source: string,
    header: ModelHeader,
    handle: TaskHandle,
    cameFrom: StoredOrigin | undefined,
  ): Promise<void> => {
    const folder = await place.need();
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < header.bytes) {
      throw new AppError('disk-full', 'not enough room for the copy', {
        detail: { needed: header.bytes, available: bavail * bsize },
      });
    }
    const part = join(folder, `${id}.part`);
    try {
      const target = await open(part, 'wx', 0o600);
      let sha256: string;
      try {
        sha256 = await hashFile(source, { ...hashRun(handle), copyTo: target });
        await target.sync();
      } finally {
        await target.close();
      }
      await refuseSame(sha256, listModels(db), handle);
      const copied = join(folder, `${sha256}.gguf`);
      await rename(part, copied);
      await flushFolder(folder);
      await add(id, 'copied', copied, header, sha256, cameFrom);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  };

  const importModel: Library['import'] = async (given, mode, cameFrom) => {
    const path = resolve(given);
    const header = await readModelHeader(path);
    const file = await fileIdentity(path);
    for (const known of listModels(db)) {
      // One file may be reached by several ways: links, the names of a cache.
      const isSame = known.path === path || (await fileIdentity(known.path)) === file;
      if (isSame) throw exists(known);
    }
    const id = ports.ids.next();
    const spec = {
      subject: basename(path),
      unit: 'bytes',
      total: header.bytes,
      targetId: id,
    } as const;

    if (mode === 'copy') {
      await place.need();
      const task = ports.tasks.start({ kind: 'import', ...spec }, (handle) =>
        inTurn(() => copyIn(id, path, header, handle, cameFrom)),
      );
      return { modelId: id, taskId: track(id, task.id) };
    }
    const like = alike(header);
    if (like.length === 0) {
      // Usable at once; the hash follows.
      const added = await add(id, 'referenced', path, header, null, cameFrom);
      return { modelId: id, taskId: hashStored(added) };
    }
    const task = ports.tasks.start({ kind: 'import', ...spec }, (handle) =>
      inTurn(async () => {
        const sha256 = await hashFile(path, hashRun(handle));
        await refuseSame(sha256, like, handle);
        await add(id, 'referenced', path, header, sha256, cameFrom);
      }),
    );
    return { modelId: id, taskId: track(id, task.id) };
  };

  const looking = new Map<string, Promise<ErrorShape | null>>();
  const look: Library['look'] = (id) => {
    const found = looking.get(id) ?? lookNow(id).finally(() => looking.delete(id));
    looking.set(id, found);
    return found;
  };

  const lookNow: Library['look'] = async (id) => {
    const model = get(id);
    const found = await stat(model.path).catch(() => null);
    let problem: ErrorShape | null = null;
    if (found === null || !found.isFile()) {
      const isAway = place.isInside(model.path) && !(await place.isThere());
      problem = isAway
        ? toErrorShape(missing(place.folder()))
        : {
            code: 'model-missing',
            message: 'the file is gone',
            detail: { file: basename(model.path) },
          };
    } else if (found.size !== model.bytes || Math.round(found.mtimeMs) !== model.modifiedAt) {
      try {
        const header = await readModelHeader(model.path);
        const name = model.origin === 'builtin' ? miniatureName : header.name;
        replaceModelFile(db, id, { ...(await describe(model.path, header)), name });
        hashStored(get(id));
      } catch (error) {
        problem = toErrorShape(error);
      }
    }
    const before = problems.get(id);
    if (problem === null) problems.delete(id);
    else problems.set(id, problem);
    if (before?.code !== problem?.code) changed(id);
    return problem;
  };

  const registerMiniature = async (): Promise<void> => {
    const path = join(ports.resourcesFolder, 'miniature', 'miniature.gguf');
    const known = listModels(db).find((model) => model.origin === 'builtin');
    try {
      const header = { ...(await readModelHeader(path)), name: miniatureName };
      if (known === undefined) {
        insertModel(db, {
          id: ports.ids.next(),
          origin: 'builtin',
          ...(await describe(path, header)),
          sha256: null,
          hashState: 'pending',
          addedAt: ports.clock.now(),
        });
        changed(null);
      } else if (known.path !== path) {
        // The app was moved or updated: same model, another place.
        replaceModelFile(db, known.id, await describe(path, header));
      }
    } catch (error) {
      log.error('model.miniature', { code: toErrorShape(error).code });
    }
  };

  /** Models that were added before the app knew that there are some that do not write. */
  const readAgain = async (model: StoredModel): Promise<void> => {
    if (model.header.hasChatTemplate || model.header.purpose !== undefined) return;
    const header = await readModelHeader(model.path).catch(() => null);
    if (header?.purpose !== undefined) setModelHeader(db, model.id, header);
  };

  return {
    list: () => listModels(db),
    get,
    import: importModel,
    async adopt(path, sha256, cameFrom) {
      if (listModels(db).some((model) => model.path === path)) return;
      const header = await readModelHeader(path);
      await add(ports.ids.next(), 'copied', path, header, sha256, cameFrom);
    },
    look,
    inTurn,
    importing: () => [...running.keys()],
    problem: (id) => problems.get(id) ?? null,
    recheck: (id, then) => hashStored(get(id), then),
    async remove(id) {
      const model = getModel(db, id);
      if (model?.origin === 'builtin') {
        throw new AppError('invalid-argument', 'the built-in model cannot be removed');
      }
      const taskId = running.get(id);
      if (taskId !== undefined) {
        ports.tasks.cancel(taskId);
        await ports.tasks.finished(taskId).catch(() => undefined);
      }
      // An import that was stopped leaves nothing to remove.
      if (model === undefined && taskId !== undefined) return;
      const { origin, path } = get(id);
      deleteModel(db, id);
      problems.delete(id);
      if (origin === 'copied') await rm(path, { force: true });
      log.info('model.removed', { model: id, origin });
      changed(id);
    },
    async start() {
      // The profile lets in one process at a time, and this one has begun nothing yet.
      const folder = place.folder();
      for (const name of (await place.isThere()) ? await readdir(folder).catch(() => []) : []) {
        const kind = kindOf(name);
        if (kind === 'import' || kind === 'move') await rm(join(folder, name), { force: true });
      }
      await registerMiniature();
      for (const model of listModels(db)) {
        const problem = await look(model.id);
        if (problem === null) await readAgain(model);
        const due = model.hashState !== 'done' && !running.has(model.id);
        if (problem === null && due) hashStored(get(model.id));
      }
    },
  };
}
