import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTasks } from '../../electron/core/tasks.ts';
import type { Ids, Log } from '../../electron/core/ports.ts';
import { createDocuments } from '../../electron/documents/index.ts';
import type { Documents } from '../../electron/documents/index.ts';
import type { Reader } from '../../electron/documents/ingest/reader.ts';
import type { WatchOptions } from '../../electron/documents/watch/index.ts';
import type { EmbedderProvider } from '../../electron/engine/embedder-port.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import type { Writer } from '../../electron/storage/sql.ts';

export const quietLog: Log = { info: () => {}, warn: () => {}, error: () => {} };

export interface DocumentsSetup {
  readonly documents: Documents;
  readonly db: Writer;
  readonly tasks: ReturnType<typeof createTasks>;
  readonly dataFolder: string;
  /** A folder for the test's own files. */
  readonly files: string;
  readonly pushed: string[];
  /** Adds and waits for the end. */
  add(
    paths: readonly string[],
    collectionId?: string,
  ): Promise<{ collectionId: string; taskId: string; leftOut: readonly string[] }>;
  /** Closes as a quit does; `crash` leaves the database as a kill would. */
  close(): Promise<void>;
}

/** The documents feature over a real database on disk, with the real parser thread unless another is given. */
export function setUpDocuments(
  options: {
    readonly folder?: string;
    readonly reader?: Reader;
    readonly watch?: WatchOptions;
    readonly isBusy?: () => boolean;
    readonly embedder?: EmbedderProvider;
  } = {},
): DocumentsSetup {
  const root = options.folder ?? mkdtempSync(join(tmpdir(), 'quarry-documents-'));
  const clock = { now: () => Date.now() };
  let next = Date.now();
  const ids: Ids = { next: () => `id-${(next += 1)}` };
  const pushed: string[] = [];
  const announcer = { push: (name: string) => void pushed.push(name) };
  const { db, close } = openDatabase({
    file: join(root, 'data', 'quarry.sqlite'),
    clock,
    log: quietLog,
    backupFolder: join(root, 'data', 'backups'),
  });
  const tasks = createTasks({ announcer, clock, ids, log: quietLog });
  const dataFolder = join(root, 'data');
  const documents = createDocuments({
    db,
    clock,
    ids,
    log: quietLog,
    announcer,
    tasks,
    dataFolder,
    ...(options.reader === undefined ? {} : { reader: options.reader }),
    ...(options.watch === undefined ? {} : { watch: options.watch }),
    ...(options.isBusy === undefined ? {} : { isBusy: options.isBusy }),
    ...(options.embedder && {
      embedder: options.embedder,
      vectorTiming: { rest: 1, busy: 5, again: 5 },
    }),
  });
  return {
    documents,
    db,
    tasks,
    dataFolder,
    files: root,
    pushed,
    async add(paths, collectionId) {
      const started = await documents.handlers['documents.add'](
        collectionId === undefined ? { paths } : { paths, collectionId },
      );
      await tasks.finished(started.taskId);
      return started;
    },
    async close() {
      await documents.close();
      await tasks.close();
      close();
    },
  };
}

export const removeFolder = (folder: string): void =>
  rmSync(folder, { recursive: true, force: true });
