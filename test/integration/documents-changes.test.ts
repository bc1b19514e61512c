import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chunk } from '../../electron/documents/index/chunk.ts';
import { sectionsOf } from '../../electron/documents/ingest/extract/sections.ts';
import type { DocumentScope, Source } from '../../electron/ipc/contract/index.ts';
import { sourcesNow } from '../../electron/storage/repositories/cited-passages.ts';
import { documentsRepository } from '../../electron/storage/repositories/documents.ts';
import type { NewContent, Touched } from '../../electron/storage/repositories/documents.ts';
import { sql } from '../../electron/storage/sql.ts';
import { removeFolder, setUpDocuments } from '../support/documents-setup.ts';
import type { DocumentsSetup } from '../support/documents-setup.ts';
import { seededBelow } from '../support/seeded.ts';

let setup: DocumentsSetup;
beforeEach(() => {
  setup = setUpDocuments();
});
afterEach(async () => {
  await setup.close();
  removeFolder(setup.files);
});

const all: DocumentScope = { kind: 'all' };
const words =
  'pump cellar mill caretaker budget boiler council bridge harbour winter copper ledger'.split(' ');

/** Paragraphs of a book; each has a number that no other has. */
function paragraphs(count: number, seed = 1): string[] {
  const random = seededBelow(seed);
  return Array.from({ length: count }, (_, number) => {
    const sentence = (): string =>
      `The ${words[random(words.length)]} of the ${words[random(words.length)]} was looked at ${random(90)} times.`;
    return `Paragraph ${number}. ${Array.from({ length: 2 + random(7) }, sentence).join(' ')}`;
  });
}

const contentOf = (all: readonly string[], sha256: string): NewContent => {
  let start = 0;
  const { pages } = sectionsOf(all.map((text) => ({ text, level: null })));
  const placed = pages.map((page) => {
    const at = start;
    start += page.text.length;
    return { ...page, kind: 'section' as const, title: null, blocks: page.blocks ?? [], start: at };
  });
  return {
    file: { sha256, bytes: 1, modifiedAt: 1 },
    pages: placed,
    passages: chunk(placed, { documentId: 'd', paged: false }),
  };
};

/** All rows of the document and what the index finds, whatever their rowids are. */
const state = (): unknown => ({
  pages: setup.db.all(sql`SELECT * FROM document_pages ORDER BY page`),
  passages: setup.db.all(
    sql`SELECT id, ordinal, page, heading, place, lead, start, "end", text FROM passages ORDER BY ordinal`,
  ),
  found: words.map((word) =>
    setup.db.all(
      sql`SELECT p.ordinal FROM passages_fts f JOIN passages p ON p.rowid = f.rowid
        WHERE passages_fts MATCH ${word} ORDER BY p.ordinal`,
    ),
  ),
});

