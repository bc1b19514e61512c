import { expect, it } from 'vitest';
import { useDatabaseFile } from './database.fixture.ts';
import { recognisedPages } from './repositories/recognised.ts';
import { sql } from './sql.ts';

const open = useDatabaseFile();

it('300: pictures that were read before are known as recognised, other documents are not', () => {
  const old = open(270);
  old.db.run(sql`INSERT INTO collections VALUES ('k', 'K', NULL, 1)`);
  for (const format of ['image', 'pdf']) {
    old.db.run(sql`INSERT INTO documents
        (id, collection_id, name, path, format, bytes, modified_at, sha256, state, added_at)
      VALUES (${format}, 'k', ${format}, ${format}, ${format}, 1, 1, 'x', 'ready', 1)`);
    old.db.run(sql`INSERT INTO document_pages (document_id, page, start, text, spans, headings)
      VALUES (${format}, 1, 0, 'Text', '[]', '[]')`);
  }
  old.close();
  const opened = open();
  expect(recognisedPages(opened.db, ['image', 'pdf'])).toEqual(new Map([['image', new Set([1])]]));
  opened.close();
});
