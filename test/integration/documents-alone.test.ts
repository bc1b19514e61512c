import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { createReader } from '../../electron/documents/ingest/reader.ts';
import { sql } from '../../electron/storage/sql.ts';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';

it('a large document is parsed alone, and rows come in the order of the documents', async () => {
  const parser = createReader({
    ...{ stallMs: 60_000, totalMs: 60_000, heapMiB: 256 },
    ...{ threads: 2, together: 1000 },
  });
  const inWork = new Set<string>();
  const beside: Record<string, string[]> = {};
  const setup = setUpDocuments({
    reader: {
      threads: 2,
      read(request, signal, steps = {}) {
        const name = basename(request.name ?? '', '.txt');
        return parser.read(request, signal, {
          begin() {
            steps.begin?.();
            inWork.add(name);
            for (const one of inWork) (beside[one] ??= []).push(...inWork);
          },
          async take(parcel) {
            if (parcel.passages.length > 0) {
              // Each of these gives all of its passages at once: all of it was parsed.
              inWork.delete(name);
              // So that what may begin meanwhile has begun.
              await pause(50);
            }
            await steps.take?.(parcel);
          },
        });
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
  const rows = setup.db.all<{ name: string }>(
    sql`SELECT DISTINCT d.name FROM passages p JOIN documents d ON d.id = p.document_id ORDER BY p.rowid`,
  );
  expect(rows.map(({ name }) => name)).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt', 'e.txt']);
});
