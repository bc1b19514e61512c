import { describe, expect, it } from 'vitest';
import { exactWords, isFrameWord } from './frame.ts';

describe('isFrameWord', () => {
  it.each(['after', 'AFTER', 'name', 'según', '이후', '며칠', '무엇인가요'])(
    'knows %j as a word that any question may be made of',
    (word) => expect(isFrameWord(word)).toBe(true),
  );

  it.each(['rent', 'Torvan', '2021', 'fianza', '보증금', ''])(
    'takes %j as something that is asked for',
    (word) => expect(isFrameWord(word)).toBe(false),
  );
});

describe('exactWords', () => {
  it.each([
    ['Who runs the Kerra tower now?', ['the', 'Kerra', 'tower']],
    ['What was paid in 2021?', ['2021']],
    ['Can I visit it?', []],
    ['It is dear. Why is that? Because of rent?', []],
    ['¿Cuánto costó el molino de Torvan?', ['de', 'Torvan']],
  ])('%j', (question, words) => expect([...exactWords(question)]).toEqual(words));
});
