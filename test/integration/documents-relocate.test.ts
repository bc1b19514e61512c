import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createReader } from '../../electron/documents/ingest/reader.ts';
import type { Reader } from '../../electron/documents/ingest/reader.ts';
import type { WatchState } from '../../electron/ipc/contract/index.ts';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';
import type { DocumentsSetup } from '../support/documents-setup.ts';

// A folder that was renamed or moved: its collection is shown the new place, and nothing that was made of it is lost.

const timing = {
  ...{ restMs: 20, longestRestMs: 200, quietMs: 20, longestQuietMs: 200 },
  ...{ everyMs: 60_000, limitedMs: 60_000, awayMs: 60_000 },
};
let setup: DocumentsSetup;
let root: string;
let folder: string;
let read: string[];
beforeEach(() => {
  read = [];
  const real = createReader();
  const reader: Reader = {
    read(request, ...rest) {
      read.push(request.name ?? '');
      return real.read(request, ...rest);
    },
    close: () => real.close(),
  };
  setup = setUpDocuments({ reader, watch: { follow: true, timing } });
  root = setup.files;
  folder = join(root, 'Leases');
  write(folder, 'a.txt', 'The lease ends on 3 March 2027.');
  write(folder, 'sub/b.txt', 'The rent is due on the first.');
});
afterEach(async () => {
  await setup.close();
  removeFolder(root);
});

function write(below: string, name: string, text: string): void {
  mkdirSync(join(below, name, '..'), { recursive: true });
  writeFileSync(join(below, name), text);
}
const call = () => setup.documents.handlers;
const list = async () =>
  (await call()['documents.list']({})).map(({ id, path, state, readAt }) => ({
    ...{ id, path, state, readAt },
  }));
const passages = (): unknown[] =>
  setup.db.all({ text: 'SELECT id, document_id, text FROM passages ORDER BY id', values: [] });
const state = async (): Promise<WatchState> => {
  const [one] = await call()['documents.watchState']({});
  if (one === undefined) throw new Error('no folder');
  return one;
};
const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 15));
};
const settled = async (): Promise<void> => {
  await Promise.all(setup.tasks.list().map(({ id }) => setup.tasks.finished(id).catch(() => {})));
  await until(async () => (await state()).phase === 'in-step');
};

describe('a collection whose folder lies elsewhere', () => {
  it('keeps ids, passages and what was read, and follows the folder at its new place', async () => {
    const { collectionId } = await setup.add([folder]);
    const before = { documents: await list(), passages: passages() };
    const place = join(root, 'Verträge', '2026');
    mkdirSync(join(root, 'Verträge'));
    renameSync(folder, place);
    await call()['documents.rescan']({ collectionId });
    await until(async () => (await state()).phase === 'away');
    read = [];
    const moved = await call()['documents.relocate']({ collectionId, paths: [place] });
    expect(moved).toEqual({ state: 'moved', folder: place, found: 2, missing: 0, takenBy: null });
    await settled();
    expect(await list()).toEqual(
      before.documents.map((one) => ({ ...one, path: one.path.replace(folder, place) })),
    );
    expect(passages()).toEqual(before.passages);
    expect(read).toEqual([]);
    expect(await state()).toMatchObject({ folder: place, away: null });
    write(place, 'c.txt', 'A deposit of 900 was paid.');
    await until(async () => (await list()).filter((one) => one.state === 'ready').length === 3);
    expect(read).toEqual(['c.txt']);
  });

  it('reads nothing again that was copied to another disk, and reads what is new there', async () => {
    const { collectionId } = await setup.add([folder]);
    const ids = (await list()).map(({ id }) => id);
    const place = join(root, 'copied');
    cpSync(folder, place, { recursive: true });
    rmSync(folder, { recursive: true });
    write(place, 'new.txt', 'The garden belongs to it.');
    read = [];
    await call()['documents.relocate']({ collectionId, paths: [place] });
    await settled();
    expect(read).toEqual(['new.txt']);
    expect((await list()).map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
  });

  it('finds what was moved within it, too, where the folder above is chosen', async () => {
    const { collectionId } = await setup.add([folder]);
    const before = await list();
    const above = join(root, 'above');
    mkdirSync(above);
    renameSync(folder, join(above, 'inner'));
    read = [];
    const moved = await call()['documents.relocate']({ collectionId, paths: [above] });
    expect(moved).toMatchObject({ state: 'moved', found: 2, missing: 0 });
    await settled();
    expect((await list()).map(({ id, path }) => [id, path])).toEqual(
      before.map(({ id, path }) => [id, path.replace(folder, join(above, 'inner'))]),
    );
    expect(read).toEqual([]);
  });

  it('may lie within its own old place', async () => {
    // Moved one by one, each of these would stand where the next still is.
    write(folder, 'Leases/a.txt', 'Another lease.');
    const { collectionId } = await setup.add([folder]);
    const before = await list();
    const inner = join(folder, 'Leases');
    renameSync(folder, `${folder}.old`);
    mkdirSync(folder);
    renameSync(`${folder}.old`, inner);
    const moved = await call()['documents.relocate']({ collectionId, paths: [inner] });
    expect(moved.state).toBe('moved');
    await settled();
    expect((await list()).map(({ id }) => id).sort()).toEqual(before.map(({ id }) => id).sort());
  });

  it('is not taken to a folder that holds nothing of it, nor to that of another collection', async () => {
    const { collectionId } = await setup.add([folder]);
    const other = join(root, 'Recipes');
    write(other, 'soup.txt', 'Soup.');
    await setup.add([other]);
    const before = await list();
    expect(await call()['documents.relocate']({ collectionId, paths: [other] })).toMatchObject({
      ...{ state: 'taken', takenBy: 'Recipes' },
    });
    const third = join(root, 'Pictures');
    write(third, 'list.txt', 'A list of pictures.');
    expect(await call()['documents.relocate']({ collectionId, paths: [third] })).toMatchObject({
      ...{ state: 'another', found: 0, missing: 2 },
    });
    const gone = join(root, 'nowhere');
    expect(await call()['documents.relocate']({ collectionId, paths: [gone] })).toMatchObject({
      ...{ state: 'another', found: 0 },
    });
    expect(await list()).toEqual(before);
  });

  it('asks before documents that are not there go', async () => {
    const { collectionId } = await setup.add([folder]);
    const place = join(root, 'part');
    renameSync(folder, place);
    rmSync(join(place, 'sub/b.txt'));
    const before = await list();
    expect(await call()['documents.relocate']({ collectionId, paths: [place] })).toMatchObject({
      ...{ state: 'asks', found: 1, missing: 1 },
    });
    expect(await list()).toEqual(before);
    const moved = await call()['documents.relocate']({
      collectionId,
      paths: [place],
      anyway: true,
    });
    expect(moved.state).toBe('moved');
    await settled();
    expect((await list()).map(({ path }) => path)).toEqual([join(place, 'a.txt')]);
  });
});
