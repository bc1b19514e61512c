import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import type { watch as systemWatch } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WatchOptions } from '../../electron/documents/watch/index.ts';
import type { WatchState } from '../../electron/ipc/contract/index.ts';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';
import type { DocumentsSetup } from '../support/documents-setup.ts';

const timing = {
  restMs: 20,
  longestRestMs: 200,
  quietMs: 40,
  longestQuietMs: 400,
  everyMs: 60_000,
  limitedMs: 60_000,
  awayMs: 40,
};
const follow: WatchOptions = { follow: true, timing };

let setup: DocumentsSetup;
let root: string;
let folder: string;
let busy = false;
const open = (watch: WatchOptions = follow, at?: string): void => {
  setup = setUpDocuments({ ...(at ? { folder: at } : {}), watch, isBusy: () => busy });
  root = setup.files;
  folder = join(root, 'folder');
};
beforeEach(() => {
  busy = false;
  open();
  mkdirSync(folder);
});
afterEach(async () => {
  await setup.close();
  removeFolder(root);
});

const write = (name: string, text: string): void => {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), text);
};
const list = () => setup.documents.handlers['documents.list']({});
/** Path below the folder → state, with the error's code where there is one. */
const shown = async (): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await list()).map(({ path, state, error }) => [
      path.slice(folder.length + 1),
      error === null ? state : `${state} ${error.code}`,
    ]),
  );
const state = async (): Promise<WatchState> => {
  const [one] = await setup.documents.handlers['documents.watchState']({});
  if (one === undefined) throw new Error('no folder');
  return one;
};
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 15));
};
const untilShown = (wanted: Record<string, string>): Promise<void> =>
  until(async () => JSON.stringify(await shown()) === JSON.stringify(wanted));
const found = (query: string): string[] =>
  setup.documents.retriever
    .search(query, { scope: { kind: 'all' }, limit: 50 })
    .map(({ documentName }) => documentName)
    .sort();
const idOf = async (name: string): Promise<string | undefined> =>
  (await list()).find((one) => one.path === join(folder, name))?.id;

