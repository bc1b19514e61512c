import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
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

describe('files that share a passage among other words', () => {
  const clause = `## Warranty\n\n${'Every boiler of the Harvath line is under warranty for eleven years. '.repeat(14)}`;
  const contract = (name: string, at: number, words: string): void =>
    write(name, at, `# ${words}\n\n${`${words} is all about it. `.repeat(40)}\n\n${clause}\n`);

  it('are named at the one that is given, with the place of the words in them', async () => {
    contract('first.md', 1000, 'A short contract');
    contract('second.md', 2000, 'A far longer contract between two parties');
    write('second copy.md', 3000, readFileSync(join(folder, 'second.md'), 'utf8'));
    await setup.add([folder]);
    const { hits } = await search('warranty of the Harvath boiler');
    const held = hits.filter(({ text: words }) => words.includes('eleven years'));
    expect(held).toHaveLength(1);
    const [hit] = held;
    const shown = [hit?.documentName, ...(hit?.sameIn ?? []).map((one) => one.documentName)];
    expect(shown.sort()).toEqual(['first.md', 'second copy.md', 'second.md']);
    const others = (hit?.sameIn ?? []).filter(({ at }) => at !== undefined);
    expect(others.length).toBeGreaterThan(0);
    for (const { documentId, at } of others) {
      if (at === undefined) throw new Error('no place');
      const { handlers } = setup.documents;
      const { pageStarts } = await handlers['documents.view']({ documentId });
      const page = pageStarts.filter((from) => from <= at.start).length;
      const { text: words } = await handlers['documents.page']({ documentId, page });
      const from = pageStarts[page - 1] ?? 0;
      expect(words.slice(at.start - from, at.end - from)).toBe(hit?.text);
    }
  });

  it('count only where the search looks', async () => {
    contract('in/first.md', 1000, 'A short contract');
    contract('out/second.md', 2000, 'A far longer contract between two parties');
    await setup.add([folder]);
    const { hits } = await search('warranty of the Harvath boiler file:/in/');
    const [hit] = hits.filter(({ text: words }) => words.includes('eleven years'));
    expect(hit?.documentName).toBe('first.md');
    expect(hit?.sameIn).toBeUndefined();
  });
});

async function idOf(name: string): Promise<string | undefined> {
  const all = await setup.documents.handlers['documents.list']({});
  return all.find(({ path }) => path === join(folder, name))?.id;
}
