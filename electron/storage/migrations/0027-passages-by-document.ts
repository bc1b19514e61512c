import type { Migration } from '../migrate.ts';

/**
 * Ids of passages are hashes: an index by id alone gave nearly every new passage a page of its own to be written. By
 * document first, a document's ids stand together. And FTS5 merges the parts of its index less often while documents
 * are read: whether some wait to be merged stands in `documents/index/merging.ts`, which merges them afterwards.
 */
export const passagesByDocument: Migration = {
  version: 270,
  purpose: 'an index of passages that stays together; parts of the full-text index merged later',
  up: `
DROP INDEX passages_by_id;
CREATE INDEX passages_by_document ON passages (document_id, id);
INSERT INTO passages_fts (passages_fts, rank) VALUES ('automerge', 32);
INSERT INTO passages_fts (passages_fts, rank) VALUES ('crisismerge', 256);
`,
};
