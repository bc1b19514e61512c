import type { Migration } from '../migrate.ts';

/** The rest of how a person wants a model to be loaded, and how fast prompts were read here. */
export const engineOptions: Migration = {
  version: 120,
  purpose:
    'how each model is loaded: threads, graphics, flash attention; chunks that prompts are read in',
  up: `
ALTER TABLE load_options ADD COLUMN threads INTEGER;
ALTER TABLE load_options ADD COLUMN gpu_layers INTEGER;
ALTER TABLE load_options ADD COLUMN flash_attention INTEGER NOT NULL DEFAULT 1;
CREATE TABLE read_chunks (
  model_id TEXT NOT NULL REFERENCES models (id) ON DELETE CASCADE,
  machine TEXT NOT NULL,
  tokens INTEGER NOT NULL,
  PRIMARY KEY (model_id, machine)
) STRICT;
`,
};
