import { describe, expect, it } from 'vitest';
import { standAlone } from './question.ts';
import type { Said } from './question.ts';

const said: Said = {
  questions: ['What colour is the Kerra tower?', 'Who designed the Kerra tower?'],
  answers: ['It is white.', 'Iven Ral designed it for the harbour board.'],
};
const earlier = (question: string, before = said): [string, number][] =>
  standAlone(question, before).earlier.map(({ term, weight }) => [term.text, weight]);

describe('standAlone', () => {
  it.each([
    ['When was it built?'],
    ['¿Y cuándo lo construyeron?'],
    ['그것은 언제 지어졌나요?'],
    ['And in Lisbon?'],
    ['Why?'],
  ])('%j takes the words of the questions before along, older ones for less', (question) => {
    const words = earlier(question);
    expect(words).toContainEqual(['Kerra', 0.6]);
    expect(words).toContainEqual(['designed', 0.3]);
    expect(words).toContainEqual(['colour', 0.15]);
  });

  it('takes no word along of which any question is made, nor "I" for a name', () => {
    const before = { questions: ['How many years may I still rent the barn?'], answers: [] };
    expect(earlier('And the mill?', before)).toEqual([
      ['years', 0.3],
      ['rent', 0.3],
      ['barn', 0.3],
    ]);
  });

  it('lets the subject be what is said again', () => {
    const weight = (questions: string[]): number =>
      standAlone('Why?', { questions, answers: [] }).subject.get('barn')?.weight ?? 0;
    const twice = weight(['The barn?', 'The barn roof?', 'The mill?']);
    expect(twice).toBeGreaterThan(weight(['The door?', 'The barn roof?', 'The mill?']));
    expect(twice).toBeLessThanOrEqual(1);
  });

  it('takes no name for more where nothing points back', () => {
    expect(earlier('How tall is a tower of this harbour?')).toContainEqual(['Kerra', 0.6]);
    expect(earlier('How tall is a harbour tower?')).toContainEqual(['Kerra', 0.3]);
  });

  it('says nothing twice', () => {
    expect(earlier('How tall is the Kerra tower?').map(([word]) => word)).not.toContain('Kerra');
  });

  it('keeps a question that brings its own subject free of earlier words', () => {
    expect(earlier('What minimum notice does a pension fund require?')).toEqual([]);
    expect(standAlone('What minimum notice does a pension fund require?', said).text).not.toContain(
      'Kerra',
    );
  });

  it.each([
    'Different question: how tall is the tower?',
    'Otra pregunta: ¿qué altura tiene?',
    '다른 질문인데, 높이는 얼마인가요?',
    'New topic. Who pays for it?',
  ])('%j leaves the subject', (question) => {
    const sought = standAlone(question, said);
    expect([sought.earlier.length, sought.subject.size, sought.told.length]).toEqual([0, 0, 0]);
  });

  it('knows what was told, and the subject with newer turns first', () => {
    const { told, subject } = standAlone('When was it built?', said);
    expect(told).toHaveLength(2);
    expect(subject.get('harbour')?.weight).toBe(1);
    expect(subject.get('white')?.weight).toBe(0.5);
  });

  it('bounds a conversation of any length', () => {
    const long = {
      questions: Array.from({ length: 500 }, (_, index) => `question ${index} `.repeat(500)),
      answers: Array.from({ length: 500 }, () => 'word '.repeat(20_000)),
    };
    const sought = standAlone('And then?', long);
    expect(sought.earlier.length).toBeLessThanOrEqual(48);
    expect(sought.told.length).toBeLessThanOrEqual(8);
  });
});
