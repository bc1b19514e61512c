import { describe, expect, it } from 'vitest';
import { anyOf, fold, termsOf } from './terms.ts';

const texts = (query: string): string[] => termsOf(query).map(({ text }) => text);

describe('termsOf', () => {
  it('leaves out English stop words unless nothing remains, and keeps numbers', () => {
    expect(texts('What is the budget of Project 7 in 2026?')).toEqual([
      'budget',
      'Project',
      '7',
      '2026',
    ]);
    expect(texts('to be or not to be')).toEqual(['not']);
    expect(texts('What is it?')).toEqual(['What', 'is', 'it']);
  });

  it('keeps a quoted phrase whole, its stop words too', () => {
    expect(termsOf('who wrote "the lay of the land"').map(({ match }) => match)).toEqual([
      '"wrote"',
      '"the lay of the land"',
    ]);
  });

  it('never gives FTS5 anything but quoted words', () => {
    const hostile = [
      '" OR *',
      'NEAR(a b, 2)',
      'heading:x',
      '^a + b',
      '{a b} : c',
      'a AND NOT b',
      "'; DROP TABLE",
      '\0a\u0002b',
      '"""',
      'a"b"c',
    ];
    for (const query of hostile) {
      for (const { match } of termsOf(query, true)) {
        expect(match).toMatch(/^"[\p{L}\p{N}\p{M} ]+"\*?$/u);
      }
    }
    expect(anyOf(termsOf('" * ( ) :'))).toBeNull();
  });

  it('bounds a question of any length', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `word${index}`).join(' ');
    expect(termsOf(many)).toHaveLength(64);
    expect(termsOf('x'.repeat(10_000))[0]?.text).toHaveLength(64);
  });

  it('lets Korean particles hang on either side', () => {
    expect(termsOf('서울에서 예산은')[0]?.match).toBe('("서울에서"* OR "서울"*)');
    expect(termsOf('예산')[0]?.match).toBe('"예산"*');
  });

  it('matches the last word as a beginning only when asked', () => {
    expect(termsOf('spare cupb', true).map(({ match }) => match)).toEqual(['"spare"', '"cupb"*']);
    expect(termsOf('spare cupb').map(({ match }) => match)).toEqual(['"spare"', '"cupb"']);
  });
});

describe('fold', () => {
  it('folds case and diacritics but leaves Hangul whole', () => {
    expect(fold('Ünïcode ÉCOLE 한글')).toBe('unicode ecole 한글');
  });
});
