import { afterEach, describe, expect, it } from 'vitest';
import { instructionsHash, readWholeSet } from '../../electron/chat/whole-document.ts';
import type { Conversation, DocumentScope } from '../../electron/ipc/contract/index.ts';
import { noteSetRead } from '../../electron/storage/repositories/whole-documents.ts';
import { sql } from '../../electron/storage/sql.ts';
import { lastEvent, readTurn, readUntil, setUp, typesOf } from './chat-support.ts';
import type { Setup } from './chat-support.ts';

let running: Setup | null = null;
afterEach(async () => {
  await running?.end();
  running = null;
});

function begin(options: Parameters<typeof setUp>[0] = {}): Setup {
  running = setUp({ contextSize: 1024, ...options });
  return running;
}

/** A document with its text on two pages and a passage for each. */
function addDocument(
  { db }: Setup,
  id: string,
  pages: readonly string[],
  more: { readonly collection?: string; readonly at?: number } = {},
): void {
  const { collection = 'papers', at = 1 } = more;
  db.run(
    sql`INSERT OR IGNORE INTO collections (id, name, created_at) VALUES (${collection}, 'Papers', 1)`,
  );
  db.run(sql`INSERT INTO documents (id, collection_id, name, path, format, bytes, modified_at, sha256,
      state, characters, passages, added_at)
    VALUES (${id}, ${collection}, ${`${id}.pdf`}, ${`/docs/${id}`}, 'pdf', 1, 1, ${`sha-${id}`}, 'ready',
      ${pages.join('').length}, ${pages.length}, ${at})`);
  let start = 0;
  for (const [index, text] of pages.entries()) {
    db.run(sql`INSERT INTO document_pages (document_id, page, start, text, spans, headings)
      VALUES (${id}, ${index + 1}, ${start}, ${text}, '[]', '[]')`);
    db.run(sql`INSERT INTO passages (id, document_id, ordinal, page, start, "end", text)
      VALUES (${`${id}-${index}`}, ${id}, ${index}, ${index + 1}, ${start}, ${start + text.length}, ${text})`);
    start += text.length;
  }
}

const lease = ['The lease of the mill ends on 3 May 2031.', 'Its rent is 940 euros a month.'];
const one: DocumentScope = { kind: 'document', documentId: 'lease' };

const create = async (
  { chat }: Setup,
  scope: DocumentScope = one,
  systemPrompt = '',
): Promise<Conversation> => {
  const made = await chat.handlers['conversations.create']({ scope, use: 'whole' });
  return systemPrompt === ''
    ? made
    : chat.handlers['conversations.update']({ id: made.id, systemPrompt });
};

async function ask(
  setup: Setup,
  conversationId: string,
  text: string,
  parentId: string | null = null,
) {
  const { turnId } = await setup.chat.handlers['chat.send']({ conversationId, parentId, text });
  const events = await readTurn(setup.chat, turnId);
  const last = lastEvent(events);
  if (!('message' in last) || last.message === null) throw new Error('no message');
  return {
    events,
    last,
    message: last.message,
    request: setup.launcher.engines[0]?.generated.at(-1),
  };
}

