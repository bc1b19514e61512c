import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Announcer, Clock, Ids, Log, Machine, Tasks } from '../core/ports.ts';
import type { EngineLauncher, EngineProvider } from '../engine/port.ts';
import { AppError } from '../ipc/app-error.ts';
import type { Model, ModelRef, Settings } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import { deleteSamplesOf } from '../storage/repositories/memory.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Writer } from '../storage/sql.ts';
import { loadCatalog } from './catalog/catalog.ts';
import type { Catalog } from './catalog/catalog.ts';
import { recommend } from './catalog/recommend.ts';
import type { DownloadTuning } from './download/ports.ts';
import { createEngines } from './engines.ts';
import type { LoadedEngine } from './engines.ts';
import { contextLimit } from './fit.ts';
import { createGetting } from './get.ts';
import { readModelHeader } from './header.ts';
import { createLibrary } from './library.ts';
import { createProofs } from './proof.ts';
import { createRefer } from './refer.ts';
import type { ReferredModel } from './refer.ts';
import { scanForModels } from './scan.ts';
import { loadTrustRoot } from './verify/index.ts';
import type { TrustRoot } from './verify/index.ts';

export type { LoadedEngine } from './engines.ts';
export type { ReferredModel } from './refer.ts';

export interface ModelsPorts {
  readonly db: Writer;
  readonly launcher: EngineLauncher;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly machine: Machine;
  readonly announcer: Announcer;
  readonly tasks: Tasks;
  readonly settings: { get(): Settings };
  /** The profile; copied models lie in its folder `models`. */
  readonly dataFolder: string;
  /** Holds `miniature/miniature.gguf` and `catalog.json`. */
  readonly resourcesFolder: string;
  /** Instead of the one that ships with the app. */
  readonly trustRoot?: TrustRoot;
  /** Where HF_ENDPOINT and the proxy variables are read. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Patience of downloads, for tests. */
  readonly downloadTuning?: Partial<DownloadTuning>;
}

export interface Models {
  readonly handlers: HandlersOf<'models'>;
  readonly provider: EngineProvider;
  loaded(): readonly LoadedEngine[];
  /** Ends an idle model's engine. Throws 'model-busy'. */
  unload(modelId: string): Promise<void>;
  /** Throws 'not-found'. */
  get(modelId: string): StoredModel;
  /** A model of the library or the catalogue as far as memory goes. Throws 'not-found', 'invalid-argument'. */
  refer(ref: ModelRef): Promise<ReferredModel>;
  /** Called when engines start, end, or are lent or given back: memory may change now. */
  onActivity(listener: () => void): () => void;
  /** Resolves when the miniature is registered and files were looked at. Calls wait for it by themselves. */
  readonly ready: Promise<void>;
  /** Stops loads and hashes, ends every engine. Idempotent. */
  close(): Promise<void>;
}

/** The context that models are measured at when nobody chose one. */
const usualContext = 32_768;

