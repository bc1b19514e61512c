import type { Migration } from '../migrate.ts';

/** What trials of backends found out, per machine: a profile can move to another one. */
export const backends: Migration = {
  version: 130,
  purpose: 'which ways to calculate work on a machine, and why the others do not',
  up: `
CREATE TABLE backends (
  machine TEXT NOT NULL,
  name TEXT NOT NULL,
  conditions TEXT NOT NULL,
  reason TEXT,
  devices TEXT NOT NULL,
  memory INTEGER NOT NULL,
  free INTEGER NOT NULL,
  tried_at INTEGER NOT NULL,
  PRIMARY KEY (machine, name)
) STRICT;
`,
};
