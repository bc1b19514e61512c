import type { Migration } from '../migrate.ts';

/** Text that a machine recognised in a picture may be wrong, and is shown as such. Scans read before are not known. */
export const recognisedPages: Migration = {
  version: 300,
  purpose: 'pages whose text was recognised in a picture',
  up: `
ALTER TABLE document_pages ADD COLUMN recognised INTEGER NOT NULL DEFAULT 0;
UPDATE document_pages SET recognised = 1
  WHERE document_id IN (SELECT id FROM documents WHERE format = 'image');
CREATE INDEX document_pages_recognised ON document_pages (document_id, page) WHERE recognised = 1;
`,
};
