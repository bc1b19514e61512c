import { describe, expect, it } from 'vitest';
import { indexTexts } from './indexed.ts';
import { createWordNumbers, hashed, hashSeed, languages } from './numbers.ts';
import { indexText } from './stems.ts';

const texts = [
  'The lease, Nº 12-B: café. findPassages HTTPServer READ_CHUNK aB Ab ABc connections',
  'El contrato de alquiler que vence en marzo, ¿y los inquilinos? naciones',
  '2023년 IBM의 계약 東京タワー ประเทศไทยสวยงาม a𠮷野家b',
  `${'a'.repeat(40)}B${'c'.repeat(40)} ${'aB'.repeat(31)} ${'é'.repeat(80)} ${'Z'.repeat(70)}`,
  'findPassages— “quoted”words’ ﬁnance ＡＢＣ \uD800 \uDC00가 \u0301 İ ａ\u0301b',
  '',
  ' . ; ',
];

describe('what the index holds of a passage', () => {
  it('is what `indexText` gives of heading, lead and text', () => {
    for (const text of texts) {
      for (const other of texts) {
        for (const [heading, lead] of [
          [other, ''],
          [null, other],
          [other, text],
        ] as const) {
          const before = lead === '' ? text : `${lead}\n${text}`;
          expect(indexTexts(heading, lead, text)).toEqual({
            heading: indexText(heading, text),
            body: indexText(before, text),
          });
        }
      }
    }
  });

  it('stays the same after more words than are kept', () => {
    const sentence = 'Los contratos y las naciones que firman.';
    const before = indexTexts(null, '', sentence);
    for (let from = 0; from < 60_000; from += 10_000) {
      indexTexts(null, '', Array.from({ length: 10_000 }, (_, at) => `word${from + at}`).join(' '));
    }
    expect(indexTexts('Contratos', 'Nación', sentence)).toEqual({
      heading: indexText('Contratos', sentence),
      body: `${indexText('Nación', sentence)} ${before.body}`,
    });
  });
});

describe('numbers of words', () => {
  const codesOf = (text: string): Uint16Array =>
    Uint16Array.from(text, (character) => character.charCodeAt(0));
  const hashOf = (text: string): number =>
    [...text].reduce((hash, character) => hashed(hash, character.charCodeAt(0)), hashSeed);

  it('are the same for the same word only, also where all words have one hash', () => {
    const words = createWordNumbers();
    const all = Array.from({ length: 3000 }, (_, at) => `w${at}`);
    const numbers = all.map((word) => words.at(codesOf(word), 0, word.length, 7));
    expect(new Set(numbers).size).toBe(all.length);
    expect(words.at(codesOf('W12'), 0, 3, 7)).toBe(numbers[12]);
  });

  it('write stems by language', () => {
    const words = createWordNumbers();
    const number = words.at(codesOf('contratos'), 0, 9, hashOf('contratos'));
    const bytes = Buffer.alloc(200);
    const stems = languages.map((_, at) =>
      bytes.toString('utf8', 0, words.write(number, at, bytes, 0)),
    );
    expect(stems).toEqual(['contrato', 'contrat']);
    expect(words.says(words.of('the'))).toBe(languages.indexOf('en'));
    expect(words.says(words.of('que'))).toBe(languages.indexOf('es'));
  });
});
