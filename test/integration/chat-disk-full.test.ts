import { expect, it } from 'vitest';
import type { Conversation, TurnStarted } from '../../electron/ipc/contract/index.ts';
import { sql } from '../../electron/storage/sql.ts';
import type { Writer } from '../../electron/storage/sql.ts';
import { useChatProfile } from './chat-profile.ts';
import { lastEvent, readTurn, readUntil } from './chat-support.ts';

const { start, end } = useChatProfile();

/** SQLite answers as on a full disk when a database may have no more pages than it has. */
function fill(db: Writer): void {
  db.get(sql`PRAGMA max_page_count = 1`);
}
function empty(db: Writer): void {
  db.get(sql`PRAGMA max_page_count = 1000000`);
}

it('a disk that fills up during an answer costs no text once there is space', async () => {
  const answer = 'word '.repeat(2000);
  const setup = start({ script: { answer, pieceMs: 0 } });
  const { id } = (await setup.chat.handlers['conversations.create']({})) as Conversation;
  const { turnId, assistantMessageId } = (await setup.chat.handlers['chat.send']({
    conversationId: id,
    parentId: null,
    text: 'Go on',
  })) as TurnStarted;
  await readUntil(setup.chat, turnId, (event) => event.type === 'text');
  fill(setup.db);
  const events = await readTurn(setup.chat, turnId);
  expect(lastEvent(events)).toMatchObject({ type: 'failed', error: { code: 'disk-full' } });
  const streamed = events.flatMap(({ event }) => (event.type === 'text' ? [event.text] : []));
  empty(setup.db);
  await end(setup);

  const later = start({ run: 'later' });
  later.chat.recover();
  const { messages } = (await later.chat.handlers['conversations.get']({ id })) as Conversation;
  const kept = messages.find((message) => message.id === assistantMessageId);
  expect(kept?.status).toBe('complete');
  expect(kept?.text).toBe(streamed.join(''));
  expect(kept?.text).not.toBe('');
});
