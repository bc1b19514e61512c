import type { Migration } from '../migrate.ts';

/** What the hub told about files when one was fetched, and the order in which downloads go. */
export const hubFiles: Migration = {
  version: 90,
  purpose: 'files of the hub: revision, size and hash as told once; the order of downloads',
  up: `
CREATE TABLE hub_files (
  repository TEXT NOT NULL,
  -- 40 hex digits: files at a commit do not change.
  revision TEXT NOT NULL,
  file TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  told_at INTEGER NOT NULL,
  PRIMARY KEY (repository, revision, file)
) STRICT, WITHOUT ROWID;

-- Lower goes first; the same goes by age.
ALTER TABLE downloads ADD COLUMN place INTEGER NOT NULL DEFAULT 0;
`,
};
