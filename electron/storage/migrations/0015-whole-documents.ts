import type { Migration } from '../migrate.ts';

/**
 * Documents that stand in a prompt with all of their text. A set is its contents in their order; it ends
 * when one of them is removed or read again with other content, and what models keep of it ends with it.
 */
export const wholeDocuments: Migration = {
  version: 150,
  purpose: 'whole documents: how a conversation uses them, which sets models have read',
  up: `
ALTER TABLE conversations ADD COLUMN use TEXT NOT NULL DEFAULT 'passages'
  CHECK (use IN ('passages', 'whole'));

CREATE TABLE document_sets (
  id TEXT PRIMARY KEY,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE document_set_contents (
  set_id TEXT NOT NULL REFERENCES document_sets (id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL,
  PRIMARY KEY (set_id, sha256)
) STRICT, WITHOUT ROWID;

-- Conversations whose states hold the set's text.
CREATE TABLE document_set_uses (
  set_id TEXT NOT NULL REFERENCES document_sets (id) ON DELETE CASCADE,
  conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  PRIMARY KEY (set_id, conversation_id)
) STRICT, WITHOUT ROWID;

-- A model has read a set to its end behind these instructions (their hash: they stand before it).
CREATE TABLE document_set_reads (
  set_id TEXT NOT NULL REFERENCES document_sets (id) ON DELETE CASCADE,
  model_id TEXT NOT NULL,
  instructions TEXT NOT NULL,
  read_at INTEGER NOT NULL,
  PRIMARY KEY (set_id, model_id, instructions)
) STRICT, WITHOUT ROWID;
`,
};
