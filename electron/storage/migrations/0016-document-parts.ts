import type { Migration } from '../migrate.ts';

/** Formats whose parts are not pages: slides, sheets, messages; tables and code within them; places in words. */
export const documentParts: Migration = {
  version: 160,
  purpose: 'parts of documents: what they are, their blocks, and where a passage stands',
  up: `
ALTER TABLE document_pages ADD COLUMN kind TEXT NOT NULL DEFAULT 'page';
ALTER TABLE document_pages ADD COLUMN title TEXT;
ALTER TABLE document_pages ADD COLUMN blocks TEXT NOT NULL DEFAULT '[]';
ALTER TABLE passages ADD COLUMN place TEXT;
ALTER TABLE passages ADD COLUMN lead TEXT NOT NULL DEFAULT '';
`,
};
