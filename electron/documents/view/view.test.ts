import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tmpdir } from 'node:os';
import type { Citation, DocumentPage } from '../../ipc/contract/index.ts';
import { openDatabase } from '../../storage/open.ts';
import type { OpenDatabase } from '../../storage/open.ts';
import {
  createConversation,
  updateConversation,
} from '../../storage/repositories/conversations.ts';
import { documentsRepository } from '../../storage/repositories/documents.ts';
import { addMessage, finishMessage, getMessage } from '../../storage/repositories/messages.ts';
import { isWithin, withinScope } from '../../storage/repositories/scope.ts';
import { sql } from '../../storage/sql.ts';
import { foldAligned } from './fold.ts';
import { createViewHandlers, documentPlace } from './index.ts';
import type { ViewHandlers } from './index.ts';

let opened: OpenDatabase;
let handlers: ViewHandlers;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

function write(id: string, texts: readonly string[], sha256 = 'a'): void {
  const documents = documentsRepository(opened.db);
  let start = 0;
  const pages = texts.map((text) => {
    const page = {
      ...{ text, start, width: null, height: null, spans: [], headings: [] },
      ...{ kind: 'section' as DocumentPage['kind'], title: null, blocks: [] },
    };
    start += text.length;
    return page;
  });
  documents.replaceContent(id, { sha256, bytes: 1, modifiedAt: 1 }, pages, []);
}

function add(id: string, collectionId: string): void {
  const facts = { format: 'txt' as const, bytes: 1, modifiedAt: 1, at: 1 };
  documentsRepository(opened.db).addWaiting({
    ...{ id, collectionId, name: `${id}.txt`, path: `/nowhere/${id}.txt` },
    ...facts,
  });
}

beforeEach(() => {
  const clock = { now: () => 1 };
  opened = openDatabase({ file: ':memory:', clock, log: quiet, backupFolder: tmpdir() });
  const documents = documentsRepository(opened.db);
  documents.addCollection({ id: 'c', name: 'c', folder: null, at: 1 });
  documents.addCollection({ id: 'k', name: 'k', folder: null, at: 1 });
  add('d', 'c');
  add('e', 'k');
  add('f', 'k');
  handlers = createViewHandlers({ db: opened.db, documents });
});
afterEach(() => opened.close());

const texts = [
  'The rent is due.\nIt is paid by  bank\ntransfer.\n\n',
  'Café – the CAFÉ pays rent.\n',
];

