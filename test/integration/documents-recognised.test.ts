import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { sourcesFrom, shapeFor } from '../../electron/chat/passages.ts';
import { wholeSources } from '../../electron/chat/whole-document.ts';
import { chunks } from '../../electron/documents/index/chunk.ts';
import type { Reader } from '../../electron/documents/ingest/reader.ts';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';
import type { DocumentsSetup } from '../support/documents-setup.ts';

// Text that a machine recognised in a picture is told as such, from the page it stands on to the answer.

const texts = ['The heron was printed.\n\n', 'The osprey was recognised.\n\n'];
const reader: Reader = {
  read({ documentId }) {
    let start = 0;
    const pages = texts.map((text, index) => {
      const page = {
        ...{ text, start, width: 595, height: 842, spans: [], headings: [], blocks: [] },
        ...{ kind: 'page' as const, title: null, isRecognised: index === 1 },
      };
      start += text.length;
      return page;
    });
    return Promise.resolve({
      pages: pages.map((page) => ({ ...page, spans: '[]', headings: '[]', blocks: '[]' })),
      passages: [...chunks(pages, { documentId, paged: true })],
    });
  },
  close: () => Promise.resolve(),
};

let setup: DocumentsSetup;
afterEach(async () => {
  await setup.close();
  removeFolder(setup.files);
});

it('recognised text is known by its page: in the viewer, a search, and what an answer read', async () => {
  setup = setUpDocuments({ reader });
  const file = join(setup.files, 'scan.pdf');
  writeFileSync(file, 'A scan.');
  await setup.add([file]);
  const [document] = await setup.documents.handlers['documents.list']({});
  const documentId = document?.id ?? '';
  const parts = await setup.documents.handlers['documents.parts']({ documentId });
  expect(parts.map(({ isRecognised }) => isRecognised)).toEqual([undefined, true]);

  const hits = async (query: string) =>
    (await setup.documents.handlers['documents.searchReading']({ query })).hits;
  expect((await hits('heron')).map(({ isRecognised }) => isRecognised)).toEqual([undefined]);
  expect((await hits('osprey')).map(({ isRecognised }) => isRecognised)).toEqual([true]);

  const { passages } = await setup.documents.retriever.find(
    'Was the osprey recognised?',
    { scope: { kind: 'all' }, limit: 3 },
    new AbortController().signal,
  );
  const flags = (sources: readonly { page: number | null; isRecognised?: true }[]) =>
    Object.fromEntries(sources.map(({ page, isRecognised = false }) => [page, isRecognised]));
  expect(flags(sourcesFrom(passages, shapeFor(4096)))).toMatchObject({ 2: true });
  expect(flags(wholeSources(setup.db, [documentId]))).toEqual({ 1: false, 2: true });
});
