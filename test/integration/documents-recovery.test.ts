import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReader } from '../../electron/documents/ingest/reader.ts';
import type { Reader } from '../../electron/documents/ingest/reader.ts';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';
import type { DocumentsSetup } from '../support/documents-setup.ts';

const hostile = new URL('../support/hostile-parser.ts', import.meta.url);
const limits = { stallMs: 6000, totalMs: 30_000, heapMiB: 48 };

let setup: DocumentsSetup;
let root: string;
beforeEach(() => {
  setup = setUpDocuments();
  root = setup.files;
});
afterEach(async () => {
  await setup.close();
  removeFolder(root);
});

function makeFolder(names: readonly string[]): string {
  const folder = join(root, 'many');
  mkdirSync(folder, { recursive: true });
  for (const name of names)
    writeFileSync(join(folder, name), `Words about ${name.replace('.', ' ')}.`);
  return folder;
}

async function reopen(reader?: Reader): Promise<void> {
  await setup.close();
  setup = setUpDocuments({ folder: root, ...(reader === undefined ? {} : { reader }) });
}

const states = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await setup.documents.handlers['documents.list']({})).map(({ name, state, error }) => [
      name,
      error === null ? state : error.code,
    ]),
  );
const waitFor = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
};
const found = (query: string): string[] =>
  setup.documents.retriever
    .search(query, { scope: { kind: 'all' }, limit: 9 })
    .map(({ documentName }) => documentName);
const copies = (): string[] => readdirSync(join(setup.dataFolder, 'documents'));

