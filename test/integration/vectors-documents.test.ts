import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';
import { createFakeEmbedder } from '../support/word-embedder.ts';

it(
  'documents that are read get vectors by themselves, are found by meaning, and lose them when they go',
  { timeout: 120_000 },
  async () => {
    const fake = createFakeEmbedder({
      fingerprint: null,
      same: [
        ['hounds', 'dogs'],
        ['slumber', 'sleep'],
      ],
    });
    let busy = true;
    const setup = setUpDocuments({ embedder: fake.provider, isBusy: () => busy });
    const { handlers } = setup.documents;
    const state = () => handlers['documents.searchState']({});
    const ready = async (): Promise<void> => {
      for (let step = 0; (await state()).vectors !== 'ready'; step += 1) {
        if (step > 4000) throw new Error('vectors were not made');
        await pause(10);
      }
    };
    try {
      const folder = join(setup.files, 'papers');
      mkdirSync(folder);
      const notes = Array.from(
        { length: 30 },
        (_, at) => `# Note ${at}\n\nSubject${at} belongs to chapter${at} alone.\n`,
      );
      writeFileSync(join(folder, 'notes.md'), notes.join('\n'));
      writeFileSync(join(folder, 'animals.md'), '# Animals\n\nHounds slumber beside the stove.\n');
      busy = false;
      await setup.add([folder]);
      expect(await state()).toMatchObject({
        vectors: 'none',
        model: null,
        lack: 'none',
        total: 31,
      });
      fake.lack = 'off';
      expect(await state()).toMatchObject({ vectors: 'none', lack: 'off' });
      const search = () => handlers['documents.searchReading']({ query: 'where dogs sleep' });
      expect(await search()).toMatchObject({ hits: [], by: 'words' });

      busy = true;
      fake.use('fake-1');
      await pause(50);
      expect(await state()).toMatchObject({ vectors: 'partial', done: 0, model: 'Fake words' });
      busy = false;
      await ready();
      expect(await state()).toMatchObject({ done: 31, total: 31 });
      expect(setup.pushed).toContain('documents.changed');
      // A search while typing does not wait long for a vector; the next key asks again.
      const found = await vi.waitFor(
        async () => {
          const reading = await search();
          expect(reading.by).toBe('words-and-meaning');
          return reading;
        },
        { timeout: 30_000 },
      );
      expect(found.hits[0]).toMatchObject({ documentName: 'animals.md', marks: [] });
      expect(found.hits[0]).not.toHaveProperty('near');
      // To the letter: meaning does not count.
      const quoted = await handlers['documents.searchReading']({ query: '"dogs sleep"' });
      expect(quoted).toMatchObject({ hits: [], by: 'words' });

      const documents = await handlers['documents.list']({});
      const animals = documents.find(({ name }) => name === 'animals.md');
      rmSync(join(folder, 'animals.md'));
      await handlers['documents.remove']({ documentId: animals?.id ?? '' });
      expect((await search()).hits.map(({ documentName }) => documentName)).not.toContain(
        'animals.md',
      );
      await ready();
      expect(await state()).toMatchObject({ done: 30, total: 30 });
    } finally {
      await setup.close();
      removeFolder(setup.files);
    }
  },
);
