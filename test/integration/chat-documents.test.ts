import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  DocumentScope,
  Message,
  Numbered,
  TurnEvent,
} from '../../electron/ipc/contract/index.ts';
import { sql } from '../../electron/storage/sql.ts';
import { addDocument, hit, lastEvent, readTurn, setUp, typesOf } from './chat-support.ts';
import type { Setup } from './chat-support.ts';

const everything: DocumentScope = { kind: 'all' };
const tank = hit(
  'The Kerra dryer stands on the second floor. Its tank holds 448 ml. Empty it weekly.',
);
const belt = hit('The Kerra belt is replaced by the service every two years. It costs 31 euros.', {
  passageId: 'passage-2',
  documentId: 'document-2',
  documentName: 'Service.md',
  page: null,
  heading: 'Belts',
  start: 0,
  end: 76,
  score: 0.9,
});

let setup: Setup;
let id: string;
const begin = async (options: Parameters<typeof setUp>[0] = {}): Promise<void> => {
  setup = setUp(options);
  ({ id } = await setup.chat.handlers['conversations.create']({ scope: everything }));
};
const ask = async (
  text: string,
  parentId: string | null = null,
): Promise<{ events: Numbered<TurnEvent>[]; message: Message }> => {
  const { turnId } = await setup.chat.handlers['chat.send']({
    conversationId: id,
    parentId,
    text,
  });
  const events = await readTurn(setup.chat, turnId);
  const last = lastEvent(events);
  if (last.type !== 'done') throw new Error(JSON.stringify(last));
  return { events, message: last.message };
};
const prompts = () => setup.launcher.engines[0]?.generated.map(({ prompt }) => prompt) ?? [];

beforeEach(() => begin());
afterEach(() => setup.end());

