import type { Migration } from '../migrate.ts';

/** A model that came from a repository is checked against that repository's own signer. */
export const origins: Migration = {
  version: 50,
  purpose: 'where the files of models came from, and the signature that lay beside them',
  up: `
CREATE TABLE model_origins (
  model_id TEXT PRIMARY KEY REFERENCES models (id) ON DELETE CASCADE,
  source TEXT NOT NULL CHECK (source IN ('catalogue', 'hub', 'address', 'folder', 'file')),
  tool TEXT,
  repository TEXT,
  revision TEXT,
  file TEXT,
  url TEXT,
  -- 1: the repository was read off a folder's name and proves nothing.
  is_hint INTEGER NOT NULL CHECK (is_hint IN (0, 1)),
  -- Text of the model.sig.
  signature TEXT,
  at INTEGER NOT NULL
) STRICT;

-- The same of a file that is on its way.
CREATE TABLE download_origins (
  download_id TEXT PRIMARY KEY REFERENCES downloads (id) ON DELETE CASCADE,
  source TEXT NOT NULL CHECK (source IN ('catalogue', 'hub', 'address')),
  repository TEXT,
  revision TEXT,
  file TEXT,
  url TEXT,
  signature TEXT,
  at INTEGER NOT NULL
) STRICT;
`,
};
