/* eslint-disable max-lines -- joins the parts of the feature: what each is given stands in one place */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Announcer, Clock, Ids, Log, Machine, MachineProbe, Tasks } from '../core/ports.ts';
import type { EmbedderLauncher, EmbedderProvider } from '../engine/embedder-port.ts';
import type { EngineLauncher, EngineProvider } from '../engine/port.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { Model, ModelRef, Settings } from '../ipc/contract/index.ts';
import type { CoreHandlers, HandlersOf } from '../ipc/handlers.ts';
import { findTitle } from '../storage/repositories/conversations.ts';
import { isDocumentSet } from '../storage/repositories/whole-documents.ts';
import { deleteSamplesOf } from '../storage/repositories/memory.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Writer } from '../storage/sql.ts';
import { loadCatalog } from './catalog/catalog.ts';
import type { Catalog } from './catalog/catalog.ts';
import { capacityOf, figuresOf, recommend } from './catalog/recommend.ts';
import { smallerThan } from './catalog/smaller.ts';
import type { DownloadTuning } from './download/ports.ts';
import { createStorage } from './disk/index.ts';
import type { StoragePorts } from './disk/index.ts';
import { createPlace } from './disk/place.ts';
import { createBackends, type BackendsPorts } from './backends/index.ts';
import { lookAt } from './engine-look.ts';
import { createEngines } from './engines.ts';
import type { Engines } from './engines.ts';
import type { LoadedProcess } from './engines-port.ts';
import { createEmbedders } from './embedder.ts';
import { isEmbedding } from './embedder-choice.ts';
import { contextLimit } from './fit.ts';
import { createFound } from './found.ts';
import { createGetting } from './get.ts';
import { readModelHeader } from './header.ts';
import { createLibrary } from './library.ts';
import { createNetwork } from './network/index.ts';
import { createRuns, queueHandlers } from './runs.ts';
import { createStates } from './states.ts';
import { createStatesHandlers } from './states-handlers.ts';
import type { States } from './states.ts';
import type { SystemProxy } from './network/index.ts';
import { createMachineSpeeds } from './machine-speed.ts';
import { createOwnSpeeds } from './own-speeds.ts';
import { createProofs } from './proof.ts';
import { createRefer } from './refer.ts';
import type { ReferredModel } from './refer.ts';
import { createKeys } from './verify/keys.ts';
import type { TrustRoot } from './verify/index.ts';
import { onePath } from './one-path.ts';
import { createWishes } from './wishes.ts';

export type { LoadedProcess } from './engines-port.ts';
export type { ReferredModel } from './refer.ts';

export interface ModelsPorts extends Partial<Pick<BackendsPorts, 'engineVersion' | 'drivers'>> {
  readonly db: Writer;
  readonly launcher: EngineLauncher;
  /** Without it no embedding model is ever loaded. */
  readonly embedderLauncher?: EmbedderLauncher;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly machine: Machine;
  /** Without it nothing is said about speed. */
  readonly probe?: MachineProbe;
  readonly announcer: Announcer;
  readonly tasks: Tasks;
  readonly settings: { get(): Settings };
  /** The profile; copied models lie in its folder `models` unless the library was moved. */
  readonly dataFolder: string;
  /** Holds `miniature/miniature.gguf` and `catalog.json`. */
  readonly resourcesFolder: string;
  /** Instead of the one that ships with the app. */
  readonly trustRoot?: TrustRoot;
  /** Asked for the system's own proxy where the settings say so. */
  readonly systemProxy?: SystemProxy;
  /** Instead of Sigstore's server, for tests. */
  readonly keysServer?: string;
  /** Where HF_ENDPOINT, HF_TOKEN and the proxy variables are read. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Downloads that ran when the program ended go on by themselves. */
  readonly goOnWithDownloads?: boolean;
  /** Patience of downloads, for tests. */
  readonly downloadTuning?: Partial<DownloadTuning>;
  /** Instead of timers, for tests. */
  readonly repeat?: StoragePorts['repeat'];
  /** A disk that says what it likes, for tests. */
  readonly disk?: StoragePorts['disk'];
}

