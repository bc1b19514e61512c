import { describe, expect, it } from 'vitest';
import { useDatabaseFile } from './database.fixture.ts';
import type { OpenDatabase } from './open.ts';
import { addMessage, finishMessage, saveText } from './repositories/messages.ts';
import { sql } from './sql.ts';

const open = useDatabaseFile();
const begin = ({ db }: OpenDatabase): void => {
  db.run(sql`INSERT INTO conversations (id, title, scope, created_at, updated_at)
    VALUES ('c', '', '{}', 1, 1)`);
  addMessage(db, {
    ...{ id: 'a', conversationId: 'c', parentId: null, role: 'assistant', text: '' },
    ...{ status: 'streaming', at: 1 },
  });
};
const finish = ({ db }: OpenDatabase, text: string, status: 'complete' | 'failed'): void =>
  finishMessage(db, 'a', { text, status, error: null, stats: null, claims: [], support: null });
const found = ({ db }: OpenDatabase, word: string): number =>
  db.all(sql`SELECT rowid FROM messages_fts WHERE messages_fts MATCH ${word}`).length;
const indexRows = ({ db }: OpenDatabase): string =>
  JSON.stringify(db.all(sql`SELECT id, hex(block) AS block FROM messages_fts_data ORDER BY id`));

describe('the index of messages', () => {
  it('is not touched while an answer grows, and holds it once it has ended', () => {
    const opened = open();
    begin(opened);
    const before = indexRows(opened);
    saveText(opened.db, 'a', 'Porphyry is a rock');
    saveText(opened.db, 'a', 'Porphyry is a rock with crystals');
    expect(indexRows(opened)).toBe(before);
    finish(opened, 'Porphyry is a rock with crystals.', 'complete');
    expect([found(opened, 'porphyry'), found(opened, 'crystals')]).toEqual([1, 1]);
    opened.db.run(sql`UPDATE messages SET text = 'Basalt' WHERE id = 'a'`);
    expect([found(opened, 'porphyry'), found(opened, 'basalt')]).toEqual([0, 1]);
    opened.db.run(sql`UPDATE messages SET status = 'streaming' WHERE id = 'a'`);
    expect(found(opened, 'basalt')).toBe(0);
    finish(opened, 'Basalt', 'complete');
    opened.db.run(sql`DELETE FROM messages`);
    expect(found(opened, 'basalt')).toBe(0);
    opened.db.run(sql`INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)`);
    opened.close();
  });

  it('holds what a crash left, as the next start ends it with the same text', () => {
    let opened = open();
    begin(opened);
    saveText(opened.db, 'a', 'Half of a porphyry');
    opened.close();
    opened = open();
    expect(found(opened, 'porphyry')).toBe(0);
    finish(opened, 'Half of a porphyry', 'failed');
    expect(found(opened, 'porphyry')).toBe(1);
    opened.close();
  });

  it('250: takes an answer that an older program left in the middle out and in again, once', () => {
    let opened = open(200);
    begin(opened);
    saveText(opened.db, 'a', 'Half of a porphyry');
    expect(found(opened, 'porphyry')).toBe(1);
    opened.close();
    opened = open();
    expect(found(opened, 'porphyry')).toBe(0);
    finish(opened, 'Half of a porphyry', 'failed');
    opened.db.run(sql`INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)`);
    expect(found(opened, 'porphyry')).toBe(1);
    opened.close();
  });
});
