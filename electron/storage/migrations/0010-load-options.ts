import type { Migration } from '../migrate.ts';

/** How a person wants a model to be loaded, where the settings should not decide. */
export const loadOptions: Migration = {
  version: 100,
  purpose: 'how each model is loaded: context, conversations, type of the memory for text',
  up: `
CREATE TABLE load_options (
  model_id TEXT PRIMARY KEY REFERENCES models (id) ON DELETE CASCADE,
  context_size INTEGER NOT NULL,
  sessions INTEGER NOT NULL,
  kv_type TEXT NOT NULL
) STRICT;
`,
};
