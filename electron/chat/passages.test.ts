import { describe, expect, it } from 'vitest';
import type { Message, Source } from '../ipc/contract/index.ts';
import type { RetrievedPassage } from '../documents/retrieve/index.ts';
import {
  isFollowUp,
  isSmallTalk,
  keepSources,
  saidBefore,
  shapeFor,
  sourcesFrom,
} from './passages.ts';

const hit = (text: string, extra: Partial<RetrievedPassage> = {}): RetrievedPassage => ({
  passageId: 'p',
  documentId: 'd',
  documentName: 'D',
  collectionId: 'c',
  page: 1,
  heading: null,
  text,
  start: 1000,
  end: 1000 + text.length,
  score: 1,
  marks: [],
  coverage: 1,
  ordinal: 0,
  ...extra,
});

describe('sourcesFrom', () => {
  const filler = (n: number) => `Sentence number ${n} says little. `;
  const long = [1, 2, 3, 4, 5, 6, 7, 8, 9].map(filler).join('') + 'The tank holds 448 ml. ';
  const text = long + [11, 12, 13, 14, 15].map(filler).join('');
  const at = text.indexOf('tank');

  it('cuts a long passage to whole sentences around the match, offsets exact', () => {
    const [source] = sourcesFrom([hit(text, { marks: [[at, at + 4]] })], {
      passages: 3,
      characters: 160,
      atLeast: 0,
    });
    expect(source?.text).toContain('The tank holds 448 ml.');
    expect(source?.text.length).toBeLessThanOrEqual(160);
    expect(source?.text.endsWith('.')).toBe(true);
    expect(text.slice((source?.start ?? 0) - 1000, (source?.end ?? 0) - 1000)).toBe(source?.text);
  });

  it('leaves a short one whole, numbers from 1, and drops the weak and the many', () => {
    const hits = [9, 8, 2, 7, 6].map((score, n) =>
      hit(`Text ${n}.`, { score, passageId: `p${n}` }),
    );
    const sources = sourcesFrom(hits, { passages: 3, characters: 500, atLeast: 0.5 });
    expect(sources.map(({ number, passageId }) => [number, passageId])).toEqual([
      [1, 'p0'],
      [2, 'p1'],
      [3, 'p3'],
    ]);
    expect(sources[0]).toMatchObject({ text: 'Text 0.', start: 1000, end: 1007 });
  });

  it('cuts one endless sentence', () => {
    const endless = 'word '.repeat(500).trim();
    const [source] = sourcesFrom([hit(endless)], shapeFor(640));
    expect(source?.text).toHaveLength(420);
  });
});

it('a source names other files with the same words where they stand there, cut as it is', () => {
  const text = `${'Nothing of note. '.repeat(30)}The pump is red.${' Nothing more.'.repeat(30)}`;
  const file = { documentId: 'e', documentName: 'E', path: '/e' };
  const sameIn = [file, { ...file, documentId: 'f', at: { page: 4, start: 1000, end: 2000 } }];
  const from = text.indexOf('The pump');
  const [source] = sourcesFrom([hit(text, { marks: [[from, from + 8]], sameIn })], shapeFor(640));
  const [whole, part] = source?.sameIn ?? [];
  expect(whole).toEqual(file);
  expect(text.slice((part?.at?.start ?? 0) - 1000, (part?.at?.end ?? 0) - 1000)).toBe(source?.text);
});

describe('keepSources', () => {
  const source = (passageId: string, start: number, end: number): Source => ({
    ...hit('x'),
    number: 1,
    passageId,
    start,
    end,
  });
  it('keeps the earlier list only when it holds every stretch found now', () => {
    const before = [source('a', 0, 100), source('b', 0, 50)];
    expect(keepSources(before, [source('a', 10, 90)])).toBe(before);
    const wider = [source('a', 10, 190)];
    expect(keepSources(before, wider)).toBe(wider);
    const other = [source('a', 10, 90), source('c', 0, 5)];
    expect(keepSources(before, other)).toBe(other);
    expect(keepSources([], other)).toBe(other);
  });
});

describe('a follow-up', () => {
  const path = (...questions: string[]): Message[] =>
    questions.map((text) => ({ role: 'user', text }) as Message);
  it.each([
    ['When was it built?', true],
    ['And in Lisbon?', true],
    ['Why?', true],
    ['¿Y por qué?', true],
    ['¿Dónde está ella?', true],
    ['¿Cuál es la altura de la torre?', false],
    ['What is the notice period?', false],
    ['Who wrote The Yellow Mission?', false],
    [
      'Does this long question about the boiler, the pump, the valve, the filter and the price of the service stand alone?',
      false,
    ],
  ])('%j points back: %s', (question, expected) => {
    expect(isFollowUp(question)).toBe(expected);
  });
  it('gives search what was said before the last question, and nothing of it', () => {
    const answer = { role: 'assistant', text: 'Iven Ral.' } as Message;
    const [first, last] = path('Who built the Kerra tower?', 'When was it built?');
    if (first === undefined || last === undefined) throw new Error('no path');
    expect(saidBefore([first, answer, last])).toEqual({
      questions: ['Who built the Kerra tower?'],
      answers: ['Iven Ral.'],
    });
    expect(saidBefore(path('Who built it?'))).toEqual({ questions: [], answers: [] });
    expect(saidBefore([])).toEqual({ questions: [], answers: [] });
  });
});

describe('isSmallTalk', () => {
  it.each([
    'Hi',
    'hello there!',
    'Thank you very much.',
    'Thanks! 🙏',
    '¡Hola!'.slice(1),
    '감사합니다',
  ])('%j is', (text) => expect(isSmallTalk(text)).toBe(true));
  it.each(['Hello, how tall is it?', 'thanks to whom was it built', 'ok the price?', ''])(
    '%j is not',
    (text) => expect(isSmallTalk(text)).toBe(false),
  );
});
