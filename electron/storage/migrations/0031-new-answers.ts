import type { Migration } from '../migrate.ts';

/**
 * Noted at the conversation when an answer ends, and taken back when somebody sees it. No moment is kept: a clock
 * can be set back, and what comes into the database in any other way (or was there before) is not new to anybody.
 */
export const newAnswers: Migration = {
  version: 310,
  purpose: 'conversations with an answer that nobody has seen',
  up: `
ALTER TABLE conversations ADD COLUMN new_answer INTEGER NOT NULL DEFAULT 0
  CHECK (new_answer IN (0, 1));
`,
};
