import { describe, expect, it } from 'vitest';
import { entriesIn, fold, split } from './split.ts';
import { indexText, isStopStem, languageOf, stemOf, stemsOf } from './stems.ts';

const cut = (text: string): string[] => split(text).map(({ start, end }) => text.slice(start, end));
const terms = (text: string): string => indexText(text, text);

describe('split', () => {
  it('gives the exact place of every word in every script', () => {
    expect(cut('The lease, Nº 12-B: café.')).toEqual(['The', 'lease', 'Nº', '12', 'B', 'café']);
    expect(cut('2023년 IBM의 계약')).toEqual(['2023', '년', 'IBM', '의', '계약', '약']);
    expect(cut('東京タワー')).toEqual(['東京', '京タ', 'タワ', 'ワー', 'ー']);
    expect(cut('ประเทศไทยสวยงาม')).toEqual(['ประเทศไทย', 'สวยงาม']);
    expect(cut('a𠮷野家b')).toEqual(['a', '𠮷野', '野家', '家', 'b']);
  });

  it('gives the parts of a name and the name itself', () => {
    expect(terms('findPassages HTTPServer')).toBe('find passag findpassag http server httpserver');
    expect(terms('READ_CHUNK')).toBe('read chunk');
  });

  it('never fails, and its places stay inside the text', () => {
    const hostile = [
      '',
      '\0',
      '\uD800',
      '\uDC00가',
      'ﬁ',
      '가'.normalize('NFD'),
      'ｶﾞｲﾄﾞ',
      '\u0301',
      'İ',
    ];
    for (const text of hostile) {
      for (const { start, end, text: term } of split(text)) {
        expect(start >= 0 && end <= text.length && start < end, JSON.stringify(text)).toBe(true);
        expect(term).not.toMatch(/[\s\0]/);
      }
      for (const around of ['', 'findPassages', 'ab cD ', '2023']) {
        expect(entriesIn(around + text)).toBe(split(around + text).length);
        expect(entriesIn(text + around)).toBe(split(text + around).length);
      }
    }
  });

  it('counts as many entries as it gives', () => {
    for (const text of [
      'The lease, Nº 12-B: café. findPassages HTTPServer READ_CHUNK aB Ab ABc',
      '2023년 IBM의 계약 東京タワー ประเทศไทยสวยงาม a𠮷野家b',
      `${'a'.repeat(40)}B${'c'.repeat(40)} ${'aB'.repeat(31)}`,
    ]) {
      expect(entriesIn(text)).toBe(split(text).length);
    }
  });

  it('finds what was written decomposed, in full width or with ligatures', () => {
    expect(terms('가나'.normalize('NFD'))).toBe(terms('가나'));
    expect(terms('ＡＢＣ ﬁnance')).toBe('abc financ');
    expect(fold('Ünïcode ÉCOLE 한글')).toBe('unicode ecole 한글');
  });
});

describe('stems', () => {
  it('tells Spanish from English by function words', () => {
    expect(languageOf('El contrato de alquiler vence en marzo.')).toBe('es');
    expect(languageOf('The lease ends in March, says the tenant.')).toBe('en');
    expect(languageOf('Lease 2024')).toBe('en');
  });

  it('brings forms of a word together', () => {
    expect(new Set(['contrato', 'contratos'].map((word) => stemOf(word, 'es'))).size).toBe(1);
    expect(new Set(['naciones', 'nacion'].map((word) => stemOf(word, 'es'))).size).toBe(1);
    expect(
      new Set(['connections', 'connecting', 'connected'].map((word) => stemOf(word, 'en'))).size,
    ).toBe(1);
  });

  it('looks for the irregular plural of a word, and for no other word', () => {
    expect(stemsOf('children')).toContain('child');
    expect(stemsOf('child')).toContain('children');
    for (const [word, other] of [
      ['bases', 'basis'],
      ['leaves', 'leaf'],
      ['lives', 'life'],
      ['vertical', 'vertex'],
    ] as const) {
      expect(stemsOf(word), word).not.toContain(stemOf(other, 'en'));
    }
    for (const word of ['feet', 'women', 'hypotheses', 'criteria', 'syllabus']) {
      expect(stemsOf(word).length, word).toBeGreaterThan(1);
      expect(stemsOf(word).filter(isStopStem), word).toEqual([]);
    }
  });

  it('stems a heading as the text below it', () => {
    expect(indexText('Contratos', 'Los contratos de alquiler que se firman.')).toBe('contrat');
    expect(indexText('Contratos', 'The leases that were signed.')).toBe('contrato');
  });
});
