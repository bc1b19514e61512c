import {
  mkdirSync,
  readdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DocumentPage, PassageHit } from '../../electron/ipc/contract/index.ts';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';
import type { DocumentsSetup } from '../support/documents-setup.ts';
import { linesAt, makeDocx, makePdf } from '../support/make-documents.ts';

let setup: DocumentsSetup;
beforeEach(() => void (setup = setUpDocuments()));
afterEach(async () => {
  await setup.close();
  removeFolder(setup.files);
});

const filler = (subject: string, count: number): string[] =>
  Array.from(
    { length: count },
    (_, index) => `The ${subject} was looked at on day ${index + 1} and found in good order.`,
  );

async function makeFolder(): Promise<string> {
  const folder = join(setup.files, 'contracts');
  mkdirSync(join(folder, 'deeper'), { recursive: true });
  writeFileSync(
    join(folder, 'lease.pdf'),
    await makePdf([
      { lines: linesAt([filler('roof', 12)]) },
      {
        lines: linesAt([
          filler('cellar', 6),
          ['The caretaker of the', 'house is Ottilie Brandvold.'],
        ]),
      },
      { lines: linesAt([filler('garden', 12)]) },
    ]),
  );
  writeFileSync(
    join(folder, 'deeper', 'minutes.docx'),
    await makeDocx([
      { heading: 'Minutes', level: 1 },
      { text: 'Eleven people were present.' },
      { heading: 'Heating', level: 2 },
      { text: 'The new boiler costs 4,318 euros and comes from Arvidsson.' },
    ]),
  );
  writeFileSync(
    join(folder, 'notes.md'),
    '# Notes\n\n## Keys\n\nThe spare key hangs behind the *green* cupboard.\n',
  );
  writeFileSync(
    join(folder, 'page.html'),
    '<html><body><nav>Home Imprint</nav><main><h1>Opening</h1><p>The workshop opens at <b>8:40</b> on Tuesdays.</p></main></body></html>',
  );
  writeFileSync(join(folder, 'log.txt'), 'The meter showed 77,215 on the last day of May.\n');
  writeFileSync(join(folder, 'picture.png'), 'not read');
  writeFileSync(join(folder, '.hidden.txt'), 'never read');
  return folder;
}

/** The document's whole text, put together from its pages. */
function pagesOf(documentId: string): DocumentPage[] {
  const rows = setup.db.all<{ page: number }>({
    text: 'SELECT page FROM document_pages WHERE document_id = ? ORDER BY page',
    values: [documentId],
  });
  return rows.map(
    ({ page }) => setup.documents.handlers['documents.page']({ documentId, page }) as DocumentPage,
  );
}

function best(query: string): PassageHit {
  const hit = setup.documents.retriever.search(query, { scope: { kind: 'all' }, limit: 5 })[0];
  if (hit === undefined) throw new Error(`nothing found for ${query}`);
  return hit;
}

const cases: [
  question: string,
  fact: string,
  file: string,
  page: number | null,
  heading: string | null,
][] = [
  ['Who is the caretaker of the house?', 'Ottilie Brandvold', 'lease.pdf', 2, null],
  ['What does the new boiler cost?', '4,318 euros', 'minutes.docx', null, 'Minutes › Heating'],
  ['Where does the spare key hang?', 'green cupboard', 'notes.md', null, 'Notes › Keys'],
  ['When does the workshop open?', '8:40', 'page.html', null, 'Opening'],
  ['What did the meter show in May?', '77,215', 'log.txt', null, null],
];

