import type { Migration } from '../migrate.ts';

/**
 * An answer that is being written is saved about once a second; each save took all its words out of the full-text
 * index and put them in again. It enters the index once, when it ends: also at the start after a crash, which ends
 * what nobody writes any more.
 */
export const growingAnswers: Migration = {
  version: 250,
  purpose: 'an answer is indexed when it ends, not at each save',
  up: `
INSERT INTO messages_fts (messages_fts, rowid, text)
SELECT 'delete', rowid, text FROM messages WHERE status = 'streaming';

DROP TRIGGER messages_added;
DROP TRIGGER messages_removed;
DROP TRIGGER messages_changed;
CREATE TRIGGER messages_added AFTER INSERT ON messages WHEN new.status <> 'streaming' BEGIN
  INSERT INTO messages_fts (rowid, text) VALUES (new.rowid, new.text);
END;
CREATE TRIGGER messages_removed AFTER DELETE ON messages WHEN old.status <> 'streaming' BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.rowid, old.text);
END;
CREATE TRIGGER messages_changed AFTER UPDATE OF text, status ON messages
WHEN NOT (old.status = 'streaming' AND new.status = 'streaming')
  AND (old.text <> new.text OR (old.status = 'streaming') <> (new.status = 'streaming'))
BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, text)
  SELECT 'delete', old.rowid, old.text WHERE old.status <> 'streaming';
  INSERT INTO messages_fts (rowid, text)
  SELECT new.rowid, new.text WHERE new.status <> 'streaming';
END;
`,
};
