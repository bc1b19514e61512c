import { join } from 'node:path';
import { createChat } from '../chat/index.ts';
import { createDocuments } from '../documents/index.ts';
import type { EmbedderLauncher } from '../engine/embedder-port.ts';
import type { EngineLauncher } from '../engine/port.ts';
import type { AppInfo, PushName } from '../ipc/contract/index.ts';
import type { CoreHandlers, StreamHandlers } from '../ipc/handlers.ts';
import { createMemory } from '../memory/index.ts';
import { createModels } from '../models/index.ts';
import { createSettings } from '../settings/index.ts';
import { openDatabase } from '../storage/open.ts';
import type { Announcer, Clock, Ids, Log, Machine, MachineProbe } from './ports.ts';
import { readPressure } from './pressure.ts';
import { createTasks } from './tasks.ts';

/** What CORE needs from the outside. */
export interface CorePorts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly machine: Machine;
  readonly announcer: Announcer;
  readonly launcher: EngineLauncher;
  /** Without it documents are found by their words only. */
  readonly embedderLauncher?: EmbedderLauncher;
  /** Without it nothing is said about speed. */
  readonly probe?: MachineProbe;
  /** The profile: database, model files, document copies. Made if need be. */
  readonly dataFolder: string;
  /** What ships with the app: the miniature, samples, licences. */
  readonly resourcesFolder: string;
  readonly appVersion: string;
  /** Where HF_ENDPOINT, HF_TOKEN and the proxy variables are read; the process's own if not given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly engineVersion: string;
  /** Asked for the system's own proxy; without it the variables alone count. */
  readonly systemProxy?: (url: string) => Promise<string | null>;
  /** Downloads that ran when the program ended go on by themselves; else they wait for a word. */
  readonly goOnWithDownloads?: boolean;
  /** Collections made from folders are kept in step; else only when asked. */
  readonly followFolders?: boolean;
}

export interface Core {
  /** All calls but `private.shutdown` and `private.proxy`, which are about the process and its line. */
  readonly handlers: Omit<CoreHandlers, 'private.shutdown' | 'private.proxy'>;
  readonly streams: StreamHandlers;
  /** Stops what runs, ends the engines, closes the database; in this order. Idempotent. */
  close(): Promise<void>;
}

/**
 * Puts the program together: every part in order, each noted for closing. Runs the same under
 * Electron, in a terminal and in tests. Throws what `openDatabase` throws, with nothing left open.
 */
export async function createCore(ports: CorePorts): Promise<Core> {
  const { clock, ids, log, machine, launcher, dataFolder, resourcesFolder } = ports;
  /** Parts that must know of another one's changes. */
  const listeners = new Map<PushName, () => void>();
  const announcer: Announcer = {
    push(name, data) {
      ports.announcer.push(name, data);
      listeners.get(name)?.();
    },
  };
  const closers: (() => void | Promise<void>)[] = [];
  let closing: Promise<void> | undefined;

  const close = (): Promise<void> =>
    (closing ??= (async () => {
      for (const closer of closers.reverse()) {
        try {
          await closer();
        } catch (error) {
          log.error('close.failed', { name: error instanceof Error ? error.name : 'unknown' });
        }
      }
    })());
  const opened = <T extends { close(): void | Promise<void> }>(part: T): T => {
    closers.push(() => part.close());
    return part;
  };

  try {
    const { db } = opened(
      openDatabase({
        file: join(dataFolder, 'quarry.db'),
        backupFolder: join(dataFolder, 'backups'),
        clock,
        log,
      }),
    );
    const tasks = opened(createTasks({ announcer, clock, ids, log }));
    const settings = createSettings({ db, announcer });
    const models = opened(
      createModels({
        db,
        launcher,
        clock,
        ids,
        log,
        machine,
        announcer,
        tasks,
        settings,
        dataFolder,
        resourcesFolder,
        goOnWithDownloads: ports.goOnWithDownloads ?? false,
        engineVersion: ports.engineVersion,
        ...(ports.embedderLauncher && { embedderLauncher: ports.embedderLauncher }),
        ...(ports.probe && { probe: ports.probe }),
        ...(ports.environment && { environment: ports.environment }),
        ...(ports.systemProxy && { systemProxy: ports.systemProxy }),
      }),
    );
    const memory = opened(
      createMemory({
        ...{ db, models, clock, announcer, machine, log },
        pressure: readPressure,
        savedBytes: models.savedBytes,
      }),
    );
    let answering = (): boolean => false;
    const documents = opened(
      createDocuments({
        ...{ db, clock, ids, log, announcer, tasks, dataFolder },
        ocr: () => settings.get(),
        watch: { follow: ports.followFolders ?? false },
        isBusy: () => answering(),
        embedder: ports.embedderLauncher === undefined ? null : models.embedder,
      }),
    );
    const chat = opened(
      createChat({
        db,
        provider: models.provider,
        retriever: documents.retriever,
        similarity: documents.similarity,
        settings,
        clock,
        ids,
        log,
        announcer,
        tasks,
        machine: machine.fingerprint,
      }),
    );
    answering = chat.isAnswering;
    listeners.set('settings.changed', () => void models.settingsChanged());
    listeners.set('documents.changed', () => chat.documentsChanged());
    chat.recover();
    documents.recover();

    const info: AppInfo = {
      version: ports.appVersion,
      dataFolder,
      platform: `${process.platform} ${process.arch}`,
      nodeVersion: process.versions.node,
      engineVersion: ports.engineVersion,
      totalMemory: machine.memory().total,
      cores: machine.cores,
    };

    return {
      handlers: {
        'app.info': () => info,
        ...settings.handlers,
        ...models.handlers,
        ...memory.handlers,
        ...documents.handlers,
        ...chat.handlers,
        ...tasks.handlers,
        'private.documentFile': ({ documentId }) => documents.file(documentId),
        'private.documentPlace': ({ documentId }) => documents.place(documentId),
      },
      streams: { turn: chat.turnStream, task: tasks.stream },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
