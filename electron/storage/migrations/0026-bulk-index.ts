import type { Migration } from '../migrate.ts';

/**
 * Who writes many passages gives their rows of the full-text index first, with terms made beforehand
 * (`storage/repositories/passage-rows.ts`): such a passage is left alone. Every other one is indexed by the trigger,
 * so no writer can forget it.
 */
export const bulkIndex: Migration = {
  version: 260,
  purpose: 'a passage whose terms are in the full-text index already is not indexed again',
  up: `
DROP TRIGGER passages_added;
CREATE TRIGGER passages_added AFTER INSERT ON passages
WHEN NOT EXISTS (SELECT 1 FROM passages_fts_docsize WHERE id = new.rowid)
BEGIN
  INSERT INTO passages_fts (rowid, heading, body, owner)
  SELECT new.rowid, index_text(new.heading, new.text),
    index_text(iif(new.lead = '', new.text, new.lead || char(10) || new.text), new.text),
    'd' || hex(new.document_id) || ' c' || hex(d.collection_id)
  FROM documents d WHERE d.id = new.document_id;
END;
`,
};
