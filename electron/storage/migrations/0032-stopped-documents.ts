import type { Migration } from '../migrate.ts';

/**
 * A document that a person stopped before it was read was 'failed' with the code 'cancelled', and every question about
 * what failed had to leave it out. `documents` is referred to from many tables, so that it is not built anew: a
 * column with the wider check takes the place of the one with the narrow (sqlite.org/lang_altertable.html).
 */
export const stoppedDocuments: Migration = {
  version: 320,
  purpose: 'documents that were stopped are in a state of their own',
  up: `
DROP TRIGGER documents_read;
ALTER TABLE documents ADD COLUMN stands TEXT NOT NULL DEFAULT 'waiting'
  CHECK (stands IN ('waiting', 'reading', 'ready', 'failed', 'stopped'));
UPDATE documents SET stands = CASE
  WHEN state = 'failed' AND iif(json_valid(error), json_extract(error, '$.code'), NULL) IS 'cancelled'
  THEN 'stopped' ELSE state END;
UPDATE documents SET error = NULL WHERE stands = 'stopped';
ALTER TABLE documents DROP COLUMN state;
ALTER TABLE documents RENAME COLUMN stands TO state;
CREATE TRIGGER documents_read AFTER UPDATE OF sha256, state ON documents
WHEN new.state = 'ready' AND (old.state <> 'ready' OR old.sha256 <> new.sha256) BEGIN
  UPDATE documents SET read_at = CAST(unixepoch('subsec') * 1000 AS INTEGER) WHERE id = new.id;
END;
`,
};
