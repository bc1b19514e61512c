import type { Migration } from '../migrate.ts';

/** Folders that are kept in step. What is still to be read are the documents in state 'waiting'. */
export const watchedFolders: Migration = {
  version: 180,
  purpose: 'folders kept in step: rules, pauses, what files were when they were last compared',
  up: `
CREATE TABLE watched_folders (
  collection_id TEXT PRIMARY KEY REFERENCES collections (id) ON DELETE CASCADE,
  paused INTEGER NOT NULL DEFAULT 0,
  rules TEXT NOT NULL DEFAULT '',
  -- What lay at the folder's path when it was last looked at: an empty mount point is another one.
  identity TEXT,
  looked_at INTEGER,
  away_since INTEGER
) STRICT, WITHOUT ROWID;

-- A row = everything is paused.
CREATE TABLE watch_pause (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  since INTEGER NOT NULL
) STRICT;

-- The file whose content was read, or tried. settled = 0: it was so young that a later change could look the same.
CREATE TABLE watched_files (
  document_id TEXT PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
  bytes INTEGER NOT NULL,
  modified_at REAL NOT NULL,
  changed_at REAL NOT NULL,
  inode TEXT NOT NULL,
  settled INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`,
};
