import type { Migration } from '../migrate.ts';

/** Where the library is, and what a move of it has still to do after a crash. */
export const libraryPlace: Migration = {
  version: 40,
  purpose: 'the place of the model library',
  up: `
CREATE TABLE library (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  -- Stands in the folder's mark too, so that no other library is taken for this one.
  id TEXT NOT NULL,
  -- NULL = in the profile.
  folder TEXT,
  -- Where a move is copying to. Until it ends the library is still at its old place.
  moving_to TEXT
) STRICT;

-- Files that were moved away and are still to be deleted at their old place.
CREATE TABLE library_leavings (
  folder TEXT PRIMARY KEY,
  names TEXT NOT NULL
) STRICT;
`,
};
