import { describe, expect, it } from 'vitest';
import { anyOf, matchOf, termsOf } from './terms.ts';

const texts = (query: string): string[] => [...new Set(termsOf(query).map(({ text }) => text))];
const matches = (query: string, prefixLast = false): (string | null)[] =>
  termsOf(query, prefixLast).map(matchOf);

describe('termsOf', () => {
  it('leaves out function words of the question’s language unless nothing remains, and keeps numbers', () => {
    expect(texts('What is the budget of Project 7 in 2026?')).toEqual([
      'budget',
      'Project',
      '7',
      '2026',
    ]);
    expect(texts('¿Cuál es el plazo de preaviso del contrato?')).toEqual([
      'plazo',
      'preaviso',
      'contrato',
    ]);
    expect(texts('계약 기간은 언제인가요?')).toEqual(['계약', '기간은']);
    expect(texts('to be or not to be')).toEqual(['not']);
    expect(texts('What is it?')).toEqual(['What', 'is', 'it']);
  });

  it('looks for the stems that a word has in each language', () => {
    expect(matches('contratos')).toEqual(['("contrato" OR "contrat")']);
    expect(matches('connections')).toEqual(['("connect" OR "connections")']);
  });

  it('keeps a quoted phrase whole, its function words too', () => {
    expect(matches('who wrote "the top of the hill"')).toEqual([
      '("wrote" OR "wrot")',
      '"the top of the hill"',
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
      '“a b” 가"',
    ];
    const quoted = /^\(?"[\p{L}\p{N}\p{M} ]+"\*?( OR "[\p{L}\p{N}\p{M} ]+"\*?)*\)?$/u;
    for (const query of hostile) {
      for (const match of matches(query, true)) expect(match).toMatch(quoted);
    }
    expect(anyOf(termsOf('" * ( ) :'))).toBeNull();
  });

  it('bounds a question of any length', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `word${index}`).join(' ');
    expect(termsOf(many)).toHaveLength(64);
    expect(termsOf('x'.repeat(10_000))[0]?.text).toHaveLength(64);
  });

  it('cuts Korean, Chinese and Japanese into pairs that together count as one word', () => {
    const korean = termsOf('임대차계약서에서');
    expect(korean.map(({ stems }) => stems[0])).toEqual(['임대', '대차', '차계', '계약', '약서']);
    expect(korean.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(new Set(korean.map(({ word }) => word)).size).toBe(1);
    expect(matches('집')).toEqual(['"집"*']);
    expect(termsOf('東京タワーの高さ').map(({ stems }) => stems[0])).toContain('高さ');
  });

  it('matches the last word as a beginning only when asked', () => {
    expect(matches('spare cupb', true)[1]).toBe('("cupb" OR "cupb"*)');
    expect(matches('spare cupb')[1]).toBe('"cupb"');
  });

  it('looks for a name of parts whole', () => {
    expect(termsOf('findPassages').map(({ stems }) => stems[0])).toEqual(['findpassag']);
  });
});
