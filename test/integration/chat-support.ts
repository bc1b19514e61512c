import type { Finder } from '../../electron/documents/retrieve/fused.ts';
import type { RetrievedPassage } from '../../electron/documents/retrieve/index.ts';
import { createChat } from '../../electron/chat/index.ts';
import type { Chat } from '../../electron/chat/index.ts';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeLauncher, FakeScript } from '../../electron/engine/fake.ts';
import type { Engine, EngineProvider } from '../../electron/engine/port.ts';
import type { Numbered, PushName, Settings, TurnEvent } from '../../electron/ipc/contract/index.ts';
import { createTasks } from '../../electron/core/tasks.ts';
import type { TaskRegistry } from '../../electron/core/tasks.ts';
import { createSettings } from '../../electron/settings/index.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import { sql } from '../../electron/storage/sql.ts';
import type { Writer } from '../../electron/storage/sql.ts';

export const quiet = { info: () => {}, warn: () => {}, error: () => {} };

/** Ids that count up, so that a failing test names things a person can tell apart. */
export function countingIds(prefix: string): { next(): string } {
  let last = 0;
  return { next: () => `${prefix}-${String((last += 1)).padStart(4, '0')}` };
}

/** One fake engine for each model, started again after a crash, as `models` does it. */
export function createFakeProvider(
  launcher: FakeLauncher,
  options: {
    readonly contextSize?: number;
    readonly promptLimit?: number;
    /** 'model set' whose states are on disk. */
    readonly kept?: ReadonlySet<string>;
  } = {},
): EngineProvider & { readonly leased: () => number; readonly forgotten: readonly string[] } {
  const engines = new Map<string, Promise<Engine>>();
  let leased = 0;
  const forgotten: string[] = [];
  return {
    forgotten,
    leased: () => leased,
    async acquire(modelId, { signal, onLoading }) {
      const id = modelId ?? 'small';
      let loading = engines.get(id);
      if (loading === undefined) {
        loading = launcher.launch(
          {
            modelPath: `/models/${id}.gguf`,
            contextSize: options.contextSize ?? 4096,
            sessions: 4,
            threads: 1,
            gpu: false,
            checkpointBudget: 0,
          },
          { signal, onProgress: (fraction) => onLoading?.(id, fraction) },
        );
        engines.set(id, loading);
        loading.then(
          (engine) => engine.onExit(() => engines.delete(id)),
          () => engines.delete(id),
        );
      }
      const engine = await loading;
      leased += 1;
      return {
        engine,
        modelId: id,
        modelName: `The ${id} model`,
        promptLimit: options.promptLimit ?? null,
        release: () => {
          leased -= 1;
        },
      };
    },
    look: async (modelId) => ({
      modelId: modelId ?? 'small',
      isLoaded: engines.has(modelId ?? 'small'),
      contextSize: options.contextSize ?? 4096,
      contextLimit: 32_768,
      promptLimit: options.promptLimit ?? null,
    }),
    keepsDocuments: async (modelId, set) => options.kept?.has(`${modelId} ${set}`) ?? false,
    forget(sessionId) {
      forgotten.push(sessionId);
      for (const engine of engines.values()) {
        void engine.then((loaded) => loaded.forget(sessionId)).catch(() => {});
      }
    },
  };
}

export function hit(text: string, extra: Partial<RetrievedPassage> = {}): RetrievedPassage {
  return {
    passageId: 'passage-1',
    documentId: 'document-1',
    documentName: 'Manual.pdf',
    collectionId: 'collection-1',
    page: 3,
    heading: null,
    text,
    start: 100,
    end: 100 + text.length,
    score: 1,
    marks: [],
    coverage: 1,
    ordinal: 0,
    ...extra,
  };
}

export interface Setup {
  readonly chat: Chat;
  readonly db: Writer;
  readonly launcher: FakeLauncher;
  readonly script: FakeScript;
  readonly pushes: PushName[];
  readonly queries: string[];
  readonly leased: () => number;
  /** Conversations and document sets that the provider was told to forget. */
  readonly forgotten: readonly string[];
  readonly tasks: TaskRegistry;
  /** What the retriever finds, and how many documents it says it looks through. */
  found: readonly RetrievedPassage[];
  searchable: number;
  set(values: Partial<Settings>): void;
  settings(): Settings;
  end(): Promise<void>;
}

