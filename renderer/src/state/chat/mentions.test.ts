import { describe, expect, it } from 'vitest';
import { matching, mentionAt, mentioned, scopeOf, withCollection, without } from './mentions.ts';
import type { Mention } from './mentions.ts';

const document = (name: string, id = name): Mention => ({ kind: 'document', id, name, note: '' });
const collection = (name: string): Mention => ({ kind: 'collection', id: name, name, note: '' });

describe('what is typed after @', () => {
  it.each<[string, string | null]>([
    ['@', ''],
    ['What does @con', 'con'],
    ['(@lease 20', 'lease 20'],
    ['ana@example', null],
    ['a line @one\nthe next', null],
    ['@ spaced', null],
    ['@done @tw', 'tw'],
    ['no sign', null],
    [`@${'x'.repeat(80)}`, null],
  ])('%j asks for %j', (text, query) => {
    expect(mentionAt(text, text.length)?.query ?? null).toBe(query);
  });

  it('looks only at what stands before the cursor', () => {
    expect(mentionAt('@lease and more', 3)).toEqual({ start: 0, query: 'le' });
  });
});

describe('matching names', () => {
  const all = [
    document('contract.pdf'),
    document('old contract.pdf'),
    document('Año nuevo.txt'),
    collection('Contracts'),
  ];
  const names = (typed: string) => matching(all, typed).map(({ name }) => name);

  it('puts names that begin so first, then words in them, then letters in their order', () => {
    expect(names('contract')).toEqual(['Contracts', 'contract.pdf', 'old contract.pdf']);
    expect(names('ctp')).toEqual(['contract.pdf', 'old contract.pdf']);
    expect(names('ano')).toEqual(['Año nuevo.txt']);
    expect(names('zzz')).toEqual([]);
    expect(names('')).toHaveLength(4);
  });

  it('gives a few of thousands', () => {
    const many = Array.from({ length: 5000 }, (_, index) => document(`file ${index}.txt`));
    expect(matching(many, 'file 49')).toHaveLength(8);
  });
});

describe('mentions of a question', () => {
  const lease = document('lease.pdf');
  const long = document('lease.pdf.bak');
  it('are those whose words still stand in the text', () => {
    expect(mentioned('What says @lease.pdf?', [lease, long])).toEqual([lease]);
    expect(mentioned('What says @lease.pdf.bak?', [lease, long])).toEqual([long]);
    expect(mentioned('What says lease.pdf?', [lease])).toEqual([]);
    expect(without('What does @lease.pdf say', lease)).toBe('What does say');
  });

  it('make the scope of that question', () => {
    expect(scopeOf([])).toBeUndefined();
    expect(scopeOf([lease, collection('Notes')])).toEqual({
      kind: 'some',
      collectionIds: ['Notes'],
      documentIds: ['lease.pdf'],
    });
  });
});

describe('what is dropped into a conversation', () => {
  it('joins what the conversation looks into', () => {
    const one = { kind: 'collection', collectionId: 'a' } as const;
    expect(withCollection({ kind: 'none' }, 'a')).toEqual(one);
    expect(withCollection({ kind: 'all' }, 'a')).toEqual(one);
    expect(withCollection(one, 'a')).toEqual(one);
    const two = withCollection(one, 'b');
    expect(two).toEqual({ kind: 'some', collectionIds: ['a', 'b'], documentIds: [] });
    expect(withCollection(two, 'b')).toEqual(two);
    expect(withCollection({ kind: 'document', documentId: 'd' }, 'b')).toEqual({
      kind: 'some',
      collectionIds: ['b'],
      documentIds: ['d'],
    });
  });
});
