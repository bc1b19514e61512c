import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';
import type { DocumentsSetup } from '../support/documents-setup.ts';

// Copies of one file: a search gives the original, and says where else it lies.

let setup: DocumentsSetup;
let root: string;
let folder: string;
beforeEach(() => {
  setup = setUpDocuments();
  root = setup.files;
  folder = join(root, 'folder');
});
afterEach(async () => {
  await setup.close();
  removeFolder(root);
});

const text = 'The Harvath boiler is made by Velmor Works.';
function write(name: string, at: number, words = text): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), words);
  utimesSync(join(folder, name), at, at);
}
const search = (query: string) => setup.documents.handlers['documents.searchReading']({ query });
const found = async (query = 'boiler'): Promise<string[]> =>
  (await search(query)).hits.map(
    ({ documentName, sameIn = [] }) =>
      `${documentName} + ${sameIn.map(({ path }) => path.slice(folder.length + 1)).join(', ')}`,
  );

describe('files with the same content', () => {
  it('are found once, in the one that was there first, the others named', async () => {
    write('a copy.txt', 2000);
    write('backup/old/plant.txt', 3000);
    write('plant.txt', 1000);
    write('other.txt', 500, 'The boiler of another house.');
    await setup.add([folder]);
    const all = await found();
    expect(all).toContain('plant.txt + a copy.txt, backup/old/plant.txt');
    expect(all).toContain('other.txt + ');
    expect(all).toHaveLength(2);
  });

  it('are told by the shorter path where all are of the same age', async () => {
    write('a/b/c/plant.txt', 1000);
    write('plant (1).txt', 1000);
    await setup.add([folder]);
    expect(await found()).toEqual(['plant (1).txt + a/b/c/plant.txt']);
  });

  it('count only where the search looks', async () => {
    write('copies/plant.txt', 2000);
    write('originals/plant.txt', 1000);
    await setup.add([folder]);
    expect(await found('boiler file:copies')).toEqual(['plant.txt + ']);
    const [hit] = (await search('boiler file:copies')).hits;
    expect(hit?.documentId).toBe(await idOf('copies/plant.txt'));
  });

  it('are cited in the original, whose passage can be opened', async () => {
    write('b.txt', 1000);
    write('a.txt', 2000);
    await setup.add([folder]);
    const [passage] = (
      await setup.documents.retriever.find(
        'Who makes the Harvath boiler?',
        { scope: { kind: 'all' }, limit: 5 },
        new AbortController().signal,
      )
    ).passages;
    expect(passage?.documentId).toBe(await idOf('b.txt'));
    const around = setup.documents.retriever.neighbours(
      { documentId: passage?.documentId ?? '', passageId: passage?.passageId ?? '' },
      { before: 0, after: 0 },
    );
    expect(around.map((one) => one.text)).toEqual([text]);
  });
});

async function idOf(name: string): Promise<string | undefined> {
  const all = await setup.documents.handlers['documents.list']({});
  return all.find(({ path }) => path === join(folder, name))?.id;
}
