import type { Migration } from '../migrate.ts';

/**
 * When a document was read, so that a quote can name its version; and what a single question looked
 * into. `read_at` is set by a trigger: whichever way content is written, it becomes 'ready' last.
 */
export const seeing: Migration = {
  version: 200,
  purpose: 'when a document was read; the documents that one question asks',
  up: `
ALTER TABLE documents ADD COLUMN read_at INTEGER;
UPDATE documents SET read_at = added_at WHERE sha256 <> '';
CREATE TRIGGER documents_read AFTER UPDATE OF sha256, state ON documents
WHEN new.state = 'ready' AND (old.state <> 'ready' OR old.sha256 <> new.sha256) BEGIN
  UPDATE documents SET read_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE id = new.id;
END;
ALTER TABLE messages ADD COLUMN scope TEXT;
`,
};
