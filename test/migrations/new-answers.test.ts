import { expect, it } from 'vitest';
import { useDatabaseFile } from '../../electron/storage/database.fixture.ts';
import {
  createConversation,
  listConversations,
  markSeen,
  updateConversation,
} from '../../electron/storage/repositories/conversations.ts';
import { sql } from '../../electron/storage/sql.ts';

const open = useDatabaseFile();

it('310: conversations of before stay, and none of their answers is new', () => {
  const before = open(300);
  before.db.run(sql`INSERT INTO conversations (id, title, scope, created_at, updated_at)
    VALUES ('c', 'Old', '{"kind":"all"}', 1, 5)`);
  before.db.run(sql`INSERT INTO messages (id, conversation_id, role, text, status, created_at)
    VALUES ('q', 'c', 'user', 'Why?', 'complete', 2), ('a', 'c', 'assistant', 'So.', 'complete', 3)`);
  before.close();

  const { db, close } = open();
  const listed = () =>
    listConversations(db).map(({ title, hasNewAnswer }) => [title, hasNewAnswer]);
  expect(listed()).toEqual([['Old', undefined]]);
  expect(listConversations(db)[0]?.messageCount).toBe(2);
  updateConversation(db, 'c', { hasNewAnswer: true });
  createConversation(db, { id: 'n', modelId: null, scope: { kind: 'all' }, at: 2 });
  expect(listed()).toEqual([
    ['Old', true],
    ['', undefined],
  ]);
  expect([markSeen(db, 'c'), markSeen(db, 'c')]).toEqual([true, false]);
  expect(listed()[0]).toEqual(['Old', undefined]);
  expect(() => db.run(sql`UPDATE conversations SET new_answer = 2`)).toThrowError();
  close();
});