describe('finding within a document', () => {
  it('finds words across lines, whatever their case and accents, with offsets of the whole text', async () => {
    write('d', texts);
    const whole = texts.join('');
    const found = async (query: string) => {
      const { spans } = await handlers['documents.find']({ documentId: 'd', query });
      return spans.map(({ page, start, end }) => [page, whole.slice(start, end)]);
    };
    expect(await found('RENT')).toEqual([
      [1, 'rent'],
      [2, 'rent'],
    ]);
    expect(await found('cafe')).toEqual([
      [2, 'Café'],
      [2, 'CAFÉ'],
    ]);
    expect(await found('bank transfer')).toEqual([[1, 'bank\ntransfer']]);
    expect(await found('cafe - the')).toEqual([[2, 'Café – the']]);
    expect(await found('.*')).toEqual([]);
    expect(await found('  ')).toEqual([]);
  });

  it('counts all hits and lists the first ones of a word that stands everywhere', async () => {
    write('d', ['a '.repeat(4000), 'a '.repeat(4000)]);
    const { spans, total } = await handlers['documents.find']({ documentId: 'd', query: 'a' });
    expect(total).toBe(8000);
    expect(spans).toHaveLength(5000);
  });

  it('keeps offsets where folding would change the length', () => {
    for (const text of ['İstanbul', 'ﬁne ß', '한국어', 'a💡b', 'Straße “x”']) {
      expect(foldAligned(text)).toHaveLength(text.length);
    }
  });

  it('says not-found for a document that is gone', async () => {
    const gone = async () => handlers['documents.find']({ documentId: 'x', query: 'a' });
    await expect(gone()).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('parts of a document', () => {
  it('tells lengths and lines without the texts', async () => {
    write('d', texts);
    expect(await handlers['documents.parts']({ documentId: 'd' })).toMatchObject([
      { page: 1, start: 0, characters: texts[0]?.length, lines: 3 },
      { page: 2, start: texts[0]?.length, characters: texts[1]?.length, lines: 1 },
    ]);
  });
});

describe('a quote after its file was read again', () => {
  const quote = 'It is paid by bank transfer.';
  const start = texts[0]?.indexOf('It is') ?? 0;
  const cited = { documentId: 'd', start, end: start + quote.length + 1, quote };

  it('stands where it stood, however its white space was written', async () => {
    write('d', texts);
    expect(await handlers['documents.locate'](cited)).toMatchObject({ state: 'same', start });
  });

  it('is found where it went', async () => {
    write('d', ['New.\n', 'Words before. It is paid by bank transfer.']);
    expect(await handlers['documents.locate'](cited)).toEqual({
      state: 'moved',
      start: 5 + 14,
      end: 5 + 14 + quote.length,
    });
  });

  it('is said to be gone when the sentence was changed or the text ends before it', async () => {
    write('d', ['The rent is due.\nIt is paid by check and nothing else at all.']);
    expect(await handlers['documents.locate'](cited)).toMatchObject({ state: 'gone' });
    write('d', ['Short.'], 'b');
    expect(await handlers['documents.locate'](cited)).toMatchObject({ state: 'gone' });
  });

  it('is the same where the quote carries the header of its table', async () => {
    write('d', ['Item\tCost\nDesk\t40\n']);
    const row = { documentId: 'd', start: 10, end: 17, quote: 'Item\tCost\nDesk\t40' };
    expect(await handlers['documents.locate'](row)).toMatchObject({ state: 'same' });
  });
});

describe('citations into a document', () => {
  it('lists the sentences of all conversations that cite it and tells which quotes still stand', async () => {
    write('d', texts);
    const citation = (quote: string, start: number): Citation => ({
      ...{ sourceNumber: 1, documentId: 'd', documentName: 'd.txt', page: null, heading: null },
      ...{ quote, start, end: start + quote.length },
    });
    const { db } = opened;
    for (const id of ['one', 'two', 'removed']) {
      createConversation(db, { id, modelId: null, scope: { kind: 'all' }, at: 1 });
      updateConversation(db, id, { title: `About ${id}` });
      const role = 'assistant' as const;
      const answer = { id: `m-${id}`, conversationId: id, parentId: null, role, at: 2 };
      addMessage(db, { ...answer, text: '', status: 'streaming' });
      const quote = id === 'two' ? 'Something else.' : 'The rent is due.';
      finishMessage(db, `m-${id}`, {
        ...{ text: 'Well. Rent is due.', status: 'complete', error: null, stats: null },
        claims: [{ start: 6, end: 18, state: 'supported', citation: citation(quote, 0) }],
        support: 'supported',
      });
    }
    db.run(sql`UPDATE conversations SET removed_at = 1 WHERE id = 'removed'`);
    expect(await handlers['documents.citations']({ documentId: 'd' })).toMatchObject([
      { conversationId: 'two', conversationTitle: 'About two', stands: false },
      { messageId: 'm-one', sentence: 'Rent is due.', stands: true },
    ]);
    expect(await handlers['documents.citations']({ documentId: 'e' })).toEqual([]);
  });
});

describe('what is kept for seeing', () => {
  it('notes when a document was read, each time it was', () => {
    const documents = documentsRepository(opened.db);
    expect(documents.get('d')?.readAt).toBeNull();
    const before = Date.now();
    write('d', texts);
    expect(documents.get('d')?.readAt).toBeGreaterThanOrEqual(before - 1);
  });

  it('keeps the scope of a single question with it', () => {
    const { db } = opened;
    const scope = { kind: 'some', collectionIds: ['c'], documentIds: ['e'] } as const;
    createConversation(db, { id: 'x', modelId: null, scope: { kind: 'none' }, at: 1 });
    const question = { conversationId: 'x', parentId: null, role: 'user', text: 'a' } as const;
    addMessage(db, { ...question, id: 'with', status: 'complete', at: 1, scope });
    addMessage(db, { ...question, id: 'without', status: 'complete', at: 1 });
    expect(getMessage(db, 'with').scope).toEqual(scope);
    expect(getMessage(db, 'without')).not.toHaveProperty('scope');
  });

  it('takes documents of several collections and single ones as one scope', () => {
    const scope = { kind: 'some', collectionIds: ['c'], documentIds: ['e'] } as const;
    const rows = opened.db.all<{ id: string }>(
      sql`SELECT id FROM documents d WHERE ${withinScope(scope, sql`d`)} ORDER BY id`,
    );
    expect(rows.map(({ id }) => id)).toEqual(['d', 'e']);
    expect(isWithin(scope, { id: 'f', collectionId: 'k' })).toBe(false);
    expect(isWithin(scope, { id: 'f', collectionId: 'c' })).toBe(true);
  });

  it('names no place of a file that is gone', async () => {
    const documents = documentsRepository(opened.db);
    await expect(documentPlace(documents, 'd')).rejects.toMatchObject({
      code: 'document-missing',
    });
    await expect(documentPlace(documents, 'x')).rejects.toMatchObject({ code: 'not-found' });
  });
});