export interface Models
  extends Pick<Engines, 'saveStates'>, Pick<States, 'savedBytes' | 'settingsChanged'> {
  readonly handlers: HandlersOf<'models' | 'network' | 'states' | 'backends'> &
    Pick<CoreHandlers, 'private.token' | 'private.stateKey'>;
  readonly provider: EngineProvider;
  readonly embedder: EmbedderProvider;
  /** Every process with a model in it: also that of the embedding model. */
  loaded(): readonly LoadedProcess[];
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

const noEmbedders: EmbedderLauncher = {
  launch: () =>
    Promise.reject(new AppError('engine-start-failed', 'nothing starts embedders here')),
};

/** The context that models are measured at when nobody chose one. */
const usualContext = 32_768;

export function createModels(ports: ModelsPorts): Models {
  const activity = new Set<() => void>();
  const onActivity = (): void => {
    for (const listener of activity) listener();
  };
  const states = createStates({
    ...ports,
    isOwner: (id) => findTitle(ports.db, id) !== null || isDocumentSet(ports.db, id),
    loaded: () => engines.loaded(),
    isOpen: (modelId) => engines.state(modelId) !== null,
  });
  const backends = createBackends({
    ...{ engineVersion: 'unknown', ...ports },
    isBusy: () => engines.isBusy(),
    onChanged: () => ports.announcer.push('models.changed', { modelId: null }),
  });
  const runs = createRuns({
    ...ports,
    onChanged: (modelId) => ports.announcer.push('queue.changed', { modelId }),
  });
  const engines: Engines = createEngines({
    ...ports,
    states,
    runs,
    backends,
    graphics: () =>
      engines.loaded().find(({ engine }) => engine.info.backend !== 'cpu')?.engine.info.backend ??
      speeds.known()?.graphics?.backend ??
      null,
    onChanged: (modelId) => {
      ports.announcer.push('models.changed', { modelId });
      void states.rebalance();
    },
    onActivity,
    giveWay: () => embedders.giveWay(),
    smaller: async (model, wish, memory) =>
      smallerThan(model.header, await readCatalog(), wish, memory),
  });
  let closing: Promise<void> | undefined;
  let catalog: Promise<Catalog> | undefined;
  const readCatalog = () => (catalog ??= loadCatalog(ports.resourcesFolder));
  const network = createNetwork({ ...ports, environment: ports.environment ?? process.env });
  const keys = createKeys({
    shippedFolder: join(ports.resourcesFolder, 'trust'),
    folder: join(ports.dataFolder, 'keys'),
    http: network.http,
    clock: ports.clock,
    log: ports.log,
    ...(ports.keysServer !== undefined && { server: ports.keysServer }),
  });
  /** For a signature that is checked now. Without a network what is there is as good as ever. */
  const trustRoot = async (): Promise<TrustRoot> => {
    if (ports.trustRoot !== undefined) return ports.trustRoot;
    if (ports.settings.get().refreshKeys) await keys.refresh().catch(() => {});
    return keys.current();
  };
  const speeds = createMachineSpeeds({
    ...ports,
    probe: ports.probe,
    isBusy: engines.isBusy,
    graphics: backends.graphics,
    onMeasured: () => ports.announcer.push('models.changed', { modelId: null }),
  });
  const proofs = createProofs({
    ...ports,
    catalog: readCatalog,
    trustRoot,
  });
  const place = createPlace(ports);
  // A quarter of a second per MiB while an answer is written: slow, but it ends.
  const yieldToAnswers = async (): Promise<void> => {
    if (engines.isBusy() && closing === undefined) await setTimeout(250);
  };
  const announcer: Announcer = {
    push(name, data) {
      ports.announcer.push(name, data);
      if (name === 'models.changed') embedders.changed();
    },
  };
  const library = createLibrary({
    ...ports,
    announcer,
    place,
    onHashed: proofs.hashed,
    yieldToAnswers,
  });
  const found = createFound({ ...ports, library });
  const wishes = createWishes(ports);
  const embedders = createEmbedders({
    clock: ports.clock,
    log: ports.log,
    machine: ports.machine,
    settings: ports.settings,
    ...{ launcher: ports.embedderLauncher ?? noEmbedders, library, backends, onActivity },
    bare: () => wishes.usual().bare,
    others: () => engines.loaded(),
    onChanged: (modelId) => ports.announcer.push('models.changed', { modelId }),
  });
  const refer = createRefer({ list: library.list, catalog: readCatalog, wishes });
  let lastUsed: string | null = null;
  const getting = createGetting({
    ...ports,
    place,
    library,
    catalog: readCatalog,
    network,
    goOn: ports.goOnWithDownloads ?? false,
    ready: () => ready,
    fitOf: (header) => {
      const machine = machineNow();
      const capacity = capacityOf(machine.total);
      const figures = figuresOf(header, machine, capacity, wishOf({}));
      return { ...figures, predicted: figures.predicted.total, capacity };
    },
    ...(ports.downloadTuning && { tuning: ports.downloadTuning }),
  });

  /** False while it loads or answers; the next question loads it again. */
  const unload = async (modelId: string): Promise<boolean> => {
    if (engines.state(modelId)?.state === 'loading') return false;
    try {
      await engines.unload(modelId);
      return true;
    } catch (error) {
      if (toErrorShape(error).code === 'model-busy') return false;
      throw error;
    }
  };
  const storage = createStorage({
    ...ports,
    ...{ place, library, proofs, yieldToAnswers, unload },
    downloads: getting,
    isBusy: engines.isBusy,
    ready: () => ready,
  });

  const start = async (): Promise<void> => {
    // Hashes of before proofs were kept.
    for (const model of library.list()) {
      const isNew = proofs.of(model).checkedAt === null;
      if (model.sha256 !== null && isNew) await proofs.hashed(model, model.sha256, false);
    }
    await library.start();
    await states.start(library.list());
    await getting.start();
    await storage.start();
    embedders.changed();
    // Where the program stays; a command that is over in a moment tries when it loads.
    if (ports.goOnWithDownloads === true) backends.begin();
  };
  const ready = start().catch((error: unknown) => {
    ports.log.error('models.start', { error: error instanceof Error ? error.name : 'unknown' });
  });

  const { ownSpeeds, speedOf } = createOwnSpeeds({ ...ports, library, speeds });

  const view = (model: StoredModel, memory: { total: number; available: number }): Model => {
    const isEmbedder = isEmbedding(model);
    const plan = isEmbedder ? embedders.plan(model, memory) : engines.plan(model, memory);
    const loaded = isEmbedder ? embedders.loadedModel(model.id) : engines.state(model.id);
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
      missing: problem?.code === 'model-missing' || problem?.code === 'library-missing',
      loaded,
      predictedBytes: plan.predicted.total,
      plannedContext: plan.contextSize,
      fit: isEmbedder ? embedders.fit(model, memory) : engines.fit(model, memory),
      error: problem ?? engines.failure(model.id) ?? embedders.failure(model.id),
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
    header.purpose === undefined && (header.isShape !== true || answersWithShapes);
  /** Throws 'model-not-writing' for one that makes vectors, or ranks. */
  const requireWriting = ({ header, name }: StoredModel): void => {
    if (header.purpose === undefined) return;
    throw new AppError('model-not-writing', 'this model does not write', { detail: { name } });
  };

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

  const unloadAny = async (modelId: string): Promise<void> => {
    await engines.unload(modelId);
    await embedders.unload(modelId);
  };

  const machineNow = () => ({ ...ports.machine.memory(), reclaimable: reclaimable() });
  const wishOf = (asked: { context?: number | undefined; sessions?: number | undefined }) => {
    const settings = ports.settings.get();
    return {
      context: asked.context ?? settings.contextSize ?? usualContext,
      sessions: asked.sessions ?? settings.sessions,
    };
  };

  return {
    ready,
    embedder: embedders.provider,
    loaded: () => [...engines.loaded(), ...embedders.loaded()],
    unload: unloadAny,
    saveStates: engines.saveStates,
    savedBytes: states.savedBytes,
    async settingsChanged() {
      embedders.changed();
      await states.settingsChanged();
    },
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
        requireWriting(model);
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
      async look(modelId) {
        await ready;
        return lookAt(await usable(modelId ?? choose()), engines);
      },
      keepsDocuments: states.keepsDocuments,
      forget: (owner) => void states.forget(owner),
    },
    handlers: {
      ...getting.handlers,
      ...network.handlers(keys),
      ...storage.handlers,
      ...found.handlers,
      ...createStatesHandlers({ ...ports, states, models: library.list, ready: () => ready }),
      ...queueHandlers(runs, (id) => findTitle(ports.db, id)),
      ...backends.handlers,
      'models.list': async () => {
        await ready;
        await Promise.all(library.list().map((model) => library.look(model.id).catch(() => null)));
        const memory = ports.machine.memory();
        const known = await readCatalog();
        const own = ownSpeeds(known);
        return library
          .list()
          .map((model) => ({ ...view(model, memory), speed: speedOf(model, known, own) }));
      },
      'models.inspect': ({ paths }) => readModelHeader(onePath(paths)),
      'models.import': async ({ paths, mode }) => {
        await ready;
        const path = onePath(paths);
        return library.import(path, mode, await found.chosen(path));
      },
      'models.remove': async ({ modelId }) => {
        await unloadAny(modelId);
        await library.remove(modelId);
        await states.removeModel(modelId);
        deleteSamplesOf(ports.db, modelId);
        return null;
      },
      'models.load': async ({ modelId, remember, ...wish }) => {
        await ready;
        const model = await usable(modelId);
        requireWriting(model);
        return engines.load(model, wish, remember);
      },
      'models.plan': ({ modelId, ...wish }) =>
        ready.then(() => engines.whatIf(library.get(modelId), wish)),
      'models.unload': async ({ modelId }) => {
        library.get(modelId);
        await unloadAny(modelId);
        return null;
      },
      'models.embedding': () => ready.then(embedders.state),
      'models.loadEmbedding': async () => {
        await ready;
        await embedders.loadNow();
        return null;
      },
      'models.catalog': async ({ context, sessions, memory }) => {
        const known = await readCatalog();
        const wish = wishOf({ context, sessions });
        // Of another machine nothing is known but what it is asked as.
        if (memory !== undefined) {
          return getting.asTold(recommend({ total: memory, available: memory }, known, wish));
        }
        speeds.begin();
        const machine = {
          ...machineNow(),
          speed: speeds.known(),
          own: [...ownSpeeds(known).values()],
        };
        return getting.asTold(recommend(machine, known, wish));
      },
      'models.measure': ({ again = false }) => backends.settled().then(() => speeds.measure(again)),
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
      backends.close();
      closing ??= ready.then(async () => {
        await storage.close();
        await getting.close();
        await network.close();
        await embedders.close();
        await engines.close();
      });
      return closing;
    },
  };
}
