import { beforeEach, expect, it } from 'vitest';
import { sql } from '../../electron/storage/sql.ts';
import { useChatProfile } from './chat-profile.ts';
import { readTurn, readUntil } from './chat-support.ts';
import type { Setup } from './chat-support.ts';

// The ids that an answer was written with go back into the prompt (peers.md 2.3: tokenised again, one
// answer in some is split otherwise, and everything behind it is read again).

const { start, end } = useChatProfile();
let setup: Setup;
beforeEach(() => {
  setup = start();
});

const send = async (conversationId: string, text: string, parentId: string | null = null) =>
  await setup.chat.handlers['chat.send']({ conversationId, parentId, text });
/** The assistant's messages of the last prompt. */
const answers = () =>
  setup.launcher.engines
    .at(-1)
    ?.generated.at(-1)
    ?.prompt.messages.filter(({ role }) => role === 'assistant');

it('an answer keeps its ids, over a restart too, and loses them with its text', async () => {
  const { id } = await setup.chat.handlers['conversations.create']({});
  const one = await send(id, 'One');
  await readTurn(setup.chat, one.turnId);
  const two = await send(id, 'Two', one.assistantMessageId);
  await readTurn(setup.chat, two.turnId);
  const [first] = answers() ?? [];
  expect(first).toMatchObject({ content: 'Echo: One' });
  expect(first?.tokens).toHaveLength(2);

  await end(setup);
  setup = start({ run: 'later' });
  const three = await send(id, 'Three', two.assistantMessageId);
  await readTurn(setup.chat, three.turnId);
  expect(answers()?.map(({ content }) => content)).toEqual(['Echo: One', 'Echo: Two']);
  expect(answers()?.[0]?.tokens).toEqual(first?.tokens);
  expect(answers()?.[1]?.tokens).toHaveLength(2);

  setup.db.run(sql`UPDATE messages SET text = 'Another' WHERE id = ${one.assistantMessageId}`);
  setup.db.run(sql`UPDATE message_tokens SET vocabulary = 'other'
    WHERE message_id = ${two.assistantMessageId}`);
  const four = await send(id, 'Four', three.assistantMessageId);
  await readTurn(setup.chat, four.turnId);
  expect(answers()?.map(({ tokens }) => tokens?.length)).toEqual([undefined, undefined, 2]);
});

it('an answer that was stopped keeps the ids of what it said', async () => {
  setup.script.answer = 'one two three four five six';
  setup.script.pieceMs = 20;
  const { id } = await setup.chat.handlers['conversations.create']({});
  const one = await send(id, 'Count');
  await readUntil(setup.chat, one.turnId, ({ type }) => type === 'text');
  await setup.chat.handlers['chat.stop']({ turnId: one.turnId });
  await readTurn(setup.chat, one.turnId);
  const two = await send(id, 'Go on', one.assistantMessageId);
  await readTurn(setup.chat, two.turnId);
  const [stopped] = answers() ?? [];
  const words = stopped?.content.split(/\s+/).filter(Boolean) ?? [];
  expect(words.length).toBeGreaterThan(0);
  expect(words.length).toBeLessThan(6);
  expect(stopped?.tokens).toHaveLength(words.length);
});
