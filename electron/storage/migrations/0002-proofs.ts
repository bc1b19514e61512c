import type { Migration } from '../migrate.ts';

/** What is known of where a model's file comes from, and of its bytes since then. */
export const proofs: Migration = {
  version: 20,
  purpose: 'proof of model files',
  up: `
CREATE TABLE model_proofs (
  model_id TEXT PRIMARY KEY REFERENCES models (id) ON DELETE CASCADE,
  -- Of the bytes with this sha256, and of no others.
  level TEXT NOT NULL CHECK (level IN ('signed', 'hash', 'unverified')),
  sha256 TEXT NOT NULL,
  identity TEXT,
  issuer TEXT,
  signed_at INTEGER,
  log_index INTEGER,
  -- Where the expected hash or signer comes from.
  repository TEXT,
  revision TEXT,
  -- Of the signature that was checked last; the signature above may be an earlier one.
  refusal TEXT,
  steps TEXT NOT NULL DEFAULT '[]',
  trust_root_at INTEGER,
  checked_at INTEGER NOT NULL,
  -- Set while the file holds other bytes than those above.
  found_sha256 TEXT,
  changed_since INTEGER
) STRICT;
`,
};
