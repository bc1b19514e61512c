import type { Migration } from '../migrate.ts';

/**
 * FTS5 merges parts of its index within the statement that made one too many: in a large library that alone took
 * longer than the rows it was asked to write, and everything else waited for both. Who reads documents merges after
 * each part of them, as work of its own (`documents/ingest/write.ts`); what is written otherwise FTS5 still merges
 * itself, 64 parts at a time, before there are too many.
 */
export const mergingInTurns: Migration = {
  version: 290,
  purpose: 'parts of the full-text index merged between two parts of a document, not within one',
  up: `INSERT INTO passages_fts (passages_fts, rank) VALUES ('automerge', 64);`,
};
