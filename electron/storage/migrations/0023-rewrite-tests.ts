import type { Migration } from '../migrate.ts';

/** On one machine: the time that a model takes is part of the verdict. */
export const rewriteTests: Migration = {
  version: 230,
  purpose: 'how well each model words follow-up questions, found out with built-in dialogues',
  up: `
CREATE TABLE rewrite_tests (
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  machine TEXT NOT NULL,
  version INTEGER NOT NULL,
  dialogues INTEGER NOT NULL,
  by_rule REAL NOT NULL,
  by_model REAL NOT NULL,
  wrong REAL NOT NULL,
  median_ms REAL NOT NULL,
  tested_at INTEGER NOT NULL,
  PRIMARY KEY (model_id, machine)
) STRICT;
`,
};
