import type { Migration } from '../migrate.ts';

/** What is known of each download, so that a crash or an update of the app loses nothing of it. */
export const downloads: Migration = {
  version: 30,
  purpose: 'downloads: queue, the ranges that are safely on disk, a log for each',
  up: `
CREATE TABLE downloads (
  id TEXT PRIMARY KEY,
  -- Whose file it is, in the caller's words (a catalog entry, a model).
  subject TEXT NOT NULL,
  url TEXT NOT NULL,
  file_name TEXT NOT NULL,
  sha256 TEXT,
  bytes INTEGER,
  -- What the caller expects, what the hub said about the file, what the host of the bytes says.
  expected_etag TEXT,
  linked_etag TEXT,
  etag TEXT,
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'active', 'paused', 'finishing', 'done', 'failed')),
  -- 1: fetching; 2: fetching again into the quarantined file, because its sha256 was wrong.
  pass INTEGER NOT NULL DEFAULT 1 CHECK (pass IN (1, 2)),
  failure TEXT,
  -- Bytes of bodies that arrived, also those that were thrown away.
  fetched INTEGER NOT NULL DEFAULT 0,
  start_overs INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX downloads_by_state ON downloads (state, created_at);

-- Bytes [start, end) that were flushed to the file before this row was written.
CREATE TABLE download_ranges (
  download_id TEXT NOT NULL REFERENCES downloads (id) ON DELETE CASCADE,
  start INTEGER NOT NULL,
  "end" INTEGER NOT NULL CHECK ("end" > start),
  PRIMARY KEY (download_id, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE download_log (
  rowid INTEGER PRIMARY KEY,
  download_id TEXT NOT NULL REFERENCES downloads (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  facts TEXT NOT NULL
) STRICT;
CREATE INDEX download_log_by_download ON download_log (download_id, rowid);
`,
};