export function createModels(ports: ModelsPorts): Models {
  const activity = new Set<() => void>();
  const onActivity = (): void => {
    for (const listener of activity) listener();
  };
  const engines = createEngines({
    ...ports,
    onChanged: (modelId) => ports.announcer.push('models.changed', { modelId }),
    onActivity,
  });
  let closing: Promise<void> | undefined;
  let catalog: Promise<Catalog> | undefined;
  const readCatalog = () => (catalog ??= loadCatalog(ports.resourcesFolder));
  const proofs = createProofs({
    ...ports,
    catalog: readCatalog,
    trustRoot: async () =>
      ports.trustRoot ?? loadTrustRoot(join(ports.resourcesFolder, 'trust', 'trusted_root.json')),
  });
  const library = createLibrary({
    ...ports,
    onHashed: proofs.hashed,
    // A quarter of a second per MiB while an answer is written: slow, but it ends.
    yieldToAnswers: async () => {
      if (engines.isBusy() && closing === undefined) await setTimeout(250);
    },
  });
  const refer = createRefer({ list: library.list, catalog: readCatalog, settings: ports.settings });
  let lastUsed: string | null = null;
  const getting = createGetting({
    ...ports,
    library,
    catalog: readCatalog,
    environment: ports.environment ?? process.env,
    ...(ports.downloadTuning && { tuning: ports.downloadTuning }),
  });

  const start = async (): Promise<void> => {
    // Hashes of before proofs were kept.
    for (const model of library.list()) {
      const isNew = proofs.of(model).checkedAt === null;
      if (model.sha256 !== null && isNew) await proofs.hashed(model, model.sha256, false);
    }
    await library.start();
    await getting.start();
  };
  const ready = start().catch((error: unknown) => {
    ports.log.error('models.start', { error: error instanceof Error ? error.name : 'unknown' });
  });

  const view = (model: StoredModel, memory: { total: number; available: number }): Model => {
    const plan = engines.plan(model, memory);
    const problem = library.problem(model.id);
    return {
      id: model.id,
      name: model.name,
      origin: model.origin,
      path: model.path,
      bytes: model.bytes,
      sha256: model.sha256,
      hashState: model.hashState,
      proof: proofs.of(model),
      header: model.header,
      contextLimit: contextLimit(model.header),
      promptLimit: model.promptLimit,
      addedAt: model.addedAt,
      missing: problem?.code === 'model-missing',
      loaded: engines.state(model.id),
      predictedBytes: plan.predicted.total,
      plannedContext: plan.contextSize,
      error: problem ?? engines.failure(model.id),
    };
  };

  /** Throws 'not-found', 'model-missing' and what a changed file's header gives. */
  const usable = async (modelId: string): Promise<StoredModel> => {
    const problem = await library.look(modelId);
    if (problem !== null) {
      const { code, message, detail } = problem;
      throw new AppError(code, message, detail === undefined ? {} : { detail });
    }
    return library.get(modelId);
  };

  // Measuring asks for real turns; a person never sets this.
  const answersWithShapes = (ports.environment ?? process.env)['QUARRY_MEASURE'] === '1';
  const mayAnswer = ({ header }: StoredModel): boolean =>
    header.isShape !== true || answersWithShapes;

  /** The default model, else the last used one, else the only or newest import, else the miniature. */
  const choose = (): string => {
    const models = library.list().filter(mayAnswer);
    const present = (id: string | null): boolean =>
      models.some((model) => model.id === id) && library.problem(id!) === null;
    const { defaultModelId } = ports.settings.get();
    if (present(defaultModelId)) return defaultModelId!;
    if (present(lastUsed)) return lastUsed!;
    const imported = models.findLast((model) => model.origin !== 'builtin' && present(model.id));
    const chosen = imported ?? models.find((model) => model.origin === 'builtin');
    if (chosen === undefined) throw new AppError('not-found', 'there is no model');
    return chosen.id;
  };

  /** Bytes that come back when a model is exchanged for another one: nothing while answers are written. */
  const reclaimable = (): number =>
    engines.isBusy()
      ? 0
      : engines.loaded().reduce((sum, { plan }) => sum + plan.predicted.total, 0);

  const onePath = (paths: readonly string[]): string => {
    const [path] = paths;
    if (path === undefined || paths.length !== 1) {
      throw new AppError('invalid-argument', 'exactly one path is needed');
    }
    return path;
  };

  return {
    ready,
    loaded: engines.loaded,
    unload: engines.unload,
    get: library.get,
    refer,
    onActivity(listener) {
      activity.add(listener);
      return () => activity.delete(listener);
    },
    provider: {
      async acquire(modelId, { signal, onLoading }) {
        await ready;
        const model = await usable(modelId ?? choose());
        if (!mayAnswer(model)) {
          throw new AppError('model-is-shape', 'a model of random weights cannot answer', {
            detail: { name: model.name },
          });
        }
        const lease = await engines.acquire(model, {
          signal,
          ...(onLoading && { onLoading: (fraction: number) => onLoading(model.id, fraction) }),
        });
        lastUsed = model.id;
        return lease;
      },
      forget(sessionId) {
        // An engine that fails here is on its way out and takes the state with it.
        for (const { engine } of engines.loaded()) engine.forget(sessionId).catch(() => {});
      },
    },
    handlers: {
      ...getting.handlers,
      'models.list': async () => {
        await ready;
        await Promise.all(library.list().map((model) => library.look(model.id).catch(() => null)));
        const memory = ports.machine.memory();
        return library.list().map((model) => view(model, memory));
      },
      'models.inspect': ({ paths }) => readModelHeader(onePath(paths)),
      'models.import': async ({ paths, mode }) => {
        await ready;
        return library.import(onePath(paths), mode);
      },
      'models.remove': async ({ modelId }) => {
        await engines.unload(modelId);
        await library.remove(modelId);
        deleteSamplesOf(ports.db, modelId);
        return null;
      },
      'models.load': async ({ modelId, ...wish }) => {
        await ready;
        return engines.load(await usable(modelId), wish);
      },
      'models.unload': async ({ modelId }) => {
        library.get(modelId);
        await engines.unload(modelId);
        return null;
      },
      'models.catalog': async ({ context, sessions, memory }) => {
        const settings = ports.settings.get();
        const wish = {
          context: context ?? settings.contextSize ?? usualContext,
          sessions: sessions ?? settings.sessions,
        };
        const machine =
          memory === undefined
            ? { ...ports.machine.memory(), reclaimable: reclaimable() }
            : { total: memory, available: memory };
        return recommend(machine, await readCatalog(), wish);
      },
      'models.scan': ({ paths }) => scanForModels(paths),
      'models.verify': async ({ modelId, paths }) => {
        await ready;
        const model = await usable(modelId);
        const bundlePath = paths.length === 0 ? null : onePath(paths);
        const taskId = library.recheck(modelId, async (sha256) => {
          if (bundlePath !== null) await proofs.signature(model, sha256, bundlePath);
        });
        return { taskId };
      },
      'models.proof': ({ modelId }) => proofs.page(library.get(modelId)),
    },
    close() {
      closing ??= ready.then(async () => {
        await getting.close();
        await engines.close();
      });
      return closing;
    },
  };
}
