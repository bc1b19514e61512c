import type { Migration } from '../migrate.ts';

/** Existing conversations keep how they use their documents; new ones decide for each question. */
export const answering: Migration = {
  version: 190,
  purpose: 'answers: modes for each question, and how an answer came about',
  up: `
-- A check cannot be changed: the column takes the place of one with the wider check.
ALTER TABLE conversations ADD COLUMN chosen_use TEXT NOT NULL DEFAULT 'auto'
  CHECK (chosen_use IN ('auto', 'passages', 'whole', 'across'));
UPDATE conversations SET chosen_use = use;
ALTER TABLE conversations DROP COLUMN use;
ALTER TABLE conversations RENAME COLUMN chosen_use TO use;

ALTER TABLE messages ADD COLUMN facts TEXT;
`,
};
