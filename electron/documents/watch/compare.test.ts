import { describe, expect, it } from 'vitest';
import type { StoredDocument } from '../../storage/repositories/documents.ts';
import type { KnownMarks } from '../../storage/repositories/watched.ts';
import { compare } from './compare.ts';
import type { Compared } from './compare.ts';
import type { SeenFile } from './scan.ts';

/** A file on the disk: its content stands for its hash. */
interface OnDisk extends Partial<SeenFile> {
  readonly content: string;
}

const at = (path: string, { content, ...rest }: OnDisk): SeenFile => ({
  path,
  format: 'txt',
  bytes: content.length,
  modifiedAt: 1000,
  changedAt: 1000,
  inode: path,
  ...rest,
});
const read = (
  path: string,
  content: string,
  rest: Partial<StoredDocument> = {},
): StoredDocument => ({
  id: `doc ${path}`,
  collectionId: 'c',
  name: path,
  path,
  format: 'txt',
  bytes: content.length,
  modifiedAt: 1000,
  sha256: content,
  state: 'ready',
  error: null,
  pages: 1,
  characters: 1,
  passages: 1,
  addedAt: 1,
  readAt: 1,
  ...rest,
});

async function plan(
  disk: Readonly<Record<string, OnDisk>>,
  documents: readonly StoredDocument[],
  more: { unseen?: string[]; noisy?: string[]; marks?: Record<string, Partial<KnownMarks>> } = {},
) {
  const files = new Map(Object.entries(disk).map(([path, file]) => [path, at(path, file)]));
  const hashed: string[] = [];
  const input: Compared = {
    scan: { files, unseen: more.unseen ?? [], rulesFiles: [], tooMany: false },
    documents,
    marks: new Map(
      documents.map((document): [string, KnownMarks] => [
        document.id,
        {
          bytes: document.bytes,
          modifiedAt: 1000,
          changedAt: 1000,
          inode: document.path,
          settled: true,
          ...more.marks?.[document.path],
        },
      ]),
    ),
    hash: async ({ path }) => {
      hashed.push(path);
      return disk[path]?.content ?? 'gone';
    },
    isQuiet: ({ path }) => !(more.noisy ?? []).includes(path),
  };
  const made = await compare(input);
  const paths = (list: readonly { document: StoredDocument; file: SeenFile }[]): string[] =>
    list.map(({ document, file }) => `${document.path} > ${file.path}`);
  return {
    removed: made.removed.map(({ path }) => path),
    moved: paths(made.moved),
    added: made.added.map(({ path }) => path),
    changed: paths(made.changed),
    touched: paths(made.touched),
    again: made.again,
    hashed,
  };
}
const nothing = { removed: [], moved: [], added: [], changed: [], touched: [], again: false };

describe('a folder compared with its documents', () => {
  it('opens no file whose size and times are as they were', async () => {
    expect(await plan({ '/a': { content: 'a' } }, [read('/a', 'a')])).toEqual({
      ...nothing,
      hashed: [],
    });
  });

  it('a file that was touched but holds the same is not read again', async () => {
    expect(
      await plan({ '/a': { content: 'a', modifiedAt: 2000 } }, [read('/a', 'a')]),
    ).toMatchObject({ ...nothing, touched: ['/a > /a'], hashed: ['/a'] });
  });

  it('a change that left size and times as they were is found while the file was young', async () => {
    const young = { marks: { '/a': { settled: false } } };
    expect(await plan({ '/a': { content: 'b' } }, [read('/a', 'a')], young)).toMatchObject({
      ...nothing,
      changed: ['/a > /a'],
    });
  });

  it('a rename and a move keep the document, without reading even its hash', async () => {
    const disk = { '/new': { content: 'a', inode: '/a', changedAt: 5000 } };
    expect(await plan(disk, [read('/a', 'a')])).toEqual({
      ...nothing,
      moved: ['/a > /new'],
      hashed: [],
    });
  });

  it('a file copied to another disk and deleted here keeps the document by its content', async () => {
    const disk = { '/x/a': { content: 'a', modifiedAt: 9 }, '/b': { content: 'c', modifiedAt: 9 } };
    expect(await plan(disk, [read('/a', 'a')])).toMatchObject({
      ...nothing,
      moved: ['/a > /x/a'],
      added: ['/b'],
    });
  });

  it('two files that changed names change documents', async () => {
    const disk = {
      '/a': { content: 'bb', inode: '/b', changedAt: 5 },
      '/b': { content: 'a', inode: '/a', changedAt: 5 },
    };
    const found = await plan(disk, [read('/a', 'a'), read('/b', 'bb')]);
    expect(found).toMatchObject({ ...nothing, moved: ['/b > /a', '/a > /b'] });
  });

  it('a log that was put aside takes its document with it', async () => {
    const disk = {
      '/log': { content: 'new', modifiedAt: 9, inode: 'fresh' },
      '/log.1': { content: 'old', inode: '/log', changedAt: 9 },
    };
    expect(await plan(disk, [read('/log', 'old')])).toMatchObject({
      ...nothing,
      moved: ['/log > /log.1'],
      added: ['/log'],
    });
  });

  it('a copy before an edit leaves the document with the file that was edited', async () => {
    const disk = {
      '/a': { content: 'edited', modifiedAt: 9 },
      '/copy': { content: 'old', modifiedAt: 9 },
    };
    expect(await plan(disk, [read('/a', 'old')])).toMatchObject({
      ...nothing,
      changed: ['/a > /a'],
      added: ['/copy'],
    });
  });

  it('a file moved over another takes its place, the other’s document goes', async () => {
    const disk = { '/b': { content: 'a', inode: '/a', changedAt: 5 } };
    expect(await plan(disk, [read('/a', 'a'), read('/b', 'b')])).toMatchObject({
      ...nothing,
      moved: ['/a > /b'],
      removed: ['/b'],
    });
  });

  it('nothing goes below a folder that cannot be listed', async () => {
    const documents = [read('/x/a', 'a'), read('/y/b', 'b')];
    expect(await plan({}, documents, { unseen: ['/x/'] })).toMatchObject({ removed: ['/y/b'] });
  });

  it('a file that is being written waits, and nothing goes for good until it rests', async () => {
    const disk = { '/new': { content: 'a' }, '/b': { content: 'bigger' } };
    const found = await plan(disk, [read('/a', 'a'), read('/b', 'b')], { noisy: ['/new', '/b'] });
    expect(found).toEqual({ ...nothing, again: true, hashed: [] });
  });

  it('a file that failed is tried again only when it changes', async () => {
    const failed = read('/a', '', { state: 'failed', passages: 0, bytes: 1 });
    expect(await plan({ '/a': { content: 'x' } }, [failed])).toMatchObject(nothing);
    expect(await plan({ '/a': { content: 'x', changedAt: 7 } }, [failed])).toMatchObject({
      changed: ['/a > /a'],
    });
  });

  it('what is just being read is compared after its end', async () => {
    const reading = read('/a', 'old', { state: 'reading' });
    expect(await plan({ '/a': { content: 'newer' } }, [reading])).toEqual({
      ...nothing,
      again: true,
      hashed: [],
    });
  });
});
