import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { Conversation, TurnEvent, TurnStarted } from '../../electron/ipc/contract/index.ts';
import { useChatProfile } from './chat-profile.ts';
import { lastEvent, readTurn, readUntil, typesOf } from './chat-support.ts';
import type { Setup } from './chat-support.ts';

const profile = useChatProfile();
const { start, end } = profile;

const create = async ({ chat }: Setup): Promise<Conversation> =>
  await chat.handlers['conversations.create']({});
const get = async ({ chat }: Setup, id: string): Promise<Conversation> =>
  await chat.handlers['conversations.get']({ id });
const send = async (
  { chat }: Setup,
  conversationId: string,
  text: string,
  parentId: string | null = null,
): Promise<TurnStarted> => await chat.handlers['chat.send']({ conversationId, parentId, text });
const isText = (event: TurnEvent): boolean => event.type === 'text';

describe('a turn', () => {
  it('streams in order, numbered without gaps, and ends once', async () => {
    const setup = start();
    const { id } = await create(setup);
    const { turnId, assistantMessageId } = await send(setup, id, 'Is it raining?');
    const events = await readTurn(setup.chat, turnId);
    expect(typesOf(events)).toEqual(['queued', 'loading', 'reading', 'text', 'done']);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    const last = lastEvent(events);
    if (last.type !== 'done') throw new Error(last.type);
    expect(last.message).toMatchObject({
      id: assistantMessageId,
      text: 'Echo: Is it raining?',
      status: 'complete',
      modelId: 'small',
      modelName: 'The small model',
      support: null,
      stats: { endReason: 'stop', droppedMessages: 0, droppedPassages: 0, answerTokens: 4 },
    });
    const streamed = events.flatMap(({ event }) => (event.type === 'text' ? [event.text] : []));
    expect(streamed.join('')).toBe(last.message.text);
    expect(setup.leased()).toBe(0);
  });

  it('replays after a number, and gives the outcome when the events are gone', async () => {
    const setup = start();
    const { id } = await create(setup);
    const { turnId } = await send(setup, id, 'one two three four');
    const all = await readTurn(setup.chat, turnId);
    expect(await readTurn(setup.chat, turnId, 2)).toEqual(all.slice(2));
    await end(setup);
    const again = start({ run: 'later' });
    const [only, ...more] = await readTurn(again.chat, turnId, 5);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ seq: 6, event: { type: 'done', message: { turnId } } });
    await expect(readTurn(again.chat, 'unknown')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('has the question on disk before chat.send answers', async () => {
    const setup = start();
    const { id } = await create(setup);
    const started = setup.chat.handlers['chat.send']({
      conversationId: id,
      parentId: null,
      text: 'Do not lose me',
    }) as TurnStarted;
    const other = new BetterSqlite3(profile.file, { readonly: true });
    expect(other.prepare('SELECT id, text, status FROM messages ORDER BY rowid').all()).toEqual([
      { id: started.userMessageId, text: 'Do not lose me', status: 'complete' },
      { id: started.assistantMessageId, text: '', status: 'streaming' },
    ]);
    other.close();
    await readTurn(setup.chat, started.turnId);
  });

  it('keeps the text when it is stopped', async () => {
    const setup = start({ script: { answer: 'word '.repeat(2000), pieceMs: 1 } });
    const { id } = await create(setup);
    const { turnId, assistantMessageId } = await send(setup, id, 'Go on');
    await readUntil(setup.chat, turnId, isText);
    await setup.chat.handlers['chat.stop']({ turnId });
    const events = await readTurn(setup.chat, turnId);
    const last = lastEvent(events);
    if (last.type !== 'stopped') throw new Error(last.type);
    const streamed = events.flatMap(({ event }) => (event.type === 'text' ? [event.text] : []));
    expect(last.message.text).toBe(streamed.join(''));
    expect(last.message.text).toContain('word');
    expect(last.message.stats).toMatchObject({ endReason: 'aborted' });
    const saved = (await get(setup, id)).messages.find((each) => each.id === assistantMessageId);
    expect(saved).toEqual(last.message);
    expect(await setup.chat.handlers['chat.stop']({ turnId })).toBeNull();
  });

  it('can be stopped while the model loads', async () => {
    const setup = start({ script: { loadMs: 60_000 } });
    const { id } = await create(setup);
    const { turnId } = await send(setup, id, 'Hello');
    await readUntil(setup.chat, turnId, (event) => event.type === 'loading');
    await setup.chat.handlers['chat.stop']({ turnId });
    const events = await readTurn(setup.chat, turnId);
    expect(lastEvent(events)).toMatchObject({ type: 'stopped', message: { text: '' } });
    setup.script.loadMs = 0;
    const next = await send(setup, id, 'Again');
    expect(lastEvent(await readTurn(setup.chat, next.turnId)).type).toBe('done');
  });

  it('says that the engine crashed, keeps the text, and answers the next question', async () => {
    const setup = start({ script: { answer: 'a b c d e f', crashAfterPieces: 3 } });
    const { id } = await create(setup);
    const { turnId, assistantMessageId } = await send(setup, id, 'First');
    expect(lastEvent(await readTurn(setup.chat, turnId))).toMatchObject({
      type: 'failed',
      error: { code: 'engine-crashed' },
      message: { text: 'a b c ', status: 'failed', error: { code: 'engine-crashed' } },
    });
    delete setup.script.crashAfterPieces;
    const next = await send(setup, id, 'Second', assistantMessageId);
    expect(lastEvent(await readTurn(setup.chat, next.turnId))).toMatchObject({ type: 'done' });
    expect(setup.launcher.engines).toHaveLength(2);
    expect(setup.leased()).toBe(0);
  });

  it('reports a load that fails', async () => {
    const setup = start({ script: { loadError: { code: 'model-missing' } } });
    const { id } = await create(setup);
    const { turnId } = await send(setup, id, 'Hello');
    expect(lastEvent(await readTurn(setup.chat, turnId))).toMatchObject({
      type: 'failed',
      error: { code: 'model-missing' },
      message: { text: '', status: 'failed' },
    });
  });

  it('fails as full when the context ends the answer, keeping the text', async () => {
    const setup = start({ script: { answer: 'word '.repeat(200) }, contextSize: 64 });
    const { id } = await create(setup);
    const { turnId } = await send(setup, id, 'Hello');
    const last = lastEvent(await readTurn(setup.chat, turnId));
    expect(last).toMatchObject({ type: 'failed', error: { code: 'context-full' } });
    expect(last).toMatchObject({ message: { stats: { endReason: 'context' } } });
    if (last.type === 'failed') expect(last.message?.text).toContain('word word');
  });

  it('says when the longest answer cut it off', async () => {
    const setup = start({ script: { answer: 'word '.repeat(200) } });
    setup.set({ maxAnswerTokens: 16 });
    const { id } = await create(setup);
    const { turnId } = await send(setup, id, 'Hello');
    expect(lastEvent(await readTurn(setup.chat, turnId))).toMatchObject({
      type: 'done',
      message: { stats: { endReason: 'length', answerTokens: 16 } },
    });
  });

  it('runs side by side with a turn of another conversation', async () => {
    const setup = start({ script: { answer: 'word '.repeat(40), pieceMs: 2 } });
    const first = await create(setup);
    const second = await create(setup);
    const a = await send(setup, first.id, 'One');
    const b = await send(setup, second.id, 'Two');
    await Promise.all([
      readUntil(setup.chat, a.turnId, isText),
      readUntil(setup.chat, b.turnId, isText),
    ]);
    const statuses = async (id: string) => (await get(setup, id)).messages.map((m) => m.status);
    expect(await statuses(first.id)).toEqual(['complete', 'streaming']);
    expect(await statuses(second.id)).toEqual(['complete', 'streaming']);
    const ends = await Promise.all([a, b].map(({ turnId }) => readTurn(setup.chat, turnId)));
    expect(ends.map((events) => lastEvent(events).type)).toEqual(['done', 'done']);
  });

  it('are told in the list while they run, and no longer', async () => {
    const setup = start({ script: { answer: 'word '.repeat(2000), pieceMs: 1 } });
    const { id } = await create(setup);
    const other = await create(setup);
    const listed = async () =>
      Object.fromEntries(
        (await setup.chat.handlers['conversations.list']({})).map((one) => [one.id, one.activity]),
      );
    const { turnId } = await send(setup, id, 'One');
    await readUntil(setup.chat, turnId, isText);
    expect(await listed()).toEqual({ [id]: 'answering', [other.id]: undefined });
    await setup.chat.handlers['chat.stop']({ turnId });
    await readTurn(setup.chat, turnId);
    await setup.chat.close();
    expect(await listed()).toEqual({ [id]: undefined, [other.id]: undefined });
  });

  it('gives way to a new question in its conversation, its text kept and read by the model', async () => {
    const setup = start({ script: { answer: 'word '.repeat(2000), pieceMs: 1 } });
    const { id } = await create(setup);
    const first = await send(setup, id, 'One');
    await readUntil(setup.chat, first.turnId, isText);
    setup.script.answer = 'Short.';
    const second = await send(setup, id, 'Two', first.assistantMessageId);
    const [a, b] = await Promise.all([
      readTurn(setup.chat, first.turnId),
      readTurn(setup.chat, second.turnId),
    ]);
    expect(lastEvent(a)).toMatchObject({ type: 'stopped' });
    expect(b[0]?.event).toEqual({ type: 'queued', position: 1 });
    expect(lastEvent(b)).toMatchObject({ type: 'done', message: { text: 'Short.' } });
    const last = lastEvent(a);
    const prompt = setup.launcher.engines[0]?.generated[1]?.prompt;
    expect(prompt?.messages.map(({ content }) => content)).toEqual([
      'One',
      last.type === 'stopped' ? last.message.text : '',
      'Two',
    ]);
  });

  it('refuses what makes no sense', async () => {
    const setup = start();
    const { id } = await create(setup);
    const { turnId, userMessageId } = await send(setup, id, 'One');
    await readTurn(setup.chat, turnId);
    const code = (code: string) => expect.objectContaining({ code }) as unknown;
    await expect(send(setup, id, '  \n ')).rejects.toEqual(code('invalid-argument'));
    await expect(send(setup, id, 'x', userMessageId)).rejects.toEqual(code('invalid-argument'));
    await expect(send(setup, 'nowhere', 'x')).rejects.toEqual(code('not-found'));
    const { regenerate, stop } = {
      regenerate: setup.chat.handlers['chat.regenerate'],
      stop: setup.chat.handlers['chat.stop'],
    };
    expect(() => regenerate({ messageId: userMessageId })).toThrowError(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
    expect(() => stop({ turnId: 'nowhere' })).toThrowError(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect((await get(setup, id)).messages).toHaveLength(2);
  });
});

describe('the tree', () => {
  it('keeps both branches of an edit and of an answer written again', async () => {
    const setup = start();
    const { id } = await create(setup);
    const first = await send(setup, id, 'First');
    await readTurn(setup.chat, first.turnId);
    const again = await setup.chat.handlers['chat.regenerate']({
      messageId: first.assistantMessageId,
    });
    await readTurn(setup.chat, again.turnId);
    const edited = await send(setup, id, 'First, edited', null);
    await readTurn(setup.chat, edited.turnId);

    const conversation = await get(setup, id);
    expect(conversation.leafId).toBe(edited.assistantMessageId);
    expect(conversation.messages.map(({ role, parentId, text }) => [role, parentId, text])).toEqual(
      [
        ['user', null, 'First'],
        ['assistant', first.userMessageId, 'Echo: First'],
        ['assistant', first.userMessageId, 'Echo: First'],
        ['user', null, 'First, edited'],
        ['assistant', edited.userMessageId, 'Echo: First, edited'],
      ],
    );
    const shown = await setup.chat.handlers['conversations.update']({
      id,
      showMessageId: first.userMessageId,
    });
    expect(shown.leafId).toBe(again.assistantMessageId);
  });

  it('asks differently when the same model writes an answer again at temperature 0', async () => {
    const setup = start();
    const { id } = await create(setup);
    const first = await send(setup, id, 'First');
    await readTurn(setup.chat, first.turnId);
    const { turnId } = await setup.chat.handlers['chat.regenerate']({
      messageId: first.assistantMessageId,
    });
    await readTurn(setup.chat, turnId);
    await setup.chat.handlers['conversations.update']({ id, modelId: 'other' });
    const other = await setup.chat.handlers['chat.regenerate']({
      messageId: first.assistantMessageId,
    });
    const last = lastEvent(await readTurn(setup.chat, other.turnId));
    expect(last).toMatchObject({ message: { modelId: 'other', modelName: 'The other model' } });
    const temperatures = setup.launcher.engines.map((engine) =>
      engine.generated.map(({ sampling }) => sampling.temperature),
    );
    expect(temperatures).toEqual([[0, 0.5], [0]]);
    const names = (await get(setup, id)).messages.map(({ modelName }) => modelName);
    expect(names).toEqual([null, 'The small model', 'The small model', 'The other model']);
  });

  it('sends the model only the branch, with the system prompt', async () => {
    const setup = start({ script: { answer: ({ prompt }) => `${prompt.messages.length}` } });
    const { id } = await create(setup);
    await setup.chat.handlers['conversations.update']({ id, systemPrompt: ' Be brief. ' });
    const first = await send(setup, id, 'First');
    await readTurn(setup.chat, first.turnId);
    const aside = await send(setup, id, 'Aside', first.assistantMessageId);
    await readTurn(setup.chat, aside.turnId);
    const main = await send(setup, id, 'Main', first.assistantMessageId);
    await readTurn(setup.chat, main.turnId);
    const { generated = [] } = setup.launcher.engines[0] ?? {};
    expect(generated.at(-1)?.sessionId).toBe(id);
    expect(generated.at(-1)?.prompt).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'First' },
        { role: 'assistant', content: '2', tokens: [50] },
        { role: 'user', content: 'Main' },
      ],
    });
  });
});

