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
        { kind: 'in', value: 'contracts' },
        { kind: 'file', value: 'lease 2024' },
        { kind: 'type', value: 'pdf' },
      ],
    });
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
    'type:nonsense',
    'after:yesterday',
    'before:2024-02-31',
    'in:',
    'http://x',
    '12:30',
    '-',
    'a - b',
  ])('searches %j as text', (query) =>
    expect(parseSearch(query)).toMatchObject({ text: query, without: [], typed: [] }),
  );
});
