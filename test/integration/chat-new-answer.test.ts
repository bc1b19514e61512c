import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { useChatProfile } from './chat-profile.ts';
import { readTurn, readUntil } from './chat-support.ts';
import type { Setup } from './chat-support.ts';

const profile = useChatProfile();
const { start } = profile;
/** Quits, and starts again on the same database. */
const restart = async (setup: Setup, options: Parameters<typeof start>[0] = {}): Promise<Setup> => {
  await profile.end(setup);
  const again = start({ run: 'later', ...options });
  again.chat.recover();
  return again;
};

const slow = { script: { answer: 'word '.repeat(2000), pieceMs: 1 } };
const create = async ({ chat }: Setup) => (await chat.handlers['conversations.create']({})).id;
const send = async ({ chat }: Setup, conversationId: string) =>
  await chat.handlers['chat.send']({ conversationId, parentId: null, text: 'Is it raining?' });
/** The conversations that have an answer nobody has seen. */
const marked = async ({ chat }: Setup) =>
  (await chat.handlers['conversations.list']({}))
    .filter(({ hasNewAnswer }) => hasNewAnswer)
    .map(({ id }) => id);

describe('an answer that nobody has seen', () => {
  it('is told in the list when it has ended, also after a restart, until it is seen', async () => {
    let setup = start();
    const [one, two] = [await create(setup), await create(setup)];
    for (const id of [one, two]) await readTurn(setup.chat, (await send(setup, id)).turnId);
    expect((await marked(setup)).sort()).toEqual([one, two].sort());
    setup = await restart(setup);
    expect((await marked(setup)).sort()).toEqual([one, two].sort());
    await setup.chat.handlers['conversations.seen']({ id: one });
    expect(await marked(setup)).toEqual([two]);
    setup = await restart(setup);
    expect(await marked(setup)).toEqual([two]);
  });

  it('is not told while the next one is written, and not of one that was stopped', async () => {
    let setup = start();
    const id = await create(setup);
    await readTurn(setup.chat, (await send(setup, id)).turnId);
    setup = await restart(setup, slow);
    expect(await marked(setup)).toEqual([id]);
    const { turnId } = await send(setup, id);
    await readUntil(setup.chat, turnId, (event) => event.type === 'text');
    expect(await marked(setup)).toEqual([]);
    await setup.chat.handlers['conversations.seen']({ id });
    await setup.chat.handlers['chat.stop']({ turnId });
    await readTurn(setup.chat, turnId);
    expect(await marked(setup)).toEqual([]);
  });

  it('is also one that was written when the program was quit, with some words of it', async () => {
    let setup = start(slow);
    const [one, two, stopped] = [await create(setup), await create(setup), await create(setup)];
    for (const id of [one, two, stopped]) {
      const { turnId } = await send(setup, id);
      await readUntil(setup.chat, turnId, (event) => event.type === 'text');
      if (id === stopped) await setup.chat.handlers['chat.stop']({ turnId });
      if (id === stopped) await readTurn(setup.chat, turnId);
    }
    const empty = await create(setup);
    setup.script.answer = '';
    await send(setup, empty);
    setup = await restart(setup);
    expect((await marked(setup)).sort()).toEqual([one, two].sort());
  });

  it('is also one that a crash cut off; another branch on screen is none', async () => {
    let setup = start();
    const id = await create(setup);
    const first = await send(setup, id);
    await readTurn(setup.chat, first.turnId);
    await setup.chat.handlers['conversations.seen']({ id });
    const raw = new BetterSqlite3(profile.file);
    raw.exec(`UPDATE messages SET status = 'streaming' WHERE role = 'assistant'`);
    raw.close();
    setup = await restart(setup);
    expect(await marked(setup)).toEqual([id]);
    await setup.chat.handlers['conversations.seen']({ id });
    await readTurn(setup.chat, (await send(setup, id)).turnId);
    await setup.chat.handlers['conversations.seen']({ id });
    await setup.chat.handlers['conversations.update']({
      id,
      showMessageId: first.assistantMessageId,
    });
    await setup.chat.handlers['conversations.remove']({ id });
    await setup.chat.handlers['conversations.restore']({ id });
    expect(await marked(setup)).toEqual([]);
    // One that is not there is nothing to see, and no fault.
    await setup.chat.handlers['conversations.seen']({ id: 'gone' });
  });
});