describe('a document that is read again', () => {
  const documents = () => documentsRepository(setup.db);
  const add = (): void => {
    documents().addCollection({ id: 'c', name: 'c', folder: null, at: 1 });
    const file = {
      name: 'd.txt',
      path: '/d.txt',
      format: 'txt',
      bytes: 1,
      modifiedAt: 1,
      at: 1,
    } as const;
    documents().addWaiting({ id: 'd', collectionId: 'c', ...file });
  };
  const put = ({ file, pages, passages }: NewContent): Touched => {
    const touched = documents().replaceContent('d', file, pages, passages);
    if (touched === null) throw new Error('gone');
    return touched;
  };
  const scratch = (content: NewContent): unknown => {
    documents().clearContent('d');
    put(content);
    return state();
  };

  it('gpt4all#1757: one changed paragraph of 300 pages touches few rows', () => {
    add();
    const text = paragraphs(2600);
    const first = put(contentOf(text, 'a'));
    expect(first.pages.written).toBeGreaterThan(300);
    expect(first.passages.added).toBeGreaterThan(900);
    const changed = text.with(700, `${text[700]} And a sentence about zebras.`);
    const touched = put(contentOf(changed, 'b'));
    expect(touched.passages.added).toBeLessThanOrEqual(12);
    expect(touched.passages.removed).toBeLessThanOrEqual(12);
    expect(touched.pages.written).toBeLessThanOrEqual(3);
    expect(touched.passages.kept).toBeGreaterThan(200);
    expect(touched.passages.moved).toBeGreaterThan(500);
    const now = state();
    expect(now).toEqual(scratch(contentOf(changed, 'b')));
  });

  it('of the same text touches nothing', () => {
    add();
    const content = contentOf(paragraphs(60), 'a');
    put(content);
    expect(put(content)).toMatchObject({
      passages: { added: 0, removed: 0, moved: 0 },
      pages: { written: 0, removed: 0, moved: 0 },
    });
  });

  it('is the same as one that is read anew, whatever changed', () => {
    add();
    const random = seededBelow(5);
    let text = paragraphs(80, 2);
    put(contentOf(text, 'a'));
    for (let round = 0; round < 25; round += 1) {
      for (let edits = random(4); edits >= 0; edits -= 1) {
        const at = random(text.length);
        const what = random(5);
        if (what === 0) text.splice(at, 1 + random(6));
        else if (what === 1) text.splice(at, 0, ...paragraphs(1 + random(6), round + 10));
        else if (what === 2) text[at] = `${text[at] ?? ''} More of it.`;
        // The same words twice, and parts that change places.
        else if (what === 3) text.splice(at, 0, text[random(text.length)] ?? 'x');
        else text = [...text.slice(at), ...text.slice(0, at)];
      }
      if (text.length < 20) text = paragraphs(60, round + 50);
      const content = contentOf(text, `r${round}`);
      const steps = documents().replaceInTurns('d', content, 1 + random(20));
      for (;;) if (steps.next().done === true) break;
      const now = state();
      const counted = documents().get('d');
      expect(counted).toMatchObject({ state: 'ready', passages: content.passages.length });
      expect(now, `round ${round}`).toEqual(scratch(content));
    }
  });

  it('in parts: what is found stands where its page says, and a crash leaves it to be read again', () => {
    add();
    const before = contentOf(paragraphs(150, 3), 'a');
    put(before);
    documents().setState('d', 'reading', null);
    const text = [...paragraphs(60, 4), ...paragraphs(150, 3).slice(40, 90), ...paragraphs(80, 6)];
    const after = contentOf(text, 'b');
    const steps = documents().replaceInTurns('d', after, 10);
    let turns = 0;
    while (steps.next().done !== true) {
      turns += 1;
      const whole = setup.db
        .all<{ text: string }>(sql`SELECT text FROM document_pages ORDER BY page`)
        .map((row) => row.text)
        .join('');
      const rows = setup.db.all<{ start: number; end: number; text: string }>(
        sql`SELECT start, "end", text FROM passages`,
      );
      for (const row of rows) expect(whole.slice(row.start, row.end)).toBe(row.text);
      expect(documents().get('d')?.passages).toBe(0);
      expect(
        documents()
          .unfinished()
          .map(({ id }) => id),
      ).toEqual(['d']);
      // As after a kill: begun again from the rows that are there.
      if (turns === 9) {
        const again = documents().replaceInTurns('d', after, 10);
        again.next();
      }
    }
    expect(turns).toBeGreaterThan(10);
    documents().replaceContent('d', after.file, after.pages, after.passages);
    expect(state()).toEqual(scratch(after));
  });

  it('lmstudio#789: passages cited before keep their id, and their place is the one of now', async () => {
    const folder = join(setup.files, 'in');
    mkdirSync(folder);
    const file = join(folder, 'book.md');
    const text = paragraphs(120, 8);
    writeFileSync(file, text.join('\n\n'));
    const { collectionId } = await setup.add([folder]);
    const find = (): Source => {
      const [hit] = setup.documents.retriever.search('Paragraph 97', { scope: all, limit: 1 });
      if (hit === undefined) throw new Error('not found');
      return {
        ...hit,
        number: 1,
        text: hit.text.slice(3, 40),
        start: hit.start + 3,
        end: hit.start + 40,
      };
    };
    const cited = find();
    writeFileSync(file, ['A new beginning of the book.', ...text].join('\n\n'));
    await setup.add([folder], collectionId);
    const [now, gone] = sourcesNow(setup.db, [cited, { ...cited, passageId: 'gone' }]);
    expect(now?.start).toBe(cited.start + 'A new beginning of the book.\n\n'.length);
    const pages = setup.db.all<{ text: string }>(
      sql`SELECT text FROM document_pages ORDER BY page`,
    );
    const whole = pages.map((page) => page.text).join('');
    expect(whole.slice(now?.start, now?.end)).toBe(cited.text);
    expect(gone?.start).toBe(cited.start);
  });
});

describe('a document that is large', () => {
  it('goes to the database while it is read, with turns for others, and can be taken away again', async () => {
    const file = join(setup.files, 'large.txt');
    writeFileSync(file, paragraphs(3000, 9).join('\n\n'));
    let turns = 0;
    let going = true;
    const tick = (): void => {
      turns += 1;
      if (going) setImmediate(tick);
    };
    tick();
    const partly: number[] = [];
    const look = setInterval(() => {
      const row = setup.db.get<{ n: number }>(sql`SELECT COUNT(*) AS n FROM passages`);
      const counted = setup.db.get<{ n: number }>(sql`SELECT SUM(passages) AS n FROM documents`);
      if ((counted?.n ?? 0) === 0) partly.push(row?.n ?? 0);
    }, 1);
    const { collectionId } = await setup.add([file]);
    clearInterval(look);
    const [document] = await setup.documents.handlers['documents.list']({ collectionId });
    const passages = document?.passages ?? 0;
    expect(document?.state).toBe('ready');
    expect(passages).toBeGreaterThan(1000);
    // It grew while nothing of it counted as read.
    expect(partly.some((count) => count > 0 && count < passages)).toBe(true);
    expect(turns).toBeGreaterThan(passages / 100);
    await setup.documents.handlers['documents.remove']({ documentId: document?.id ?? '' });
    going = false;
    const left = setup.db.get<{ n: number }>(sql`SELECT COUNT(*) AS n FROM passages`);
    expect(left?.n).toBe(0);
    expect(setup.documents.retriever.search('pump', { scope: all, limit: 1 })).toEqual([]);
  });
});