describe('a folder of documents', () => {
  it('lmstudio#789, open-webui#12655: each fact is found in the right file, page and place', async () => {
    const { collectionId } = await setup.add([await makeFolder()]);
    const collections = setup.documents.handlers['documents.collections']({});
    expect(collections).toMatchObject([
      { id: collectionId, name: 'contracts', documentCount: 5, failedCount: 0 },
    ]);
    for (const [question, fact, file, page, heading] of cases) {
      const hit = best(question);
      expect(hit, question).toMatchObject({ documentName: file, page, heading });
      expect(hit.text).toContain(fact);
      const text = pagesOf(hit.documentId)
        .map((each) => each.text)
        .join('');
      expect(text.slice(hit.start, hit.end)).toBe(hit.text);
    }
  });

  it('lmstudio#789: the spans of a quote lie where the pdf shows it', async () => {
    await setup.add([await makeFolder()]);
    const hit = best('Who is the caretaker of the house?');
    const page = pagesOf(hit.documentId)[1];
    if (page === undefined) throw new Error('no second page');
    const start = page.text.indexOf('Ottilie Brandvold');
    const span = page.spans.find(([from, to]) => from <= start && to > start);
    // Line 9 of the page: six of filler, an empty one, "The caretaker …", "house is …".
    const baseline = 90 + 8 * 11 * 1.3;
    const [, , x, y, , height] = span ?? [0, 0, 0, 0, 0, 0];
    expect(x).toBeCloseTo(72, 0);
    expect(y).toBeLessThan(baseline);
    expect(y + height).toBeGreaterThan(baseline);
    expect(height).toBeLessThan(16);
  });

  it('gpt4all#1757: what was read is known again, and nothing is read twice', async () => {
    const folder = await makeFolder();
    const first = await setup.add([folder]);
    const rows = (): unknown[] =>
      setup.db.all({ text: 'SELECT rowid, id FROM passages ORDER BY rowid', values: [] });
    const before = rows();
    const again = await setup.add([folder]);
    expect(again.collectionId).toBe(first.collectionId);
    expect(rows()).toEqual(before);
  });

  it('anything-llm#1425: a changed file replaces its passages and its copy', async () => {
    const folder = await makeFolder();
    const { collectionId } = await setup.add([folder]);
    const log = join(folder, 'log.txt');
    const list = async (): Promise<string | undefined> =>
      (await setup.documents.handlers['documents.list']({ collectionId })).find(
        (each) => each.name === 'log.txt',
      )?.fileState;
    expect(await list()).toBe('same');
    const copies = readdirSync(join(setup.dataFolder, 'documents')).length;
    writeFileSync(log, 'The meter showed 90,001 on the last day of June.\n');
    await setup.add([log], collectionId);
    expect(best('meter').text).toContain('90,001');
    expect(
      setup.documents.retriever.search('77,215', { scope: { kind: 'all' }, limit: 5 }),
    ).toEqual([]);
    expect(readdirSync(join(setup.dataFolder, 'documents'))).toHaveLength(copies);
    expect(await list()).toBe('same');
  });

  it('tells a file that changed or went away since it was read', async () => {
    const folder = await makeFolder();
    const { collectionId } = await setup.add([folder]);
    utimesSync(join(folder, 'log.txt'), 1000, 1000);
    unlinkSync(join(folder, 'notes.md'));
    const list = await setup.documents.handlers['documents.list']({ collectionId });
    const states = Object.fromEntries(list.map((each) => [each.name, each.fileState]));
    expect(states).toMatchObject({ 'log.txt': 'changed', 'notes.md': 'gone', 'page.html': 'same' });
    // The kept copy still shows what was read.
    const notes = list.find((each) => each.name === 'notes.md');
    expect(pagesOf(notes?.id ?? '')[0]?.text).toContain('spare key');
  });

  it('jan#8244: a file that cannot be read says why and does not stop the rest', async () => {
    const folder = await makeFolder();
    writeFileSync(join(folder, 'a-broken.pdf'), 'no pdf at all');
    writeFileSync(join(folder, 'b-empty.txt'), '');
    const { collectionId, taskId } = await setup.add([folder]);
    expect(setup.tasks.list().find((task) => task.id === taskId)).toMatchObject({
      state: 'done',
      done: 7,
      total: 7,
      failures: 2,
    });
    const list = await setup.documents.handlers['documents.list']({ collectionId });
    const errors = Object.fromEntries(list.map((each) => [each.name, each.error?.code ?? null]));
    expect(errors).toEqual({
      'a-broken.pdf': 'document-unreadable',
      'b-empty.txt': 'document-empty',
      'lease.pdf': null,
      'log.txt': null,
      'minutes.docx': null,
      'notes.md': null,
      'page.html': null,
    });
    expect(setup.documents.handlers['documents.collections']({})).toMatchObject([
      { documentCount: 7, failedCount: 2 },
    ]);
    // Copies exist only of what was read.
    expect(readdirSync(join(setup.dataFolder, 'documents'))).toHaveLength(5);
  });

  it('jan#8244: files are named after what was given, apart from others, and what is left out is told', async () => {
    const folder = join(setup.files, 'Mixed');
    mkdirSync(folder);
    const file = (name: string): string => {
      writeFileSync(join(folder, name), `The ${name} is on the table.`);
      return join(folder, name);
    };
    const [one, two, program] = [file('one.txt'), file('two.txt'), file('tool.exe')] as const;
    const names = async (): Promise<string[]> =>
      (await setup.documents.handlers['documents.collections']({})).map(({ name }) => name).sort();
    expect((await setup.add([folder])).leftOut).toEqual([]);
    expect((await setup.add([one, program])).leftOut).toEqual(['tool.exe']);
    await setup.add([one, two]);
    await setup.add([one, two]);
    expect(await names()).toEqual(['Mixed', 'Mixed 2', 'one.txt']);
    await expect(setup.add([program])).rejects.toMatchObject({ code: 'document-unsupported' });
  });

  it('does not follow links out of the folder or in a circle', async () => {
    const folder = await makeFolder();
    writeFileSync(join(setup.files, 'outside.txt'), 'Secret words.');
    symlinkSync(join(setup.files, 'outside.txt'), join(folder, 'link.txt'));
    symlinkSync(folder, join(folder, 'circle'));
    const { collectionId } = await setup.add([folder]);
    expect(await setup.documents.handlers['documents.list']({ collectionId })).toHaveLength(5);
  });

  it('removes a document with its passages, and a copy only when nobody else uses it', async () => {
    const folder = await makeFolder();
    const first = await setup.add([folder]);
    const second = await setup.add([join(folder, 'log.txt'), join(folder, 'notes.md')]);
    expect(second.collectionId).not.toBe(first.collectionId);
    const [log] = await setup.documents.handlers['documents.list']({
      collectionId: second.collectionId,
    });
    const { path } = setup.documents.file(log?.id ?? '');
    await setup.documents.handlers['documents.remove']({ documentId: log?.id ?? '' });
    expect(readdirSync(join(setup.dataFolder, 'documents'))).toContain(path.split('/').at(-1));
    expect(
      setup.documents.retriever.search('meter', {
        scope: { kind: 'collection', collectionId: second.collectionId },
        limit: 5,
      }),
    ).toEqual([]);
    await setup.documents.handlers['documents.removeCollection'](first);
    expect(readdirSync(join(setup.dataFolder, 'documents'))).toHaveLength(1);
    expect(setup.documents.retriever.search('meter', { scope: { kind: 'all' }, limit: 5 })).toEqual(
      [],
    );
    setup.db.run({
      text: "INSERT INTO passages_fts (passages_fts, rank) VALUES ('integrity-check', 1)",
      values: [],
    });
  });

  it('cherry#6512: a large document is written in parts, and is whole in the end', async () => {
    const path = join(setup.files, 'large.txt');
    const line = (index: number): string =>
      `Entry ${index}: the valve ${index * 7} was found in order.`;
    writeFileSync(path, Array.from({ length: 6000 }, (_, index) => line(index)).join('\n\n'));
    const { collectionId } = await setup.add([path]);
    const [document] = await setup.documents.handlers['documents.list']({ collectionId });
    const pages = pagesOf(document?.id ?? '');
    expect(pages.length).toBeGreaterThan(60);
    expect(pages.map(({ page }) => page)).toEqual(pages.map((_, index) => index + 1));
    const text = pages.map((page) => page.text).join('');
    expect(document).toMatchObject({
      state: 'ready',
      pages: pages.length,
      characters: text.length,
    });
    const passages = setup.db.all<{ start: number; end: number; text: string; ordinal: number }>({
      text: 'SELECT start, "end", text, ordinal FROM passages ORDER BY ordinal',
      values: [],
    });
    expect(passages).toHaveLength(document?.passages ?? -1);
    passages.forEach((passage, index) => {
      expect(passage.ordinal).toBe(index);
      expect(text.slice(passage.start, passage.end)).toBe(passage.text);
    });
    expect(best('entry 5999').text).toContain(line(5999));
  });

  it('searches only within the scope', async () => {
    const folder = await makeFolder();
    await setup.add([folder]);
    const other = join(setup.files, 'other.txt');
    writeFileSync(other, 'The meter of the neighbours is broken.');
    const { collectionId } = await setup.add([other]);
    const found = (
      scope: Parameters<typeof setup.documents.retriever.search>[1]['scope'],
    ): string[] =>
      setup.documents.retriever.search('meter', { scope, limit: 9 }).map((hit) => hit.documentName);
    expect(found({ kind: 'all' }).sort()).toEqual(['log.txt', 'other.txt']);
    expect(found({ kind: 'collection', collectionId })).toEqual(['other.txt']);
    expect(found({ kind: 'none' })).toEqual([]);
  });

  it('tells which conversations cite a document', async () => {
    await setup.add([await makeFolder()]);
    const hit = best('spare key');
    const view = (): Promise<unknown> =>
      Promise.resolve(setup.documents.handlers['documents.view']({ documentId: hit.documentId }));
    expect(await view()).toMatchObject({ citedIn: 0, hasImage: false, pageStarts: [0] });
    const claims = JSON.stringify([
      { citation: { documentId: hit.documentId } },
      { citation: null },
    ]);
    for (const [conversation, removed] of [
      ['c1', null],
      ['c2', 5],
    ] as const) {
      setup.db.run({
        text: `INSERT INTO conversations (id, title, scope, created_at, updated_at, removed_at) VALUES (?, '', '{}', 1, 1, ?)`,
        values: [conversation, removed],
      });
      for (const message of ['a', 'b']) {
        setup.db.run({
          text: `INSERT INTO messages (id, conversation_id, role, text, status, claims, created_at) VALUES (?, ?, 'assistant', '', 'complete', ?, 1)`,
          values: [conversation + message, conversation, claims],
        });
      }
    }
    expect(await view()).toMatchObject({ citedIn: 1 });
  });
});
