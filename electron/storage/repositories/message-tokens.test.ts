import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Message } from '../../ipc/contract/index.ts';
import type { OpenDatabase } from '../open.ts';
import { openDatabase } from '../open.ts';
import { sql } from '../sql.ts';
import { createConversation } from './conversations.ts';
import { saveMessageTokens, tokensOf } from './message-tokens.ts';
import { addMessage, finishMessage, getMessage } from './messages.ts';

let opened: OpenDatabase;
beforeEach(() => {
  opened = openDatabase({
    file: ':memory:',
    clock: { now: () => 0 },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    backupFolder: '/nowhere',
  });
});
afterEach(() => opened.close());

function addAnswer(id: string, text: string): Message {
  const { db } = opened;
  addMessage(db, {
    ...{ id, conversationId: 'c', parentId: null, role: 'assistant', text: '' },
    ...{ status: 'streaming', at: 1 },
  });
  const none = { error: null, stats: null, claims: [], support: null };
  finishMessage(db, id, { text, status: 'complete', ...none });
  return getMessage(db, id);
}

it('gives ids back exactly, to the same vocabulary and the same text, until the message goes', () => {
  const { db } = opened;
  createConversation(db, { id: 'c', at: 1, modelId: null, scope: { kind: 'none' } });
  const tokens = [0, 1, 127, 128, 16_383, 16_384, 100_351, 2 ** 31 - 1];
  const one = addAnswer('one', 'Ünïcode 😀');
  const two = addAnswer('two', 'yes');
  saveMessageTokens(db, 'one', { vocabulary: 'v', text: one.text, tokens: [9] });
  saveMessageTokens(db, 'one', { vocabulary: 'v', text: one.text, tokens });
  saveMessageTokens(db, 'two', { vocabulary: 'w', text: two.text, tokens: [7] });

  expect([...tokensOf(db, [one, two], 'v')]).toEqual([['one', tokens]]);
  expect([...tokensOf(db, [one, two], 'w')]).toEqual([['two', [7]]]);
  expect(tokensOf(db, [two], 'v').size).toBe(0);
  expect(tokensOf(db, [{ ...one, text: 'changed' }], 'v').size).toBe(0);
  expect(tokensOf(db, [], 'v').size).toBe(0);

  db.run(sql`UPDATE message_tokens SET tokens = ${Buffer.from([0x80])} WHERE message_id = 'two'`);
  expect(tokensOf(db, [two], 'w').size).toBe(0);
  db.run(sql`DELETE FROM messages WHERE id = 'one'`);
  expect(db.all(sql`SELECT message_id FROM message_tokens`)).toEqual([{ message_id: 'two' }]);
});