describe('a document as a whole (lmstudio-js#308)', () => {
  it('stands in full before the question, the same in every conversation, and is named', async () => {
    const setup = begin();
    addDocument(setup, 'lease', lease);
    const first = await ask(setup, (await create(setup)).id, 'When does the lease end?');
    const second = await ask(setup, (await create(setup)).id, 'What is the rent?');
    const documents = [{ doc_id: '1', title: 'lease.pdf', text: lease.join('\n') }];
    expect(first.request?.prompt).toEqual({
      documents,
      messages: [{ role: 'user', content: 'When does the lease end?' }],
    });
    expect(second.request?.prompt.documents).toEqual(documents);
    expect(first.request?.documentSet).toMatch(/^doc:[0-9a-f]{40}$/);
    expect(second.request?.documentSet).toBe(first.request?.documentSet);
    expect(first.message.stats?.wholeDocuments).toBe(1);
    // Nothing was searched for.
    expect(setup.queries).toEqual([]);
    expect(typesOf(first.events)).not.toContain('sources');
  });

  it('is cited like passages: the page and the span, and only what was cited is kept', async () => {
    const setup = begin({
      script: { answer: 'The rent is 940 euros a month. The lease ends on 3 May 2031.' },
    });
    addDocument(setup, 'lease', lease);
    const { message } = await ask(
      setup,
      (await create(setup)).id,
      'What is the rent, and when does it end?',
    );
    expect(message.support).toBe('supported');
    expect(message.claims.map(({ citation }) => [citation?.page, citation?.quote])).toEqual([
      [2, lease[1]],
      [1, lease[0]],
    ]);
    expect(message.claims[1]?.citation).toMatchObject({
      documentId: 'lease',
      start: 0,
      end: lease[0]?.length,
    });
    expect(message.sources.map(({ number, passageId }) => [number, passageId])).toEqual([
      [1, 'lease-1'],
      [2, 'lease-0'],
    ]);
    const saved = await setup.chat.handlers['conversations.get']({ id: message.conversationId });
    expect(saved.messages.at(-1)?.sources).toEqual(message.sources);
  });

  it('has its answers marked where it does not say so', async () => {
    const setup = begin({ script: { answer: 'The lease ends on 9 June 2044.' } });
    addDocument(setup, 'lease', lease);
    const { message } = await ask(setup, (await create(setup)).id, 'When does the lease end?');
    expect(message.support).toBe('unsupported');
    const [claim] = message.claims;
    expect(claim).toMatchObject({ state: 'contradicted', citation: { quote: lease[0] } });
    expect(claim?.differences?.map(({ said, found }) => [said, found])).toEqual([
      ['9', '3'],
      ['June', 'May'],
      ['2044', '2031'],
    ]);
    expect(message.sources.map(({ passageId }) => passageId)).toEqual(['lease-0']);
  });

  it('that does not fit is refused with both figures, and nothing is cut (ollama#3839)', async () => {
    const setup = begin({ contextSize: 256 });
    addDocument(setup, 'lease', ['word '.repeat(400)]);
    const scope = { ...one };
    const told = await setup.chat.handlers['chat.whole']({ scope });
    expect(told).toMatchObject({ fits: false, documents: 1, contextSize: 256 });
    expect(told.neededContext).toBeGreaterThan(400);
    const { last } = await ask(setup, (await create(setup)).id, 'Why?');
    expect(last).toMatchObject({ type: 'failed', error: { code: 'whole-too-large' } });
    expect(setup.launcher.engines[0]?.generated).toEqual([]);
    const { id } = await create(setup);
    const { taskId } = await setup.chat.handlers['chat.readNow']({ conversationId: id });
    await expect(setup.tasks.finished(taskId)).rejects.toMatchObject({ code: 'whole-too-large' });
  });

  it('of a collection comes in the order of adding, so that what was read stays the beginning', async () => {
    const setup = begin();
    addDocument(setup, 'zebra', ['About zebras.'], { at: 1 });
    addDocument(setup, 'apple', ['About apples.'], { at: 2 });
    addDocument(setup, 'other', ['Another folder.'], { at: 1, collection: 'else' });
    const scope: DocumentScope = { kind: 'collection', collectionId: 'papers' };
    const { request } = await ask(setup, (await create(setup, scope)).id, 'What about apples?');
    expect(request?.prompt.documents?.map(({ title }) => title)).toEqual([
      'zebra.pdf',
      'apple.pdf',
    ]);
  });
});

describe('reading in advance', () => {
  it('reads what every question begins with, in the background, and the question goes on from there', async () => {
    const setup = begin();
    addDocument(setup, 'lease', lease);
    const { id } = await create(setup, one, 'Be short.');
    const { taskId } = await setup.chat.handlers['chat.readNow']({ conversationId: id });
    await setup.tasks.finished(taskId);
    const [read] = setup.launcher.engines[0]?.generated ?? [];
    expect(read).toMatchObject({ sessionId: id, maxTokens: 0, priority: 'background' });
    const { request, message } = await ask(setup, id, 'When does the lease end?');
    expect(request?.documentSet).toBe(read?.documentSet);
    const stats = message.stats!;
    // All but the question's own words and the header of the answer.
    expect(stats.readTokens).toBeLessThanOrEqual(
      'user: When does the lease end? assistant:'.split(' ').length,
    );
    expect(stats.keptTokens).toBeGreaterThan(10);
    expect(setup.leased()).toBe(0);
  });

  it('is stopped by a question, which does not wait for its end nor lose the load', async () => {
    let asked = 0;
    const setup = begin({ script: { loadMs: 60, answer: () => `Answer ${(asked += 1)}.` } });
    addDocument(setup, 'lease', lease);
    const { id } = await create(setup);
    const { taskId } = await setup.chat.handlers['chat.readNow']({ conversationId: id });
    const { last } = await ask(setup, id, 'When does the lease end?');
    expect(last.type).toBe('done');
    expect(setup.launcher.launches).toHaveLength(1);
    expect(setup.tasks.list().find((task) => task.id === taskId)?.state).not.toBe('running');
  });

  it('is not begun while an answer is written, nor where there is no text', async () => {
    const setup = begin({ script: { pieceMs: 20, answer: 'word '.repeat(50) } });
    addDocument(setup, 'lease', lease);
    const { id } = await create(setup);
    const { turnId } = await setup.chat.handlers['chat.send']({
      ...{ conversationId: id, parentId: null, text: 'When?' },
    });
    await readUntil(setup.chat, turnId, ({ type }) => type === 'text');
    const readNow = async (conversationId: string) =>
      setup.chat.handlers['chat.readNow']({ conversationId });
    await expect(readNow(id)).rejects.toMatchObject({ code: 'model-busy' });
    await setup.chat.handlers['chat.stop']({ turnId });
    const empty = await create(setup, { kind: 'document', documentId: 'none' });
    await expect(readNow(empty.id)).rejects.toMatchObject({ code: 'document-empty' });
  });
});

