import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createIds } from '../../electron/core/ids.ts';
import { silentLog } from '../../electron/core/log.ts';
import type { Machine } from '../../electron/core/ports.ts';
import { createTasks } from '../../electron/core/tasks.ts';
import type { TaskRegistry } from '../../electron/core/tasks.ts';
import type { EngineLauncher } from '../../electron/engine/port.ts';
import type { Model, PushName } from '../../electron/ipc/contract/index.ts';
import { createMemory } from '../../electron/memory/index.ts';
import type { Memory } from '../../electron/memory/index.ts';
import { ggufBytes, graniteFixture, graniteShapes } from '../../electron/models/gguf.fixture.ts';
import { createModels } from '../../electron/models/index.ts';
import type { Models, ModelsPorts } from '../../electron/models/index.ts';
import { createSettings } from '../../electron/settings/index.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import type { Writer } from '../../electron/storage/sql.ts';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const miniature = join(root, 'resources', 'miniature', 'miniature.gguf');
export const gib = 1024 ** 3;

export interface Bench {
  readonly folder: string;
  readonly db: Writer;
  readonly models: Models;
  readonly memory: Memory;
  readonly tasks: TaskRegistry;
  readonly pushes: { readonly name: PushName; readonly data: unknown }[];
  /** Free to change between calls. */
  readonly machine: { total: number; available: number };
  list(): Promise<readonly Model[]>;
  named(name: string): Promise<Model>;
  set: ReturnType<typeof createSettings>['handlers']['settings.set'];
  close(): Promise<void>;
}

/** Imports a file with Micro's header and none of its weights, where it lies. @returns the model's id. */
export async function importMicro(bench: Bench, folder: string): Promise<string> {
  const path = join(folder, 'micro.gguf');
  writeFileSync(path, ggufBytes(graniteFixture(graniteShapes.micro)));
  const started = await bench.models.handlers['models.import']({
    paths: [path],
    mode: 'reference',
  });
  await bench.tasks.finished(started.taskId);
  return started.modelId;
}

/** Models and memory over a real database in a throw-away folder. The folder outlives `close` when given. */
export function createBench(
  launcher: EngineLauncher,
  given?: string,
  over: Partial<
    Pick<
      ModelsPorts,
      | 'trustRoot'
      | 'resourcesFolder'
      | 'clock'
      | 'disk'
      | 'repeat'
      | 'environment'
      | 'probe'
      | 'log'
      | 'machine'
      | 'engineVersion'
      | 'drivers'
      | 'embedderLauncher'
    >
  > = {},
): Bench {
  const folder = given ?? mkdtempSync(join(tmpdir(), 'quarry-models-'));
  const clock = over.clock ?? { now: () => Date.now() };
  const ids = createIds(clock);
  const pushes: Bench['pushes'] = [];
  const announcer = {
    push: (name: PushName, data: unknown) => {
      pushes.push({ name, data });
    },
  };
  const machine = { total: 64 * gib, available: 48 * gib };
  const log = over.log ?? silentLog;
  const asMachine: Machine = over.machine ?? {
    memory: () => machine,
    cores: 2,
    fingerprint: 'test machine x2',
  };
  const opened = openDatabase({
    file: join(folder, 'quarry.db'),
    backupFolder: join(folder, 'backups'),
    clock,
    log,
  });
  const { db } = opened;
  const tasks = createTasks({ announcer, clock, ids, log });
  const settings = createSettings({ db, announcer });
  const models = createModels({
    db,
    launcher,
    clock,
    ids,
    log,
    machine: asMachine,
    announcer,
    tasks,
    settings,
    dataFolder: folder,
    resourcesFolder: join(root, 'resources'),
    ...over,
  });
  const memory = createMemory({ db, models, clock, announcer, machine: asMachine, log });
  const list = async () => models.handlers['models.list']({});
  return {
    folder,
    db,
    models,
    memory,
    tasks,
    pushes,
    machine,
    list,
    set: settings.handlers['settings.set'],
    async named(name) {
      const found = (await list()).find((model) => model.name === name);
      if (found === undefined) throw new Error(`no model called ${name}`);
      return found;
    },
    async close() {
      await memory.close();
      await models.close();
      await tasks.close();
      opened.close();
      if (given === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
