import type { Migration } from '../migrate.ts';

/**
 * Everything that First light keeps. Conversations are a tree of messages from the start: edit and
 * regenerate make siblings, nothing is overwritten.
 */
export const firstLight: Migration = {
  version: 10,
  purpose: 'first light: conversations as trees, documents, passages, models, settings, memory',
  up: `
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE models (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  origin TEXT NOT NULL CHECK (origin IN ('builtin', 'copied', 'referenced')),
  path TEXT NOT NULL UNIQUE,
  bytes INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  sha256 TEXT,
  hash_state TEXT NOT NULL CHECK (hash_state IN ('pending', 'hashing', 'done', 'failed')),
  header TEXT NOT NULL,
  prompt_limit INTEGER,
  added_at INTEGER NOT NULL
) STRICT;

-- Thread count measured at load, per model file and machine (design.md, "Why these processes").
CREATE TABLE thread_timings (
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  machine TEXT NOT NULL,
  threads INTEGER NOT NULL,
  timings TEXT NOT NULL,
  measured_at INTEGER NOT NULL,
  PRIMARY KEY (model_id, machine)
) STRICT;

CREATE TABLE collections (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  folder TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE documents (
  id TEXT PRIMARY KEY,
  collection_id TEXT NOT NULL REFERENCES collections (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  path TEXT NOT NULL,
  format TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  modified_at INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'reading', 'ready', 'failed')),
  error TEXT,
  pages INTEGER NOT NULL DEFAULT 0,
  characters INTEGER NOT NULL DEFAULT 0,
  passages INTEGER NOT NULL DEFAULT 0,
  added_at INTEGER NOT NULL,
  UNIQUE (collection_id, path)
) STRICT;
CREATE INDEX documents_by_sha256 ON documents (sha256);

CREATE TABLE document_pages (
  document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
  page INTEGER NOT NULL,
  start INTEGER NOT NULL,
  text TEXT NOT NULL,
  width REAL,
  height REAL,
  spans TEXT NOT NULL,
  headings TEXT NOT NULL,
  PRIMARY KEY (document_id, page)
) STRICT, WITHOUT ROWID;

-- rowid is the key of passages_fts; id is stable: made from the document's hash and the span.
CREATE TABLE passages (
  rowid INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  document_id TEXT NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
  ordinal INTEGER NOT NULL,
  page INTEGER,
  heading TEXT,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL,
  text TEXT NOT NULL,
  UNIQUE (document_id, ordinal)
) STRICT;
CREATE INDEX passages_by_id ON passages (id);

CREATE VIRTUAL TABLE passages_fts USING fts5 (
  heading, text,
  content = 'passages', content_rowid = 'rowid',
  tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
  INSERT INTO passages_fts (rowid, heading, text) VALUES (new.rowid, new.heading, new.text);
END;
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
  INSERT INTO passages_fts (passages_fts, rowid, heading, text)
  VALUES ('delete', old.rowid, old.heading, old.text);
END;

CREATE TABLE conversations (
  id TEXT PRIMARY KEY,
  title TEXT NOT NULL,
  titled_by_user INTEGER NOT NULL DEFAULT 0,
  pinned INTEGER NOT NULL DEFAULT 0,
  system_prompt TEXT NOT NULL DEFAULT '',
  model_id TEXT,
  scope TEXT NOT NULL,
  leaf_id TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  -- Set by delete; undo clears it; erased at the next start.
  removed_at INTEGER
) STRICT;

CREATE TABLE messages (
  rowid INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
  parent_id TEXT REFERENCES messages (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
  text TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('complete', 'streaming', 'stopped', 'failed')),
  error TEXT,
  model_id TEXT,
  model_name TEXT,
  turn_id TEXT UNIQUE,
  stats TEXT,
  -- Sources and claims hold their own quotes: they outlive the document.
  sources TEXT NOT NULL DEFAULT '[]',
  claims TEXT NOT NULL DEFAULT '[]',
  support TEXT,
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX messages_by_conversation ON messages (conversation_id, created_at);
CREATE INDEX messages_by_parent ON messages (parent_id);

CREATE VIRTUAL TABLE messages_fts USING fts5 (
  text,
  content = 'messages', content_rowid = 'rowid',
  tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER messages_added AFTER INSERT ON messages BEGIN
  INSERT INTO messages_fts (rowid, text) VALUES (new.rowid, new.text);
END;
CREATE TRIGGER messages_removed AFTER DELETE ON messages BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.rowid, old.text);
END;
CREATE TRIGGER messages_changed AFTER UPDATE OF text ON messages WHEN old.text <> new.text BEGIN
  INSERT INTO messages_fts (messages_fts, rowid, text) VALUES ('delete', old.rowid, old.text);
  INSERT INTO messages_fts (rowid, text) VALUES (new.rowid, new.text);
END;

CREATE TABLE memory_samples (
  at INTEGER NOT NULL,
  model_id TEXT NOT NULL,
  pid INTEGER NOT NULL,
  resident INTEGER NOT NULL,
  private_bytes INTEGER,
  weights INTEGER NOT NULL,
  kv INTEGER NOT NULL,
  recurrent INTEGER NOT NULL,
  compute INTEGER NOT NULL,
  output INTEGER NOT NULL,
  checkpoints INTEGER NOT NULL,
  PRIMARY KEY (model_id, at)
) STRICT, WITHOUT ROWID;
`,
};
