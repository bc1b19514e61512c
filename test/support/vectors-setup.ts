import { setTimeout as pause } from 'node:timers/promises';
import { createFinder } from '../../electron/documents/retrieve/fused.ts';
import type { FindOptions, Finder, Found } from '../../electron/documents/retrieve/fused.ts';
import { createRetriever } from '../../electron/documents/retrieve/index.ts';
import { createVectors } from '../../electron/documents/vectors/index.ts';
import type { Vectors } from '../../electron/documents/vectors/index.ts';
import { createIds } from '../../electron/documents/index/chunk.ts';
import { openDatabase } from '../../electron/storage/open.ts';
import { documentsRepository } from '../../electron/storage/repositories/documents.ts';
import { sql } from '../../electron/storage/sql.ts';
import type { Writer } from '../../electron/storage/sql.ts';
import { createFakeEmbedder } from './word-embedder.ts';
import type { FakeEmbedder } from './word-embedder.ts';

export const quiet = { info: () => {}, warn: () => {}, error: () => {} };

export interface VectorsSetup {
  readonly db: Writer;
  readonly fake: FakeEmbedder;
  readonly vectors: Vectors;
  readonly finder: Finder;
  readonly pushed: string[];
  busy: boolean;
  /** A document with these passages, new or in place of what it held. */
  put(
    name: string,
    texts: readonly string[],
    options?: { readonly collection?: string; readonly heading?: string },
  ): void;
  remove(name: string): void;
  find(query: string, options?: Partial<FindOptions>): Promise<Found>;
  names(query: string, options?: Partial<FindOptions>): Promise<string[]>;
  /** Wakes it and waits until nothing is due, or until `done` says so. */
  made(done?: () => boolean): Promise<void>;
  /** Passages that have a vector, by their texts. */
  having(): string[];
  close(): Promise<void>;
}

export const quick = { rest: 1, busy: 2, again: 5, longest: 20, request: 50 } as const;

/** Passages, vectors and search over a database, with an embedding model of hashed words. */
export function setUpVectors(
  options: {
    readonly file?: string;
    readonly fake?: FakeEmbedder;
    readonly timing?: Parameters<typeof createVectors>[0]['timing'];
  } = {},
): VectorsSetup {
  const fake = options.fake ?? createFakeEmbedder();
  const opened = openDatabase({
    file: options.file ?? ':memory:',
    clock: { now: () => 1 },
    log: quiet,
    backupFolder: '/nowhere',
  });
  const { db } = opened;
  const documents = documentsRepository(db);
  const pushed: string[] = [];
  const vectors = createVectors({
    db,
    log: quiet,
    announcer: { push: (name) => void pushed.push(name) },
    provider: fake.provider,
    isBusy: () => setup.busy,
    timing: { ...quick, ...options.timing },
  });
  const finder = createFinder(createRetriever(db), vectors.search);
  const find: VectorsSetup['find'] = async (query, more = {}) => {
    const search = { scope: { kind: 'all' }, limit: 10, ...more } as const;
    for (;;) {
      const found = await finder.find(query, search, new AbortController().signal);
      // A busy machine alone must not decide what is found.
      if (found.why !== 'too-late' || fake.loadMs > 0) return found;
    }
  };

  const setup: VectorsSetup = {
    ...{ db, fake, vectors, finder, pushed, find },
    busy: false,
    put(name, texts, { collection = 'papers', heading = null as string | null } = {}) {
      if (documents.collection(collection) === undefined) {
        documents.addCollection({
          id: collection,
          name: collection,
          folder: `/${collection}`,
          at: 1,
        });
      }
      const of = {
        collectionId: collection,
        name,
        path: `/${collection}/${name}`,
        format: 'txt',
      } as const;
      if (documents.get(name) === undefined) {
        documents.addWaiting({ ...of, id: name, bytes: 1, modifiedAt: 1, at: 1 });
      }
      const idOf = createIds(name);
      let start = 0;
      const passages = texts.map((text, ordinal) => {
        const at = start;
        start += text.length + 1;
        const place = { page: null, place: null, lead: '', start: at, end: at + text.length };
        return { id: idOf(text), ordinal, heading, text, ...place };
      });
      const page = { start: 0, headings: [], width: null, height: null, spans: [], blocks: [] };
      documents.replaceContent(
        name,
        { sha256: `${name} ${texts.join()}`, bytes: 1, modifiedAt: 1 },
        [{ ...page, text: texts.join('\n'), kind: 'section', title: null }],
        passages,
      );
    },
    remove: (name) => void documents.remove(name),
    names: async (query, more) =>
      (await find(query, more)).passages.map(({ documentName }) => documentName),
    async made(done = () => vectors.state().vectors === 'ready') {
      vectors.wake();
      const until = performance.now() + 100_000;
      while (!done()) {
        if (performance.now() > until) throw new Error('vectors were not made');
        await pause(2);
      }
    },
    having: () =>
      db
        .all<{ text: string }>(
          sql`SELECT p.text FROM passage_vectors v JOIN passages p ON p.rowid = v.passage ORDER BY p.rowid`,
        )
        .map(({ text }) => text),
    async close() {
      await vectors.close();
      opened.close();
    },
  };
  return setup;
}