describe('what is known of whole documents before they are used', () => {
  it('is a guess until the model is loaded, then counted', async () => {
    const setup = begin();
    addDocument(setup, 'lease', lease);
    const guess = await setup.chat.handlers['chat.whole']({ scope: one });
    const characters = lease.join('').length;
    expect(guess).toMatchObject({ isExact: false, isLoaded: false, fits: true });
    expect(guess.tokens).toBe(Math.ceil(characters / 4));
    expect(setup.launcher.engines).toEqual([]);
    await ask(setup, (await create(setup)).id, 'When does the lease end?');
    const exact = await setup.chat.handlers['chat.whole']({ scope: one });
    expect(exact).toMatchObject({ isExact: true, isLoaded: true, missing: 0, documents: 1 });
    const longer = await setup.chat.handlers['chat.whole']({ scope: one, systemPrompt: 'a b c' });
    expect(longer.tokens).toBe(exact.tokens + 'system: a b c'.split(' ').length);
  });

  it('tells documents that have no text yet, and a scope without any', async () => {
    const setup = begin();
    addDocument(setup, 'lease', lease);
    addDocument(setup, 'scan', []);
    const scope: DocumentScope = { kind: 'collection', collectionId: 'papers' };
    const told = await setup.chat.handlers['chat.whole']({ scope });
    expect(told).toMatchObject({ documents: 1, missing: 1 });
    const none = await setup.chat.handlers['chat.whole']({ scope: { kind: 'none' } });
    expect(none).toMatchObject({ documents: 0, documentSet: null });
  });

  it('is “read before” only with a state on disk, for this model and these instructions', async () => {
    const kept = new Set<string>();
    const setup = begin({ kept });
    addDocument(setup, 'lease', lease);
    const whole = (systemPrompt: string, modelId = 'small') =>
      setup.chat.handlers['chat.whole']({ scope: one, systemPrompt, modelId });
    await ask(setup, (await create(setup, one, 'Be short.')).id, 'When does the lease end?');
    expect(await whole('Be short.')).toMatchObject({ isReadBefore: false });
    const { id } = readWholeSet(setup.db, one)!;
    kept.add(`small ${id}`).add(`large ${id}`);
    expect(await whole('Be short.')).toMatchObject({ isReadBefore: true });
    expect(await whole('Be long.')).toMatchObject({ isReadBefore: false });
    expect(await whole('Be short.', 'large')).toMatchObject({ isReadBefore: false });
    const instructions = instructionsHash('Be short.');
    noteSetRead(setup.db, { setId: id, modelId: 'large', instructions }, 5);
    expect(await whole('Be short.', 'large')).toMatchObject({ isReadBefore: true });
  });
});

describe('a document that is gone or changed', () => {
  it('takes with it what was kept of it, in its conversations too; others stay', async () => {
    const setup = begin();
    addDocument(setup, 'lease', lease);
    addDocument(setup, 'rules', ['No drums after ten.']);
    const first = await create(setup);
    const before = await ask(setup, first.id, 'When does the lease end?');
    const other = await create(setup, { kind: 'document', documentId: 'rules' });
    await ask(setup, other.id, 'May I drum?');
    setup.chat.documentsChanged();
    expect(setup.forgotten).toEqual([]);
    setup.db.run(sql`UPDATE documents SET sha256 = 'another' WHERE id = 'lease'`);
    setup.db.run(
      sql`UPDATE document_pages SET text = 'The lease never ends.' WHERE page = 1 AND document_id = 'lease'`,
    );
    setup.chat.documentsChanged();
    expect(setup.forgotten).toEqual([before.request?.documentSet, first.id]);
    const after = await ask(setup, first.id, 'And now?', before.message.id);
    expect(after.request?.documentSet).not.toBe(before.request?.documentSet);
    expect(after.request?.prompt.documents?.[0]?.text).toContain('never ends');
    setup.db.run(sql`DELETE FROM documents WHERE id = 'rules'`);
    setup.chat.documentsChanged();
    expect(setup.forgotten.slice(2)).toContain(other.id);
  });

  it('while it is being read is forgotten when that ends', async () => {
    const setup = begin({ script: { pieceMs: 10, answer: 'word '.repeat(30) } });
    addDocument(setup, 'lease', lease);
    const { id } = await create(setup);
    const { turnId } = await setup.chat.handlers['chat.send']({
      ...{ conversationId: id, parentId: null, text: 'When?' },
    });
    await readUntil(setup.chat, turnId, ({ type }) => type === 'text');
    setup.db.run(sql`DELETE FROM documents WHERE id = 'lease'`);
    setup.chat.documentsChanged();
    const early = setup.forgotten.length;
    await readTurn(setup.chat, turnId);
    const set = setup.launcher.engines[0]?.generated[0]?.documentSet;
    expect(setup.forgotten.slice(early)).toEqual([set, id]);
  });
});
