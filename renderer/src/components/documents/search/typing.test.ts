import { describe, expect, it } from 'vitest';
import type { TypedPart } from '../../../../../electron/ipc/contract/index.ts';
import { collection, documentSummary } from '../../../samples.fake.ts';
import { offered } from './offered.ts';
import { valueAt, withFilter, withoutParts, withValue } from './typing.ts';
import { lookedFor, reasonOf } from './words.ts';

describe('the value that is being typed', () => {
  it.each([
    ['in:', { kind: 'in', typed: '', start: 3, end: 3 }],
    ['rent type:pd', { kind: 'type', typed: 'pd', start: 10, end: 12 }],
    ['in:"court pa', { kind: 'in', typed: 'court pa', start: 3, end: 12 }],
    ['TIPO:p', { kind: 'type', typed: 'p', start: 5, end: 6 }],
    ['Colección:c', { kind: 'in', typed: 'c', start: 10, end: 11 }],
  ])('is found in %j', (query, expected) => {
    expect(valueAt(query, query.length)).toEqual(expected);
  });

  it.each(['rent', 'in', 'http://x', 'constructor:x', 'in:a b', 'in:"a" '])(
    'is not there in %j',
    (query) => expect(valueAt(query, query.length)).toBeNull(),
  );

  it('takes the whole value with it when the cursor stands within', () => {
    const at = valueAt('in:contracts rent', 6);
    expect(at).toEqual({ kind: 'in', typed: 'con', start: 3, end: 12 });
    expect(at && withValue('in:contracts rent', at, 'Court papers')).toEqual({
      query: 'in:"Court papers" rent',
      caret: 18,
    });
  });
});

describe('filters in the query', () => {
  it('are added behind the words, and taken out by their place', () => {
    expect(withFilter('rent ', { kind: 'in', value: 'Court papers' })).toBe(
      'rent in:"Court papers" ',
    );
    expect(withFilter('', { kind: 'type', value: 'pdf' })).toBe('type:pdf ');
    const query = 'type:pdf rent -draft due';
    const parts: TypedPart[] = [
      { kind: 'type', value: 'pdf', start: 0, end: 8 },
      { kind: 'without', value: 'draft', start: 14, end: 20 },
    ];
    expect(withoutParts(query, parts, query)).toBe('rent due');
    expect(withoutParts(query, parts.slice(1), query)).toBe('type:pdf rent due');
  });

  it('stay when something else stands at their place by now', () => {
    const part: TypedPart = { kind: 'type', value: 'pdf', start: 0, end: 8 };
    expect(withoutParts('rent type:pdf', [part], 'type:pdf')).toBe('rent type:pdf');
  });
});

describe('offered values', () => {
  const known = {
    collections: [collection(), collection({ id: 'b', name: 'Café' })],
    documents: [
      documentSummary(),
      documentSummary({ id: 'e', name: 'talk.pptx', format: 'pptx' }),
      documentSummary({ id: 'f', name: 'not-read.pdf', format: 'pdf', passages: 0 }),
    ],
    now: new Date(2026, 10, 22).getTime(),
  };
  const values = (kind: 'in' | 'file' | 'type' | 'after', typed: string): string[] =>
    offered({ kind, typed, start: 0, end: 0 }, known).map(({ value }) => value);

  it('are collections, kinds by name and by ending, files and dates that there are', () => {
    expect(values('in', '')).toEqual(['Lease', 'Café']);
    expect(values('in', 'cafe')).toEqual(['Café']);
    expect(values('type', '')).toEqual(['md', 'pptx']);
    expect(values('type', 'power')).toEqual(['pptx']);
    expect(values('type', 'ppt')).toEqual(['pptx']);
    expect(values('type', 'pptx')).toEqual([]);
    expect(values('file', 'talk')).toEqual(['talk.pptx']);
    expect(values('after', '2026')).toEqual(['2026-11', '2026']);
  });
});

describe('a search in words', () => {
  it('names every filter, of several dates the narrower', () => {
    expect(
      lookedFor(
        {
          text: 'rent',
          filters: [
            { kind: 'in', value: 'court' },
            { kind: 'type', value: 'pdf' },
            { kind: 'type', value: 'docx' },
            { kind: 'after', value: '2024-3' },
            { kind: 'after', value: '2024-12' },
          ],
          without: ['draft'],
        },
        'Lease',
      ),
    ).toBe(
      '“rent”, in the collection Lease, in collections named “court”, only PDF or Word, ' +
        'changed since December 2024, without “draft”',
    );
  });

  it('tells the filter that leaves no document, and none that leaves some', () => {
    const filters = [{ kind: 'in', value: 'nowhere' }] as const;
    expect(reasonOf({ kind: 'in', documents: 0, passages: 2 }, { filters })).toBe(
      'No collection with documents in it is named “nowhere”.',
    );
    expect(reasonOf({ kind: 'in', documents: 3, passages: 2 }, { filters })).toBeNull();
  });
});