describe('an answer from documents', () => {
  it('shows the sources before the text and cites the sentence that supports each claim', async () => {
    setup.found = [tank, belt];
    addDocument(setup.db, tank);
    addDocument(setup.db, belt);
    setup.script.answer =
      'The tank of the Kerra dryer holds 448 ml. The belt costs 31 euros. It was made in Oslo.';
    const { events, message } = await ask('How big is the tank of the Kerra dryer?');
    expect(typesOf(events)).toEqual([
      'queued',
      'mode',
      'loading',
      'sources',
      'reading',
      'text',
      'done',
    ]);
    const sources = events.find(({ event }) => event.type === 'sources')?.event;
    expect(sources).toMatchObject({ searched: 2, sources: [{ number: 1 }, { number: 2 }] });
    expect(message.support).toBe('partly');
    expect(message.claims.map(({ state }) => state)).toEqual([
      'supported',
      'supported',
      'unsupported',
    ]);
    const [first, second] = message.claims;
    expect(first?.citation).toEqual({
      sourceNumber: 1,
      documentId: 'document-1',
      documentName: 'Manual.pdf',
      page: 3,
      heading: null,
      quote: 'Its tank holds 448 ml.',
      start: 144,
      end: 166,
    });
    expect(second?.citation).toMatchObject({ sourceNumber: 2, quote: 'It costs 31 euros.' });
    const [claim] = message.claims;
    expect(message.text.slice(claim?.start, claim?.end)).toBe(
      'The tank of the Kerra dryer holds 448 ml.',
    );
  });

  it('gives the template its documents, numbered as cited', async () => {
    setup.found = [tank, belt];
    await ask('How big is the tank?');
    expect(prompts()[0]?.documents).toEqual([
      { doc_id: '1', title: 'Manual.pdf', text: tank.text },
      { doc_id: '2', title: 'Belts', text: belt.text, source: 'Service.md' },
    ]);
  });

  it('does not ask the model when nothing is found, and tells it so later', async () => {
    const { events, message } = await ask('Who is the mayor of Paris?');
    expect(typesOf(events)).toEqual(['queued', 'mode', 'sources', 'done']);
    expect(message).toMatchObject({ text: '', status: 'complete', support: 'not-in-documents' });
    expect(setup.launcher.engines).toHaveLength(0);
    setup.found = [tank];
    await ask('How big is the tank of the dryer?', message.id);
    expect(prompts()[0]?.messages.map(({ content }) => content)).toEqual([
      'Who is the mayor of Paris?',
      'The documents do not contain the answer to that question.',
      'How big is the tank of the dryer?',
    ]);
  });

  it('says of documents that were not read yet, where nothing read answers', async () => {
    const { message: before } = await ask('Who is the mayor of Paris?');
    expect(before.facts?.searched).not.toHaveProperty('unread');
    setup.db.run(
      sql`INSERT INTO collections (id, name, created_at) VALUES ('papers', 'Papers', 1)`,
    );
    for (const [at, state] of ['waiting', 'reading', 'failed', 'ready'].entries()) {
      const name = `${state}.pdf`;
      setup.db
        .run(sql`INSERT INTO documents (id, collection_id, name, path, format, bytes, modified_at, sha256,
          state, characters, passages, added_at)
        VALUES (${state}, 'papers', ${name}, ${name}, 'pdf', 1, 1, ${state}, ${state}, 0, 0, ${at})`);
    }
    const { message } = await ask('Who is the mayor of Paris?');
    expect(message.facts?.searched).toMatchObject({ unread: 2 });
  });

  it('takes a refusal of the model for what it is', async () => {
    setup.found = [tank];
    setup.script.answer = 'The documents do not contain the answer to that question.';
    const { message } = await ask('Who built it?');
    expect(message).toMatchObject({ support: 'not-in-documents', claims: [] });
  });

  it('marks an answer with a wrong number as unsupported', async () => {
    setup.found = [tank];
    setup.script.answer = 'The tank of the Kerra dryer holds 484 ml.';
    const { message } = await ask('How big is the tank?');
    expect(message.support).toBe('unsupported');
  });

  it('uses the same list again when a follow-up finds a part of it, else adds what is new behind it', async () => {
    addDocument(setup.db, tank);
    addDocument(setup.db, belt);
    setup.found = [tank, belt];
    const first = await ask('How big is the tank of the Kerra dryer?');
    setup.found = [{ ...belt, score: 5 }];
    const second = await ask('What does the belt cost?', first.message.id);
    expect(second.message.sources).toEqual(first.message.sources);
    expect(second.message.stats?.keptTokens).toBeGreaterThan(20);
    setup.found = [hit('The filter is blue.', { passageId: 'passage-3' })];
    const third = await ask('Which colour has the filter?', second.message.id);
    expect(third.message.sources.map(({ number, passageId }) => [number, passageId])).toEqual([
      [1, 'passage-1'],
      [2, 'passage-2'],
      [3, 'passage-3'],
    ]);
  });

  it('does not use passages of a document that is gone', async () => {
    addDocument(setup.db, tank);
    setup.found = [tank, belt];
    const first = await ask('How big is the tank of the Kerra dryer?');
    setup.found = [tank];
    const second = await ask('Where does the Kerra dryer stand?', first.message.id);
    expect(second.message.sources.map(({ passageId }) => passageId)).toEqual(['passage-1']);
  });

  it('searches for what a follow-up points at, and keeps the sources when it finds nothing more', async () => {
    addDocument(setup.db, tank);
    setup.found = [tank];
    const first = await ask('How big is the tank of the Kerra dryer?');
    setup.found = [];
    const second = await ask('Where is it?', first.message.id);
    expect(setup.queries[0]).toBe('How big is the tank of the Kerra dryer?');
    expect(setup.queries).toContain('Where is it?\nHow big is the tank of the Kerra dryer?');
    expect(second.message.sources).toEqual(first.message.sources);
  });

  it('answers a greeting without documents, and claims nothing for it', async () => {
    const { message } = await ask('Hello!');
    expect(message).toMatchObject({ text: 'Echo: Hello!', support: null, sources: [] });
  });

  it('looks nowhere when the conversation has no documents', async () => {
    await setup.chat.handlers['conversations.update']({ id, scope: { kind: 'none' } });
    setup.found = [tank];
    const { events, message } = await ask('Hello');
    expect(setup.queries).toEqual([]);
    expect(typesOf(events)).not.toContain('sources');
    expect(message).toMatchObject({ sources: [], claims: [], support: null });
  });

  it('keeps the prompt of a small model under its limit and says what was left out', async () => {
    await setup.end();
    await begin({ promptLimit: 200 });
    const long = 'The Kerra dryer has a very long description that goes on and on. '.repeat(8);
    setup.found = [1, 2, 3].map((n) =>
      hit(`${long}Its tank holds ${n}00 ml.`, { passageId: `long-${n}`, score: 10 - n }),
    );
    const first = await ask('How big is the tank?');
    const stats = first.message.stats;
    expect(stats?.promptTokens).toBeLessThanOrEqual(200 - 64);
    expect(stats?.droppedPassages).toBeGreaterThan(0);
    expect(first.message.sources).toHaveLength(3 - (stats?.droppedPassages ?? 0));
    const second = await ask(`${'and '.repeat(20)} how heavy is the tank?`, first.message.id);
    expect(second.message.stats?.droppedMessages).toBeGreaterThan(0);
    expect(second.message.stats?.promptTokens).toBeLessThanOrEqual(200 - 64);
  });

  it('refuses a question that alone is too long', async () => {
    await setup.end();
    await begin({ promptLimit: 200 });
    setup.found = [tank];
    const { turnId } = await setup.chat.handlers['chat.send']({
      conversationId: id,
      parentId: null,
      text: 'word '.repeat(300),
    });
    expect(lastEvent(await readTurn(setup.chat, turnId))).toMatchObject({
      type: 'failed',
      error: { code: 'prompt-too-long', detail: { limit: 136 } },
    });
  });
});