export function setUp(
  options: {
    readonly file?: string;
    readonly run?: string;
    readonly script?: FakeScript;
    readonly contextSize?: number;
    readonly promptLimit?: number;
    readonly kept?: ReadonlySet<string>;
    /** In place of fake engines. */
    readonly provider?: EngineProvider;
  } = {},
): Setup {
  let now = 1_800_000_000_000;
  const clock = { now: () => (now += 1) };
  const opened = openDatabase({
    file: options.file ?? ':memory:',
    clock,
    log: quiet,
    backupFolder: '/nowhere',
  });
  const pushes: PushName[] = [];
  const queries: string[] = [];
  const announcer = { push: (name: PushName) => void pushes.push(name) };
  const launcher = createFakeLauncher(options.script ?? {});
  const provider = createFakeProvider(launcher, options);
  const settings = createSettings({ db: opened.db, announcer });
  const retriever: Pick<Finder, 'search' | 'searchable' | 'find'> = {
    searchable: () => setup.searchable,
    search: (query) => {
      queries.push(query);
      return setup.found;
    },
    find: async (query) => {
      queries.push(query);
      return { passages: setup.found, by: 'words', why: 'no-model' };
    },
  };
  const ids = countingIds(options.run ?? 'id');
  const tasks = createTasks({ announcer, clock, ids: countingIds('task'), log: quiet });
  const chat = createChat({
    machine: 'test',
    db: opened.db,
    provider: options.provider ?? provider,
    retriever,
    settings,
    clock,
    ids,
    log: quiet,
    announcer,
    tasks,
  });
  const setup: Setup = {
    chat,
    db: opened.db,
    launcher,
    script: launcher.script,
    pushes,
    queries,
    leased: provider.leased,
    forgotten: provider.forgotten,
    tasks,
    found: [],
    searchable: 2,
    set: (values) => void settings.set(values),
    settings: () => settings.get(),
    async end() {
      await chat.close();
      await tasks.close();
      opened.close();
    },
  };
  return setup;
}

/** Rows that a passage of `hit` belongs to, for what looks at the tables themselves. */
export function addDocument(db: Writer, passage: RetrievedPassage): void {
  db.run(
    sql`INSERT OR IGNORE INTO collections (id, name, created_at)
        VALUES (${passage.collectionId}, 'Papers', 1)`,
  );
  db.run(
    sql`INSERT OR IGNORE INTO documents
          (id, collection_id, name, path, format, bytes, modified_at, sha256, state, added_at)
        VALUES (${passage.documentId}, ${passage.collectionId}, ${passage.documentName},
          ${`/docs/${passage.documentName}`}, 'pdf', 1, 1, 'ab', 'ready', 1)`,
  );
  db.run(
    sql`INSERT INTO passages (id, document_id, ordinal, start, "end", text)
        VALUES (${passage.passageId}, ${passage.documentId},
          (SELECT count(*) FROM passages), ${passage.start}, ${passage.end}, ${passage.text})`,
  );
}

export async function readTurn(
  chat: Chat,
  turnId: string,
  after = 0,
): Promise<Numbered<TurnEvent>[]> {
  const events: Numbered<TurnEvent>[] = [];
  for await (const numbered of chat.turnStream({ turnId, after }, new AbortController().signal)) {
    events.push(numbered);
  }
  return events;
}

/** Reads a turn until an event of a type is there, then leaves. */
export async function readUntil(
  chat: Chat,
  turnId: string,
  wanted: (event: TurnEvent) => boolean,
): Promise<void> {
  const leave = new AbortController();
  for await (const { event } of chat.turnStream({ turnId, after: 0 }, leave.signal)) {
    if (wanted(event)) leave.abort();
  }
}

export function lastEvent(events: readonly Numbered<TurnEvent>[]): TurnEvent {
  const last = events.at(-1);
  if (last === undefined) throw new Error('no events');
  return last.event;
}

/** Types in order, repeats of one type joined. */
export function typesOf(events: readonly Numbered<TurnEvent>[]): string[] {
  return events
    .map(({ event }) => event.type)
    .filter((type, index, all) => type !== all[index - 1]);
}
