import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createReader } from '../../electron/documents/ingest/reader.ts';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';

it('small documents are read side by side; a large one is alone from its parsing to its last row', async () => {
  const parser = createReader({
    ...{ stallMs: 60_000, totalMs: 60_000, heapMiB: 256 },
    ...{ threads: 2, together: 1000 },
  });
  const inWork = new Set<string>();
  const beside: Record<string, string[]> = {};
  const setup = setUpDocuments({
    reader: {
      threads: 2,
      together: 1000,
      async read(request, signal, steps = {}) {
        const name = basename(request.name ?? '', '.txt');
        inWork.add(name);
        for (const one of inWork) (beside[one] ??= []).push(...inWork);
        // So that what may begin beside it has begun.
        await pause(50);
        try {
          return await parser.read(request, signal, steps);
        } finally {
          inWork.delete(name);
        }
      },
      close: () => parser.close(),
    },
    watch: { follow: false },
  });
  onTestFinished(async () => {
    await setup.close();
    removeFolder(setup.files);
  });
  const folder = join(setup.files, 'many');
  mkdirSync(folder);
  for (const name of ['a', 'b', 'd', 'e']) {
    writeFileSync(join(folder, `${name}.txt`), `The key ${name} hangs at the door.`);
  }
  writeFileSync(join(folder, 'c.txt'), 'The archive stands on the third floor. '.repeat(100));
  const { collectionId } = await setup.add([folder]);
  const list = await setup.documents.handlers['documents.list']({ collectionId });
  expect(list.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready', 'ready', 'ready']);
  expect(new Set(beside['c'])).toEqual(new Set(['c']));
  expect(beside['a']).toContain('b');
  expect(beside['d']).toContain('e');
});
