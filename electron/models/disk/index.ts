import { lstat, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Announcer, Clock, Log, Tasks } from '../../core/ports.ts';
import type { ModelFile, ModelStorage, Settings, StoragePart } from '../../ipc/contract/index.ts';
import type { HandlersOf } from '../../ipc/handlers.ts';
import type { StoredModel } from '../../storage/repositories/models.ts';
import type { Writer } from '../../storage/sql.ts';
import type { Library } from '../library.ts';
import type { Proofs } from '../proof.ts';
import { createChecks } from './checks.ts';
import { createMoving } from './move.ts';
import type { MovePorts } from './move.ts';
import { kindOf } from './names.ts';
import type { Place } from './place.ts';
import { onDisk, readLibraryFolder, readProfile, roomOf } from './usage.ts';
import { everyMs } from '../every-ms.ts';

export interface StoragePorts {
  readonly db: Writer;
  readonly clock: Clock;
  readonly log: Log;
  readonly announcer: Announcer;
  readonly tasks: Tasks;
  readonly settings: { get(): Settings };
  readonly dataFolder: string;
  readonly place: Place;
  readonly library: Library;
  readonly proofs: Proofs;
  readonly downloads: MovePorts['downloads'] & {
    /** Names of all that downloads have or will have in the library's folder. */
    names(): readonly string[];
  };
  readonly isBusy: () => boolean;
  readonly yieldToAnswers: () => Promise<void>;
  readonly unload: (modelId: string) => Promise<boolean>;
  /** Files were looked at. */
  readonly ready: () => Promise<void>;
  readonly disk?: MovePorts['disk'] | undefined;
  /** Calls `work` from time to time until told to stop; a timer unless a test says otherwise. */
  readonly repeat?: ((ms: number, work: () => void) => () => void) | undefined;
}

type Calls =
  'models.storage' | 'models.move' | 'models.moveBack' | 'models.clean' | 'models.checkAll';

export interface Storage {
  readonly handlers: Pick<HandlersOf<'models'>, Calls>;
  /** Once files were looked at: goes on with a move, begins the schedule. */
  start(): Promise<void>;
  /** Has the disk come or gone? Files are then looked at again. */
  look(): Promise<void>;
  close(): Promise<void>;
}

const lookMs = 5_000;
const checkMs = 60_000;
const countMs = 3_000;

