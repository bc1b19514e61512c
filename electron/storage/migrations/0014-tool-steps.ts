import type { Migration } from '../migrate.ts';

/**
 * What a model did besides writing: `steps` as a person sees them, `rounds` as they stand in later
 * prompts. Both JSON, both null for an answer that is only text.
 */
export const toolSteps: Migration = {
  version: 140,
  purpose: 'reasoning and tool calls of an answer',
  up: `
ALTER TABLE messages ADD COLUMN steps TEXT;
ALTER TABLE messages ADD COLUMN rounds TEXT;
`,
};
