import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../storage/open.ts';
import type { OpenDatabase } from '../../storage/open.ts';
import { documentsRepository } from '../../storage/repositories/documents.ts';
import { chunk } from '../index/chunk.ts';
import { createRetriever } from './index.ts';
import type { Limits, RetrievedPassage, Retriever } from './index.ts';

/** Limits of a library with very many passages, in a small one. */
const narrow = { candidates: 1, mostScored: 8, mostWeighed: 1000 };

let folder: string;
let opened: OpenDatabase;
let retriever: Retriever;
let add: (name: string, text: string) => void;
const all = { kind: 'all' } as const;

const quiet = { info: () => {}, warn: () => {}, error: () => {} };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-retrieve-'));
  opened = openDatabase({
    file: ':memory:',
    clock: { now: () => 1 },
    log: quiet,
    backupFolder: folder,
  });
  retriever = createRetriever(opened.db);
  const documents = documentsRepository(opened.db);
  documents.addCollection({ id: 'c', name: 'c', folder: null, at: 1 });
  const put = (name: string, text: string, heading: string | null = null): void => {
    const id = `d-${name}`;
    documents.addWaiting({
      id,
      collectionId: 'c',
      name,
      path: `/${name}`,
      format: 'txt',
      bytes: 1,
      modifiedAt: 1,
      at: 1,
    });
    const whole = heading === null ? text : `${heading}\n\n${text}`;
    const headings = heading === null ? [] : [{ level: 1, start: 0, end: heading.length }];
    const part = { kind: 'section' as const, title: null, blocks: [] };
    const pages = [
      { ...part, text: whole, start: 0, headings, width: null, height: null, spans: [] },
    ];
    documents.replaceContent(
      id,
      { sha256: name, bytes: 1, modifiedAt: 1 },
      pages,
      chunk(pages, { documentId: id, paged: false }),
    );
  };
  add = put;
  put('kiln.txt', 'The kiln was fired in 2987.');
  put('tray.txt', 'Tray number 298 was counted.');
  const towns = ['Aldera', 'Brisk', 'Calmont', 'Dunmere', 'Estrand', 'Fallow', 'Gorse', 'Hollin'];
  for (const [index, town] of towns.entries()) {
    put(
      `${town}.txt`,
      `The mayor of ${town} is Person${index}. ${town} has ${1000 + index * 37} inhabitants. The bridge of ${town} was built in ${1900 + index}.`,
    );
    put(
      `${town}-budget.txt`,
      `The budget, the budget plan and the budget report of ${town} were read. Budget talks go on.`,
    );
  }
  put(
    'heated.txt',
    'Connections are drawn in copper. The boiler was connecting to the pipe.',
    'Heating works',
  );
  put('spanish.txt', 'El alcalde firmó el contrato de alquiler en Cádiz.');
  put('korean.txt', '이사회는 서울에서 열렸고 예산은 삼백만 원으로 정해졌다.');
  put('japanese.txt', '東京タワーの高さは三百三十三メートルです。');
  put('chinese.txt', '合同于二〇二四年到期，租金按月支付。');
  put('code.ts', 'export function findPassages(question) { return retryDelay; }');
  put('harbour.txt', 'The Kerra tower was designed by Iven Ral.');
  put('harbour-years.txt', 'The Kerra tower was built in 1931 of white stone.');
  put('other-years.txt', 'The Lomas mill was built in 1874 and the Orsk dam was built in 1902.');
  put('copy-one.txt', 'The very same sentence about zebras.');
  put('copy-two.txt', 'The very same sentence about zebras.');
});
afterAll(() => {
  opened.close();
  rmSync(folder, { recursive: true, force: true });
});

const search = (query: string, limit = 5): readonly RetrievedPassage[] =>
  retriever.search(query, { scope: all, limit });