describe('after the program ended', () => {
  it('finds everything again', async () => {
    const setup = start();
    const { id } = await create(setup);
    const { turnId } = await send(setup, id, 'what is kept?');
    await readTurn(setup.chat, turnId);
    const before = await get(setup, id);
    await end(setup);
    const again = start({ run: 'later' });
    again.chat.recover();
    expect(await get(again, id)).toEqual(before);
    expect(before.title).toBe('What is kept?');
  });

  it('keeps what was written when it closes in mid-answer', async () => {
    const setup = start({ script: { answer: 'word '.repeat(2000), pieceMs: 1 } });
    const { id } = await create(setup);
    const { turnId } = await send(setup, id, 'Go on');
    await readUntil(setup.chat, turnId, isText);
    await end(setup);
    const again = start({ run: 'later' });
    again.chat.recover();
    const answer = (await get(again, id)).messages[1];
    expect(answer).toMatchObject({ status: 'stopped' });
    expect(answer?.text).toContain('word');
  });

  it('ends answers that a crash left open, keeping the text saved so far', async () => {
    const setup = start({ run: 'before' });
    const { id } = await create(setup);
    const { turnId, assistantMessageId } = await send(setup, id, 'Go on');
    await readTurn(setup.chat, turnId);
    await end(setup);
    const raw = new BetterSqlite3(profile.file);
    raw
      .prepare(`UPDATE messages SET status = 'streaming', text = 'half an' WHERE id = ?`)
      .run(assistantMessageId);
    raw.close();
    const again = start({ run: 'later' });
    again.chat.recover();
    expect((await get(again, id)).messages[1]).toMatchObject({
      text: 'half an',
      status: 'failed',
      error: { code: 'turn-interrupted' },
    });
    expect(lastEvent(await readTurn(again.chat, turnId)).type).toBe('failed');
  });

  it('starts although an answer that was left open cannot be checked', async () => {
    const setup = start();
    const { id } = await create(setup);
    const { turnId, assistantMessageId } = await send(setup, id, 'Go on');
    await readTurn(setup.chat, turnId);
    await end(setup);
    const database = new BetterSqlite3(profile.file);
    database
      .prepare("UPDATE messages SET status = 'streaming', sources = ? WHERE id = ?")
      .run(JSON.stringify([{ number: 1, text: null }]), assistantMessageId);
    database.close();
    const again = start({ run: 'later' });
    again.chat.recover();
    const saved = (await get(again, id)).messages.find((each) => each.id === assistantMessageId);
    expect(saved).toMatchObject({
      status: 'failed',
      text: 'Echo: Go on',
      claims: [],
      support: null,
    });
  });

  it('keeps the order in which messages were added when the clock is set back', async () => {
    const setup = start();
    const { id } = await create(setup);
    const first = await send(setup, id, 'one');
    await readTurn(setup.chat, first.turnId);
    await end(setup);
    const database = new BetterSqlite3(profile.file);
    database.prepare('UPDATE messages SET created_at = created_at + 86400000').run();
    database.close();
    const again = start({ run: 'later' });
    const second = await send(again, id, 'two', first.assistantMessageId);
    await readTurn(again.chat, second.turnId);
    const { turnId } = await again.chat.handlers['chat.regenerate']({
      messageId: first.assistantMessageId,
    });
    await readTurn(again.chat, turnId);
    const { messages } = await get(again, id);
    expect(messages.map(({ turnId: of, text }) => [of, text])).toEqual([
      [null, 'one'],
      [first.turnId, 'Echo: one'],
      [null, 'two'],
      [second.turnId, 'Echo: two'],
      [turnId, expect.any(String)],
    ]);
    const shown = await again.chat.handlers['conversations.update']({
      id,
      showMessageId: first.userMessageId,
    });
    expect(shown.leafId).toBe(messages.at(-1)?.id);
  });

  it('erases what was removed, and until then brings it back', async () => {
    const setup = start();
    const kept = await create(setup);
    const gone = await create(setup);
    await readTurn(setup.chat, (await send(setup, gone.id, 'Hello')).turnId);
    const { remove, restore, list } = {
      remove: setup.chat.handlers['conversations.remove'],
      restore: setup.chat.handlers['conversations.restore'],
      list: setup.chat.handlers['conversations.list'],
    };
    await remove({ id: kept.id });
    await restore({ id: kept.id });
    await remove({ id: gone.id });
    expect((await list({})).map(({ id }) => id)).toEqual([kept.id]);
    await expect(send(setup, gone.id, 'x')).rejects.toMatchObject({ code: 'not-found' });
    await end(setup);
    const again = start({ run: 'later' });
    again.chat.recover();
    expect(() => again.chat.handlers['conversations.restore']({ id: gone.id })).toThrowError(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(await again.chat.handlers['conversations.search']({ query: 'hello' })).toEqual([]);
  });

  it('stops the turn of a conversation that is removed', async () => {
    const setup = start({ script: { answer: 'word '.repeat(2000), pieceMs: 1 } });
    const { id } = await create(setup);
    const { turnId } = await send(setup, id, 'Go on');
    await readUntil(setup.chat, turnId, isText);
    await setup.chat.handlers['conversations.remove']({ id });
    expect(lastEvent(await readTurn(setup.chat, turnId)).type).toBe('stopped');
    await new Promise((resolve) => setImmediate(resolve));
    // At once, and once more at the end: the engine may have kept a state then.
    expect(setup.launcher.engines[0]?.forgotten).toEqual([id, id]);
    await setup.chat.handlers['conversations.restore']({ id });
    expect((await get(setup, id)).messages[1]?.text).toContain('word');
  });
});
