import type { Migration } from '../migrate.ts';

/** What the operating system says besides resident memory, and predictions beside what came of them. */
export const memoryTruth: Migration = {
  version: 60,
  purpose: 'memory: shares told by the system, predictions beside measurements',
  up: `
ALTER TABLE memory_samples ADD COLUMN proportional INTEGER;
ALTER TABLE memory_samples ADD COLUMN swapped INTEGER;
ALTER TABLE memory_samples ADD COLUMN footprint INTEGER;
ALTER TABLE memory_samples ADD COLUMN commit_charge INTEGER;
ALTER TABLE memory_samples ADD COLUMN process INTEGER NOT NULL DEFAULT 0;
ALTER TABLE memory_samples ADD COLUMN untouched INTEGER NOT NULL DEFAULT 0;
ALTER TABLE memory_samples ADD COLUMN vram INTEGER;

-- One row a load, written when the model has answered for the first time. Rows stay when the model goes.
CREATE TABLE memory_runs (
  rowid INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  -- Two machines that share a profile do not share errors.
  machine TEXT NOT NULL,
  model_id TEXT NOT NULL,
  model_name TEXT NOT NULL,
  context_size INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  kv_type TEXT NOT NULL,
  predicted INTEGER NOT NULL,
  measured INTEGER NOT NULL,
  -- Resident memory of that process before it had a model.
  bare INTEGER NOT NULL
) STRICT;
CREATE INDEX memory_runs_by_machine ON memory_runs (machine, rowid);
CREATE INDEX memory_runs_by_model ON memory_runs (machine, model_id, rowid);
`,
};