describe('a collection of a folder', () => {
  it('anything-llm#1425, #1873, #3561, #4877, #5454: stays in step with its folder by itself', async () => {
    write('a.txt', 'A heron stands in the reeds.');
    write('b.txt', 'A kettle on the stove.');
    await setup.add([folder]);
    expect(await shown()).toEqual({ 'a.txt': 'ready', 'b.txt': 'ready' });

    write('sub/deep/c.md', '# Otters\n\nOtters swim.');
    await until(() => found('otters').length === 1);
    write('a.txt', 'An osprey stands in the reeds.');
    await until(() => found('osprey').length === 1);
    expect(found('heron')).toEqual([]);

    const before = await idOf('sub/deep/c.md');
    renameSync(join(folder, 'sub/deep'), join(folder, 'moved'));
    renameSync(join(folder, 'moved/c.md'), join(folder, 'moved/otters.md'));
    await untilShown({ 'a.txt': 'ready', 'b.txt': 'ready', 'moved/otters.md': 'ready' });
    expect(await idOf('moved/otters.md')).toBe(before);
    expect(found('otters')).toEqual(['otters.md']);

    rmSync(join(folder, 'b.txt'));
    await untilShown({ 'a.txt': 'ready', 'moved/otters.md': 'ready' });
    expect(found('kettle')).toEqual([]);
  });

  it('gpt4all#2743, #3086: after a start it finds what happened meanwhile, and reads only that', async () => {
    for (let at = 0; at < 6; at += 1) write(`${at}.txt`, `Page number ${at}.`);
    await setup.add([folder]);
    const kept = await idOf('3.txt');
    await setup.close();
    write('6.txt', 'Page number six.');
    rmSync(join(folder, '0.txt'));
    renameSync(join(folder, '3.txt'), join(folder, 'three.txt'));
    utimesSync(join(folder, '4.txt'), 5, 5);
    const reads: string[] = [];
    open(follow, root);
    setup.tasks.list();
    setup.documents.recover();
    await until(async () => (await shown())['6.txt'] === 'ready');
    expect(await idOf('three.txt')).toBe(kept);
    for (const { id } of setup.tasks.list()) await setup.tasks.finished(id);
    for (const { subject, done } of setup.tasks.list()) reads.push(`${subject} ${done}`);
    expect(reads).toEqual(['folder 1']);
    expect((await list()).map(({ name, fileState }) => `${name} ${fileState}`)).toEqual([
      '1.txt same',
      '2.txt same',
      '4.txt same',
      '5.txt same',
      '6.txt same',
      'three.txt same',
    ]);
  });

  it('a folder that is away loses nothing, says so, and is looked at when it is back', async () => {
    write('a.txt', 'A heron stands in the reeds.');
    await setup.add([folder]);
    renameSync(folder, `${folder}.away`);
    await until(async () => (await state()).phase === 'away');
    expect(found('heron')).toEqual(['a.txt']);
    writeFileSync(join(`${folder}.away`, 'b.txt'), 'A bittern hides.');
    renameSync(`${folder}.away`, folder);
    await until(() => found('bittern').length === 1);
    await until(async () => (await state()).phase === 'in-step');
    expect(await shown()).toEqual({ 'a.txt': 'ready', 'b.txt': 'ready' });
  });

  it('the empty place where a disk was is not an emptied folder; emptying the folder itself is', async () => {
    write('a.txt', 'A heron stands in the reeds.');
    await setup.add([folder]);
    renameSync(folder, `${folder}.away`);
    mkdirSync(folder);
    writeFileSync(join(folder, '.keep'), '');
    await until(async () => (await state()).phase === 'away');
    expect(await shown()).toEqual({ 'a.txt': 'ready' });
    rmSync(folder, { recursive: true });
    renameSync(`${folder}.away`, folder);
    await until(async () => (await state()).phase === 'in-step');
    rmSync(join(folder, 'a.txt'));
    await untilShown({});
  });

  // Thousands of them: npm run bench watch.
  it('many changes at once end in step', { timeout: 120_000 }, async () => {
    await setup.add([folder]);
    for (let at = 0; at < 120; at += 1) write(`${at % 6}/${at}.txt`, `Leaf ${at} of the tree.`);
    await until(async () => (await list()).length === 120);
    await setup.documents.handlers['documents.pause']({});
    renameSync(join(folder, '1'), join(folder, 'one'));
    rmSync(join(folder, '2'), { recursive: true });
    for (let at = 0; at < 120; at += 6) write(`0/${at}.txt`, `Branch ${at}.`);
    await setup.documents.handlers['documents.resume']({});
    await until(async () => {
      const now = await list();
      return now.length === 100 && now.every((one) => one.state === 'ready');
    });
    await until(() => found('branch').length === 20);
  });

  it('leaves out what the rules say, of files and of the collection, at once when they change', async () => {
    write('a.txt', 'One.');
    write('drafts/b.txt', 'Two.');
    write('node_modules/x/readme.md', 'Three.');
    write('sub/.quarryignore', '*.md');
    write('sub/c.md', 'Four.');
    const { collectionId } = await setup.add([folder]);
    expect(await shown()).toEqual({ 'a.txt': 'ready', 'drafts/b.txt': 'ready' });
    expect(setup.documents.handlers['documents.ignoreRules']({ collectionId })).toMatchObject({
      own: '',
      files: ['sub/.quarryignore'],
    });
    await setup.documents.handlers['documents.setIgnoreRules']({ collectionId, own: 'drafts/\n' });
    await untilShown({ 'a.txt': 'ready' });
    rmSync(join(folder, 'sub/.quarryignore'));
    await untilShown({ 'a.txt': 'ready', 'sub/c.md': 'ready' });
  });

  it('a document that a person removed does not come back with the next look', async () => {
    write('a [1].txt', 'One.');
    write('b.txt', 'Two.');
    const { collectionId } = await setup.add([folder]);
    await setup.documents.handlers['documents.remove']({
      documentId: (await idOf('a [1].txt')) ?? '',
    });
    write('c.txt', 'Three.');
    await untilShown({ 'b.txt': 'ready', 'c.txt': 'ready' });
    const rules = await setup.documents.handlers['documents.ignoreRules']({ collectionId });
    expect(rules.own).toBe('/a \\[1\\].txt\n');
  });

  it('gpt4all#3183, #3501: a file that fails says why, stops nothing, and is tried again when it changes or is asked for', async () => {
    writeFileSync(join(folder, 'a.txt'), new Uint8Array([0, 1, 2, 3]));
    utimesSync(join(folder, 'a.txt'), 5, 5);
    write('b.txt', 'Fine.');
    const { collectionId } = await setup.add([folder]);
    expect(await shown()).toEqual({
      'a.txt': 'failed document-unreadable',
      'b.txt': 'ready',
    });
    expect(await state()).toMatchObject({ failed: 1, unread: 0 });
    const tried = () => setup.tasks.list().length;
    const before = tried();
    write('c.txt', 'Another.');
    // A file that is as old as the look at it is read once more.
    await untilShown({
      'a.txt': 'failed document-unreadable',
      'b.txt': 'ready',
      'c.txt': 'ready',
    });
    await until(() => setup.tasks.list().every((task) => task.state === 'done'));
    expect(await setup.documents.handlers['documents.tryAgain']({ collectionId })).toEqual({
      documents: 1,
    });
    await until(() => tried() >= before + 2);
    await until(async () => (await shown())['a.txt'] === 'failed document-unreadable');
    write('a.txt', 'Now it has words.');
    await until(() => found('words').length === 1);
  });

  it('pauses and goes on, one collection or all, and remembers it over a start', async () => {
    write('a.txt', 'One.');
    const { collectionId } = await setup.add([folder]);
    await setup.documents.handlers['documents.pause']({ collectionId });
    await setup.documents.handlers['documents.pause']({});
    await setup.close();
    write('b.txt', 'Two.');
    open(follow, root);
    setup.documents.recover();
    expect(await state()).toMatchObject({ phase: 'paused', paused: 'all' });
    await setup.documents.handlers['documents.resume']({});
    expect(await state()).toMatchObject({ phase: 'paused', paused: 'this' });
    expect(await shown()).toEqual({ 'a.txt': 'ready' });
    await setup.documents.handlers['documents.resume']({ collectionId });
    await untilShown({ 'a.txt': 'ready', 'b.txt': 'ready' });
  });

  it('gives way to an answer: nothing is read while one is written', async () => {
    write('a.txt', 'One.');
    await setup.add([folder]);
    busy = true;
    write('b.txt', 'Two.');
    await until(async () => (await state()).progress?.givesWay === true);
    expect(await shown()).toEqual({ 'a.txt': 'ready', 'b.txt': 'waiting' });
    expect(await state()).toMatchObject({
      phase: 'reading',
      progress: { files: 0, filesTotal: 1, bytes: 0, bytesTotal: 4, secondsLeft: null },
    });
    busy = false;
    await untilShown({ 'a.txt': 'ready', 'b.txt': 'ready' });
  });

  it('a stop keeps what was read, pauses the collection, and nothing that changed is forgotten', async () => {
    write('a.txt', 'A heron.');
    const { collectionId } = await setup.add([folder]);
    busy = true;
    write('a.txt', 'An osprey.');
    write('b.txt', 'A bittern.');
    await until(async () => (await state()).progress?.givesWay === true);
    await until(async () => (await list()).length === 2);
    const task = setup.tasks.list().find((one) => one.state === 'running');
    setup.tasks.cancel(task?.id ?? '');
    await until(async () => (await state()).phase === 'paused');
    expect(await shown()).toEqual({ 'a.txt': 'waiting', 'b.txt': 'waiting' });
    // What was read of it before can still be found.
    expect(found('heron')).toEqual(['a.txt']);
    busy = false;
    await setup.documents.handlers['documents.resume']({ collectionId });
    await until(() => found('osprey').length === 1 && found('bittern').length === 1);
  });

  it('does not follow links, out of the folder or in a circle', async () => {
    mkdirSync(join(root, 'outside'));
    writeFileSync(join(root, 'outside', 'secret.txt'), 'Secret.');
    write('a.txt', 'One.');
    symlinkSync(join(root, 'outside'), join(folder, 'out'));
    symlinkSync(join(root, 'outside', 'secret.txt'), join(folder, 'secret.txt'));
    symlinkSync(folder, join(folder, 'circle'));
    await setup.add([folder]);
    expect(await shown()).toEqual({ 'a.txt': 'ready' });
  });

  it('waits until a file is written to its end', async () => {
    await setup.add([folder]);
    write('a.txt', 'Beginning.');
    for (let at = 0; at < 12; at += 1) {
      appendFileSync(join(folder, 'a.txt'), ` More ${at}.`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    appendFileSync(join(folder, 'a.txt'), ' Conclusion.');
    await until(() => found('conclusion').length === 1);
    expect(found('beginning')).toEqual(['a.txt']);
  });

  it('says that it looks only now and then where the system has no more watches, and still finds what changes', async () => {
    await setup.close();
    const refusing = (() => {
      throw Object.assign(new Error('no more'), { code: 'ENOSPC' });
    }) as unknown as typeof systemWatch;
    open(
      {
        follow: true,
        timing: { ...timing, limitedMs: 60 },
        watching: { watch: refusing, wholeTrees: false, most: 99 },
      },
      root,
    );
    await setup.add([folder]);
    expect((await state()).limited).toMatchObject({ reason: 'watches' });
    write('a.txt', 'A heron.');
    await until(() => found('heron').length === 1);
  });

  it('keeps nothing of a collection that was removed', async () => {
    write('a.txt', 'One.');
    const { collectionId } = await setup.add([folder]);
    await setup.documents.handlers['documents.removeCollection']({ collectionId });
    write('b.txt', 'Two.');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await list()).toEqual([]);
    expect(await setup.documents.handlers['documents.watchState']({})).toEqual([]);
  });
});
