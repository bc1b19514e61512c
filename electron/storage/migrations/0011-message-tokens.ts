import type { Migration } from '../migrate.ts';

/** Answers go back into the prompt with the ids that they were written with. */
export const messageTokens: Migration = {
  version: 110,
  purpose: 'the exact token ids of each answer, with the vocabulary that they belong to',
  up: `
CREATE TABLE message_tokens (
  message_id TEXT PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
  vocabulary TEXT NOT NULL,
  text_hash BLOB NOT NULL,
  tokens BLOB NOT NULL
) STRICT;
`,
};
