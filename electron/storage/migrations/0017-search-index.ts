import type { Migration } from '../migrate.ts';

/**
 * The full-text index holds terms that this program makes (`storage/terms`: folded, stemmed by language, pairs of
 * characters for Korean, Chinese and Japanese) in place of SQLite's own words, the lead of a passage, and the
 * document and collection as terms, so that a search within them reads nothing else. What was indexed before is
 * indexed again in the background (`storage/repositories/search-backlog.ts`): making terms takes longer than a
 * start may.
 */
export const searchIndex: Migration = {
  version: 170,
  purpose: 'full-text index of own terms: languages, leads, documents and collections',
  up: `
DROP TRIGGER passages_added;
DROP TRIGGER passages_removed;
DROP TABLE passages_fts;

CREATE VIRTUAL TABLE passages_fts USING fts5 (heading, body, owner, tokenize = 'ascii');
CREATE VIRTUAL TABLE passages_terms USING fts5vocab ('passages_fts', 'row');

CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
  INSERT INTO passages_fts (rowid, heading, body, owner)
  SELECT new.rowid, index_text(new.heading, new.text),
    index_text(iif(new.lead = '', new.text, new.lead || char(10) || new.text), new.text),
    'd' || hex(new.document_id) || ' c' || hex(d.collection_id)
  FROM documents d WHERE d.id = new.document_id;
END;
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
  DELETE FROM passages_fts WHERE rowid = old.rowid;
END;
CREATE TRIGGER passages_changed AFTER UPDATE OF heading, lead, text, document_id ON passages
WHEN old.heading IS NOT new.heading OR old.lead <> new.lead OR old.text <> new.text
  OR old.document_id <> new.document_id
BEGIN
  DELETE FROM passages_fts WHERE rowid = old.rowid;
  INSERT INTO passages_fts (rowid, heading, body, owner)
  SELECT new.rowid, index_text(new.heading, new.text),
    index_text(iif(new.lead = '', new.text, new.lead || char(10) || new.text), new.text),
    'd' || hex(new.document_id) || ' c' || hex(d.collection_id)
  FROM documents d WHERE d.id = new.document_id;
END;
CREATE TRIGGER documents_moved AFTER UPDATE OF collection_id ON documents
WHEN old.collection_id <> new.collection_id
BEGIN
  UPDATE passages_fts SET owner = 'd' || hex(new.id) || ' c' || hex(new.collection_id)
  WHERE rowid IN (SELECT rowid FROM passages WHERE document_id = new.id);
END;

-- One row while passages up to this rowid are still to be indexed again; none when all are.
CREATE TABLE search_backlog (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  upto INTEGER NOT NULL,
  total INTEGER NOT NULL
) STRICT;
INSERT INTO search_backlog (id, upto, total)
SELECT 1, MAX(rowid), COUNT(*) FROM passages HAVING COUNT(*) > 0;
`,
};