describe('the retriever', () => {
  it('anything-llm#1406: puts the passage with all the words above those with one word often', () => {
    expect(search('Who is the mayor of Dunmere?')[0]?.documentName).toBe('Dunmere.txt');
    expect(search('What is the budget of the mayor of Gorse?')[0]?.documentName).toMatch(/^Gorse/);
    expect(search('In which year was the bridge of Calmont built?')[0]?.text).toContain('1902');
    expect(search('1074 inhabitants')[0]?.documentName).toBe('Calmont.txt');
  });

  it('lmstudio#717: finds other forms of a word, other case and missing accents', () => {
    expect(search('CONNECTED')[0]?.documentName).toBe('heated.txt');
    expect(search('alquiler en cadiz')[0]?.documentName).toBe('spanish.txt');
    expect(search('heating')[0]).toMatchObject({
      documentName: 'heated.txt',
      heading: 'Heating works',
    });
  });

  it('finds Korean words whatever particle they carry', () => {
    for (const query of ['서울', '서울은', '예산이 얼마', '이사회를']) {
      expect(search(query)[0]?.documentName, query).toBe('korean.txt');
    }
  });

  it('marks exactly the words that matched', () => {
    const [hit] = search('connection of the pipe');
    const words = hit?.marks.map(([start, end]) => hit.text.slice(start, end));
    expect(words).toEqual(['Connections', 'connecting', 'pipe']);
  });

  it('tells how much of the question a passage holds', () => {
    expect(search('mayor of Brisk')[0]?.coverage).toBe(1);
    expect(search('zebras and giraffes and okapis')[0]?.coverage).toBeCloseTo(1 / 3);
    expect(search('helicopter')).toEqual([]);
  });

  it('open-webui#12655: gives one passage of several copies', () => {
    expect(search('zebras')).toHaveLength(1);
  });

  it.each([
    '',
    '   ',
    '" OR *',
    'NEAR(',
    'heading : x',
    '*',
    '(((',
    "'",
    '\0',
    '"',
    'a'.repeat(10_000),
    '\uD800',
    'NOT',
    '-mayor +x ^y',
    '💡',
  ])('never fails on %j', (query) => {
    expect(() => retriever.search(query, { scope: all, limit: 3 })).not.toThrow();
    expect(() => retriever.search(query, { scope: all, limit: 3, prefixLast: true })).not.toThrow();
  });

  it('takes words of FTS5 as words', () => {
    expect(search('mayor NOT Dunmere')[0]?.documentName).toBe('Dunmere.txt');
  });

  it('answers a pasted text of ten thousand characters', () => {
    const long = `${'lorem ipsum dolor '.repeat(600)} mayor`;
    expect(search(`mayor of Fallow ${long}`)[0]?.documentName).toBe('Fallow.txt');
  });

  it('gives the passages around one', () => {
    const [hit] = search('mayor of Brisk');
    if (hit === undefined) throw new Error('not found');
    expect(
      retriever.neighbours(hit, { before: 1, after: 1 }).map(({ ordinal }) => ordinal),
    ).toEqual([0]);
    expect(
      retriever.neighbours({ documentId: 'x', passageId: 'y' }, { before: 1, after: 1 }),
    ).toEqual([]);
    expect(retriever.searchable(all)).toBe(29);
    expect(retriever.searchable({ kind: 'none' })).toBe(0);
    expect(retriever.passing(all, { files: ['kiln'] })).toHaveLength(1);
    expect(retriever.passing({ kind: 'none' }, { files: ['kiln'] })).toEqual([]);
  });

  it('finds Japanese and Chinese words, one character too, and marks them', () => {
    for (const [query, name] of [
      ['東京タワー', 'japanese.txt'],
      ['高さ', 'japanese.txt'],
      ['租金', 'chinese.txt'],
      ['租', 'chinese.txt'],
    ] as const) {
      const [hit] = search(query);
      expect(hit?.documentName, query).toBe(name);
      expect(hit?.marks.length, query).toBeGreaterThan(0);
    }
    const [hit] = search('東京タワー');
    expect(hit?.marks.map(([start, end]) => hit.text.slice(start, end))).toEqual(['東京タワー']);
  });

  it('finds Spanish words in other forms', () => {
    expect(search('¿quién firma los contratos de alquileres?')[0]?.documentName).toBe(
      'spanish.txt',
    );
  });

  it('finds a name in code by its parts', () => {
    expect(search('where is the retry delay')[0]?.documentName).toBe('code.ts');
    expect(search('findPassages')[0]?.documentName).toBe('code.ts');
  });

  it('finds a word at every letter while it is typed, and marks only what begins so', () => {
    for (const word of ['connections', 'inhabitants', 'alquiler']) {
      for (let length = 3; length <= word.length; length += 1) {
        const typed = word.slice(0, length);
        const [hit] = retriever.search(typed, { scope: all, limit: 5, prefixLast: true });
        expect(hit, typed).toBeDefined();
        for (const [start, end] of hit?.marks ?? []) {
          expect(hit?.text.slice(start, end).toLowerCase().startsWith(typed) || length > 6).toBe(
            true,
          );
        }
      }
    }
  });

  it('takes a typed number for itself and what it may become, never for a shorter one', () => {
    const typed = (query: string) =>
      retriever
        .search(query, { scope: all, limit: 5, prefixLast: true })
        .map(({ text, marks }) => marks.map(([start, end]) => text.slice(start, end)));
    expect(typed('2987')).toEqual([['2987']]);
    expect(typed('298').flat()).toEqual(expect.arrayContaining(['298', '2987']));
  });

  it('understands a follow-up by the question before it', () => {
    const said = { questions: ['Who designed the Kerra tower?'], answers: ['Iven Ral.'] };
    const after = (question: string): string | undefined =>
      retriever.search(question, { scope: all, limit: 3, said })[0]?.documentName;
    expect(after('When was it built?')).toBe('harbour-years.txt');
    expect(after('Different question: when was the Orsk dam built?')).toBe('other-years.txt');
  });

  it('leaves out what must not be there, and keeps to a phrase while searching', () => {
    const find = (query: string, without: string[] = []): string[] =>
      retriever
        .search(query, { scope: all, limit: 30, prefixLast: true, without })
        .map(({ documentName }) => documentName);
    expect(find('tower', ['white stone'])).toEqual(['harbour.txt']);
    expect(find('"tower was built"')).toEqual(['harbour-years.txt']);
    expect(find('"built was tower"')).toEqual([]);
  });

  it('narrows by file, type, date, collection and document', () => {
    const names = (options: object): string[] =>
      retriever
        .search('built', { scope: all, limit: 30, ...options })
        .map(({ documentName }) => documentName)
        .sort();
    expect(names({ filters: { files: ['HARBOUR'] } })).toEqual(['harbour-years.txt']);
    expect(names({ filters: { files: ['other', 'harbour'] } })).toHaveLength(2);
    expect(names({ filters: { formats: ['pdf'] } })).toEqual([]);
    expect(names({ filters: { after: 2 } })).toEqual([]);
    expect(names({ filters: { before: 2, collections: ['C'], files: ['years'] } })).toHaveLength(2);
    expect(names({ filters: { collections: ['other'] } })).toEqual([]);
    expect(names({ scope: { kind: 'collection', collectionId: 'c' } })).toHaveLength(10);
    expect(names({ scope: { kind: 'collection', collectionId: 'x' } })).toEqual([]);
    expect(names({ scope: { kind: 'document', documentId: 'd-other-years.txt' } })).toEqual([
      'other-years.txt',
    ]);
  });

  it('chooses among the passages of a rare word by its common ones, too', () => {
    for (let at = 0; at < 5; at += 1)
      add(`zinc-${at}.txt`, `Zinc ${at} was sold by a man who came in spring.`);
    for (let at = 0; at < 10; at += 1) add(`lantern-${at}.txt`, `The lantern ${at} hangs.`);
    add('both.txt', 'Zinc was sold by a man who came in spring with a lantern for the boy.');
    const found = (limits: Partial<Limits>): (string | undefined)[] =>
      retriever
        .search('zinc lantern', { scope: all, limit: 1, limits: { ...narrow, ...limits } })
        .map(({ documentName }) => documentName);
    expect(found({})).toEqual(['both.txt']);
    expect(found({ mostWeighed: 0 })).not.toEqual(['both.txt']);
  });
});
