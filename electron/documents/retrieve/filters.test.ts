import { describe, expect, it } from 'vitest';
import { parseSearch } from './filters.ts';

describe('parseSearch', () => {
  it('takes filters, phrases and excluded words apart', () => {
    expect(
      parseSearch(
        'in:contracts file:"lease 2024" type:.PDF notice "three months" -draft -"old version"',
      ),
    ).toEqual({
      text: 'notice "three months"',
      without: ['draft', 'old version'],
      filters: { collections: ['contracts'], files: ['lease 2024'], formats: ['pdf'] },
      typed: [
        { kind: 'in', value: 'contracts', start: 0, end: 12 },
        { kind: 'file', value: 'lease 2024', start: 13, end: 30 },
        { kind: 'type', value: 'pdf', start: 31, end: 40 },
        { kind: 'without', value: 'draft', start: 63, end: 69 },
        { kind: 'without', value: 'old version', start: 70, end: 84 },
      ],
      unfinished: [],
    });
  });

  it('says where each part stands, so that it can be taken out of what was typed', () => {
    const query = '  rent type:pdf  -draft  foo:bar en:"Casa 한글"';
    const { typed } = parseSearch(query);
    expect(typed.map(({ start, end }) => query.slice(start, end))).toEqual([
      'type:pdf',
      '-draft',
      'en:"Casa 한글"',
    ]);
  });

  it('reads dates as days here, the narrower of two', () => {
    const { filters } = parseSearch('after:2024 after:2024-03 before:2025-01-15 rent');
    expect(filters).toEqual({
      after: new Date(2024, 2, 1).getTime(),
      before: new Date(2025, 0, 15).getTime(),
    });
  });

  it('knows filter words in Spanish and Korean', () => {
    expect(
      parseSearch('archivo:contrato desde:2024 파일:계약').typed.map(({ kind }) => kind),
    ).toEqual(['file', 'after', 'file']);
  });

  it.each([
    'foo:bar',
    'constructor:x',
    'type:nonsense',
    'after:yesterday',
    'before:2024-02-31',
    'http://x',
    '12:30',
    '-',
    'a - b',
  ])('searches %j as text', (query) =>
    expect(parseSearch(query)).toMatchObject({ text: query, without: [], typed: [] }),
  );

  it('leaves a filter without a value out, and says which', () => {
    const read = parseSearch('type: rent in:"" Type: file:lease desde:');
    expect(read).toMatchObject({ text: 'rent', filters: { files: ['lease'] }, without: [] });
    expect(read.unfinished).toEqual([
      { kind: 'type', word: 'type' },
      { kind: 'in', word: 'in' },
      { kind: 'after', word: 'desde' },
    ]);
    expect(parseSearch('type:pdf rent').unfinished).toEqual([]);
    expect(parseSearch('note: rent')).toMatchObject({ text: 'note: rent', unfinished: [] });
  });
});