/** The library's life on the disk: what it takes, where it is, what is left over, whether it keeps. */
export function createStorage(ports: StoragePorts): Storage {
  const { place, library, proofs } = ports;
  const changed = (): void => ports.announcer.push('models.changed', { modelId: null });
  const moving = createMoving({
    ...ports,
    inTurn: library.inTurn,
    onHashed: proofs.hashed,
    changed,
  });
  const checks = createChecks({
    ...ports,
    every: () => ports.settings.get().checkEvery,
    models: library.list,
    checkedAt: (model) => proofs.of(model).checkedAt,
    isBusy: () => ports.isBusy() || moving.now() !== null,
    isFit: async ({ id }) => (await library.look(id).catch(() => true)) === null,
    recheck: (id) => library.recheck(id, async () => undefined),
  });
  const stops: (() => void)[] = [];
  let wasThere = true;

  const look = async (): Promise<void> => {
    const isThere = await place.isThere();
    // A single file that is gone is looked for too: it may be on a disk that comes back.
    const isAnyMissing = library.list().some((model) => library.problem(model.id) !== null);
    if (isThere === wasThere && !isAnyMissing) return;
    const flipped = isThere !== wasThere;
    wasThere = isThere;
    await Promise.all(library.list().map(({ id }) => library.look(id).catch(() => null)));
    if (flipped) changed();
  };

  const inLibrary = (model: StoredModel): boolean => dirname(model.path) === place.folder();
  const contents = () =>
    readLibraryFolder(place.folder(), {
      models: new Set(
        library
          .list()
          .filter(inLibrary)
          .map(({ path }) => basename(path)),
      ),
      downloads: new Set(ports.downloads.names()),
      imports: new Set(library.importing()),
    });

  const fileOf = async (model: StoredModel): Promise<ModelFile> => {
    const found = await lstat(model.path).catch(() => null);
    const proof = proofs.of(model);
    const bytes = found === null ? 0 : onDisk(found);
    const isOnlyName = found !== null && found.nlink === 1 && found.isFile();
    return {
      modelId: model.id,
      name: model.name,
      bytes,
      frees: model.origin === 'copied' && isOnlyName ? bytes : 0,
      origin: model.origin,
      isMissing: found === null,
      level: proof.level,
      checkedAt: proof.checkedAt,
      changedSince: proof.changedSince,
    };
  };

  // A download announces itself every second; a folder of many documents is not counted as often.
  let counted: { readonly at: number; readonly parts: readonly StoragePart[] } | null = null;
  const profileParts = async (): Promise<readonly StoragePart[]> => {
    const at = ports.clock.now();
    if (counted === null || at - counted.at > countMs || at < counted.at) {
      counted = { at, parts: await readProfile(ports.dataFolder, place.isDefault()) };
    }
    return counted.parts;
  };

  const storage = async (): Promise<ModelStorage> => {
    await look();
    const folder = place.folder();
    const isThere = await place.isThere();
    const [found, profile, models, room] = await Promise.all([
      contents(),
      profileParts(),
      Promise.all(library.list().map(fileOf)),
      isThere ? roomOf(folder).then((known) => known ?? roomOf(ports.dataFolder)) : null,
    ]);
    const parts: readonly StoragePart[] = [...found.parts, ...profile];
    return {
      folder,
      isDefault: place.isDefault(),
      isThere,
      free: room?.free ?? null,
      total: room?.total ?? null,
      move: moving.now(),
      parts,
      models,
      leftovers: found.leftovers,
      checkEvery: ports.settings.get().checkEvery,
    };
  };

  const repeat = ports.repeat ?? everyMs;

  return {
    handlers: {
      'models.storage': async () => {
        await ports.ready();
        return storage();
      },
      'models.move': async ({ paths }) => {
        await ports.ready();
        return moving.start(paths[0] ?? '');
      },
      'models.moveBack': async () => {
        await ports.ready();
        return moving.start(ports.dataFolder);
      },
      'models.clean': async ({ names }) => {
        await ports.ready();
        const wanted = new Set(names);
        return library.inTurn(async () => {
          const folder = await place.need();
          let removed = 0;
          let bytes = 0;
          // Looked up again here: what was listed may have been put to use since.
          for (const one of (await contents()).leftovers) {
            if (!wanted.has(one.name) || kindOf(one.name) === 'foreign') continue;
            const path = join(folder, one.name);
            if (!(await lstat(path).catch(() => null))?.isFile()) continue;
            await rm(path, { force: true });
            removed += 1;
            bytes += one.bytes;
          }
          ports.log.info('library.cleaned', { files: removed, bytes });
          changed();
          return { removed, bytes };
        });
      },
      'models.checkAll': async ({ modelIds }) => {
        await ports.ready();
        await look();
        const chosen =
          modelIds === undefined ? library.list() : modelIds.map((id) => library.get(id));
        return { taskIds: await checks.now(chosen) };
      },
    },
    async start() {
      wasThere = await place.isThere();
      await moving.recover();
      const quietly = (work: () => void | Promise<void>) => (): void => {
        Promise.resolve()
          .then(work)
          .catch((error: unknown) => {
            ports.log.warn('library.watch', { error: error instanceof Error ? error.name : '' });
          });
      };
      stops.push(repeat(lookMs, quietly(look)), repeat(checkMs, quietly(checks.tick)));
    },
    look,
    async close() {
      for (const stop of stops) stop();
      await moving.close();
    },
  };
}