describe('reading that is interrupted', () => {
  it('gpt4all#1757: goes on after a crash and deletes what belongs to nothing', async () => {
    const folder = makeFolder(['a.txt', 'b.txt', 'c.txt']);
    await setup.add([folder]);
    // As a kill leaves it: one in the middle, one not begun, one gone meanwhile, a copy too many.
    setup.db.run({
      text: "UPDATE documents SET state = 'reading' WHERE name = 'a.txt'",
      values: [],
    });
    setup.db.run({
      text: "DELETE FROM passages WHERE document_id IN (SELECT id FROM documents WHERE name <> 'a.txt')",
      values: [],
    });
    setup.db.run({
      text: "UPDATE documents SET state = 'waiting', passages = 0, sha256 = '' WHERE name = 'b.txt'",
      values: [],
    });
    setup.db.run({
      text: "UPDATE documents SET state = 'waiting', passages = 0, path = '/nowhere/c.txt' WHERE name = 'c.txt'",
      values: [],
    });
    writeFileSync(join(setup.dataFolder, 'documents', '.half.part'), 'x');
    writeFileSync(join(setup.dataFolder, 'documents', `${'0'.repeat(64)}.pdf`), 'x');
    await reopen();
    setup.documents.recover();
    const [task] = setup.tasks.list();
    await setup.tasks.finished(task?.id ?? '');
    expect(await states()).toEqual({
      'a.txt': 'ready',
      'b.txt': 'ready',
      'c.txt': 'document-missing',
    });
    expect(found('words')).toHaveLength(2);
    expect(copies().filter((name) => name.startsWith('.') || name.startsWith('000'))).toEqual([]);
  });

  it('goes on at the next start with what a quit left', async () => {
    await reopen(createReader({ ...limits, stallMs: 30_000 }, hostile));
    const folder = makeFolder(['1.txt', '2-wait.txt', '3.txt']);
    await setup.documents.handlers['documents.add']({ paths: [folder] });
    await waitFor(async () => (await states())['2-wait.txt'] === 'reading');
    expect((await states())['1.txt']).toBe('ready');
    await reopen();
    expect(await states()).toEqual({
      '1.txt': 'ready',
      '2-wait.txt': 'waiting',
      '3.txt': 'waiting',
    });
    setup.documents.recover();
    await setup.tasks.finished(setup.tasks.list()[0]?.id ?? '');
    expect(await states()).toEqual({ '1.txt': 'ready', '2-wait.txt': 'ready', '3.txt': 'ready' });
  });

  it('a stop keeps what is done and leaves nothing half', async () => {
    await reopen(createReader({ ...limits, stallMs: 30_000 }, hostile));
    const folder = makeFolder(['1.txt', '2-wait.txt', '3.txt']);
    const { taskId } = await setup.documents.handlers['documents.add']({ paths: [folder] });
    await waitFor(async () => (await states())['2-wait.txt'] === 'reading');
    setup.tasks.cancel(taskId);
    await expect(setup.tasks.finished(taskId)).rejects.toMatchObject({ code: 'cancelled' });
    expect(await states()).toEqual({
      '1.txt': 'ready',
      '2-wait.txt': 'waiting',
      '3.txt': 'waiting',
    });
    expect(found('otters')).toEqual(['1.txt']);
    expect(copies()).toHaveLength(1);
  });

  it('single files that a stop left stay listed, also after a start, until a person goes on with them', async () => {
    await reopen(createReader({ ...limits, stallMs: 30_000 }, hostile));
    const folder = makeFolder(['1.txt', '2-wait.txt', '3.txt', 'broken.pdf']);
    const paths = readdirSync(folder).map((name) => join(folder, name));
    const { taskId, collectionId } = await setup.documents.handlers['documents.add']({ paths });
    await waitFor(async () => (await states())['2-wait.txt'] === 'reading');
    setup.tasks.cancel(taskId);
    await expect(setup.tasks.finished(taskId)).rejects.toMatchObject({ code: 'cancelled' });
    await reopen();
    setup.documents.recover();
    expect(setup.tasks.list()).toEqual([]);
    const stopped = {
      '1.txt': 'ready',
      '2-wait.txt': 'stopped',
      '3.txt': 'stopped',
      'broken.pdf': 'stopped',
    };
    expect(await states()).toEqual(stopped);
    const counts = () => setup.documents.handlers['documents.collections']({});
    expect(counts()).toMatchObject([{ documentCount: 4, failedCount: 0, stoppedCount: 3 }]);
    const goOn = async (): Promise<number> => {
      const { documents } = await setup.documents.handlers['documents.tryAgain']({
        ...{ collectionId, only: 'stopped' },
      });
      await Promise.all(setup.tasks.list().map(({ id }) => setup.tasks.finished(id)));
      return documents;
    };
    expect(await goOn()).toBe(3);
    expect(await states()).toEqual({
      ...{ '1.txt': 'ready', '2-wait.txt': 'ready', '3.txt': 'ready' },
      'broken.pdf': 'document-unreadable',
    });
    expect(counts()).toMatchObject([{ documentCount: 4, failedCount: 1, stoppedCount: 0 }]);
    // What failed is no longer something that was stopped.
    expect(await goOn()).toBe(0);
  });

  it('keeps a copy that is being read while the document that had it is removed', async () => {
    const one = makeFolder(['same.txt']);
    const { collectionId } = await setup.add([one]);
    let begun = (): void => undefined;
    let goOn = (): void => undefined;
    const reading = new Promise<void>((resolve) => (begun = resolve));
    const removed = new Promise<void>((resolve) => (goOn = resolve));
    const real = createReader();
    await reopen({
      async read(request, signal) {
        begun();
        await removed;
        return real.read(request, signal);
      },
      close: () => real.close(),
    });
    const other = join(root, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'same.txt'), 'Words about same txt.');
    const added = setup.add([other]);
    await reading;
    await setup.documents.handlers['documents.removeCollection']({ collectionId });
    goOn();
    await added;
    expect(await states()).toEqual({ 'same.txt': 'ready' });
    expect(copies()).toHaveLength(1);
    const [left] = await setup.documents.handlers['documents.list']({});
    await setup.documents.handlers['documents.remove']({ documentId: left?.id ?? '' });
    expect(copies()).toEqual([]);
  });

  it('removing a collection ends its reading', async () => {
    await reopen(createReader({ ...limits, stallMs: 30_000 }, hostile));
    const folder = makeFolder(['1.txt', '2-wait.txt']);
    const { taskId, collectionId } = await setup.documents.handlers['documents.add']({
      paths: [folder],
    });
    await waitFor(async () => (await states())['2-wait.txt'] === 'reading');
    await setup.documents.handlers['documents.removeCollection']({ collectionId });
    await expect(setup.tasks.finished(taskId)).rejects.toMatchObject({ code: 'cancelled' });
    expect(setup.documents.handlers['documents.collections']({})).toEqual([]);
    expect(await states()).toEqual({});
    expect(copies()).toEqual([]);
  });

  it('lmstudio#893, jan#8244: a parser that dies costs one document', async () => {
    await reopen(createReader(limits, hostile));
    const folder = makeFolder(['a.txt', 'b-hang.txt', 'c-exit.txt', 'd-fill.txt', 'e.txt']);
    const { taskId } = await setup.add([folder]);
    expect(await states()).toEqual({
      'a.txt': 'ready',
      'b-hang.txt': 'parser-timeout',
      'c-exit.txt': 'parser-crashed',
      'd-fill.txt': 'parser-memory',
      'e.txt': 'ready',
    });
    expect(setup.tasks.list().find(({ id }) => id === taskId)).toMatchObject({
      failures: 3,
      total: 5,
    });
  });

  it('keeps what was read before when reading it again fails, and says so', async () => {
    const folder = makeFolder(['a.txt']);
    const { collectionId } = await setup.add([folder]);
    writeFileSync(join(folder, 'a.txt'), new Uint8Array([0, 1, 2, 3]));
    await setup.add([folder], collectionId);
    const [document] = await setup.documents.handlers['documents.list']({ collectionId });
    expect(document).toMatchObject({
      state: 'ready',
      fileState: 'changed',
      error: { code: 'document-unreadable' },
    });
    expect(found('words')).toEqual(['a.txt']);
    expect(copies()).toHaveLength(1);
    writeFileSync(join(folder, 'a.txt'), 'Better words.');
    await setup.add([folder], collectionId);
    expect((await setup.documents.handlers['documents.list']({ collectionId }))[0]).toMatchObject({
      state: 'ready',
      error: null,
      fileState: 'same',
    });
  });

  it('refuses what is not there or not readable, by code, before it makes anything', async () => {
    const add = (paths: string[], collectionId?: string): Promise<unknown> =>
      Promise.resolve(
        setup.documents.handlers['documents.add'](
          collectionId === undefined ? { paths } : { paths, collectionId },
        ),
      );
    await expect(add([])).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(add([join(root, 'missing.pdf')])).rejects.toMatchObject({
      code: 'document-missing',
      detail: { file: 'missing.pdf' },
    });
    await expect(add([makeFolder(['a.txt'])], 'nobody')).rejects.toMatchObject({
      code: 'not-found',
    });
    writeFileSync(join(root, 'song.mp3'), 'x');
    await expect(add([join(root, 'song.mp3')])).rejects.toMatchObject({
      code: 'document-unsupported',
    });
    expect(setup.documents.handlers['documents.collections']({})).toEqual([]);
  });
});
