import { describe, expect, it } from 'vitest';
import { indexText } from '../../storage/terms/stems.ts';
import { createVocabulary } from './indexed.ts';
import { standAlone } from './question.ts';
import { sayingOf, unitTexts, unitsOf } from './units.ts';
import { numberSought } from './weigh.ts';
import type { Knowledge } from './weigh.ts';

const texts = (text: string): string[] => unitTexts(text).map((unit) => unit.text);

describe('unitTexts', () => {
  it('gives one sentence each, also over wrapped lines', () => {
    const wrapped = 'The roof of the mill was measured twice that year\nby two men. Nobody paid.';
    expect(texts(wrapped)).toEqual([
      'The roof of the mill was measured twice that year by two men.',
      'Nobody paid.',
    ]);
    expect(texts('計器は読んだ。誰も払わない。')).toEqual(['計器は読んだ。', '誰も払わない。']);
  });

  it('ends at short lines, empty ones and entries of lists', () => {
    expect(texts('Costs\nrent\n\n- the mill\n- the dairy\n1. the depot')).toEqual([
      'Costs',
      'rent',
      '- the mill',
      '- the dairy',
      '1. the depot',
    ]);
  });

  it('gives each row of a table the number of its first row, unless that holds values', () => {
    const rows = unitTexts('Intro\nSite\tRent\nMill\t300\nDairy\t400\n\nBarn\t5\nPit\t6');
    expect(rows.map(({ text, header }) => [text, header])).toEqual([
      ['Intro', null],
      ['Site\tRent', null],
      ['Mill\t300', 1],
      ['Dairy\t400', 1],
      ['Barn\t5', null],
      ['Pit\t6', null],
    ]);
  });
});

describe('unitsOf', () => {
  it.each([
    ['prose', 'The mill is old. Its roof leaks, findPassages says.\n\nNobody pays: 12-B café.'],
    ['a table', 'Site\tRent\nMill\t300\nDairy\t400'],
    ['Korean', '2023년 말 오솔벌 양조장의 계량기. 東京タワー입니다.'],
    ['a long sentence', Array.from({ length: 300 }, (_, at) => `word${at}`).join(' ')],
  ])('places every entry of %s in one unit, as the index has it', (_, text) => {
    const body = indexText(text, text).split(' ');
    const { own, lead } = unitsOf({ text, lead: '' });
    expect(lead).toBe(0);
    const last = own.map((ranges) => ranges.at(-1) ?? [0, 0]);
    expect(last.flatMap(([from, to]) => body.slice(from, to))).toEqual(body);
  });

  it('begins behind the lead', () => {
    expect(unitsOf({ text: 'Mill\t300\nDairy\t400', lead: 'Site\tMonthly rent' })).toEqual({
      own: [[[3, 5]], [[5, 7]]],
      named: [[[3]], [[5]]],
      lead: 3,
    });
  });

  it('cuts what is too long to be said at once, a row with its header too', () => {
    const header = Array.from({ length: 50 }, (_, at) => `h${'x'.repeat(at + 1)}`).join('\t');
    const row = Array.from({ length: 100 }, (_, at) => `cell${at}`).join('\t');
    expect(unitsOf({ text: `${header}\n${row}`, lead: '' }).own).toEqual([
      [[0, 50]],
      [
        [0, 50],
        [50, 80],
      ],
      [[80, 150]],
    ]);
  });
});

const knowledge: Knowledge = {
  totals: { passages: 1000, terms: 100_000, version: '' },
  learn: () => {},
  count: (stem) => ({ passages: stem === 'mill' ? 200 : 10, times: 20 }),
};

/** Share of the question that the best unit of a passage holds, and the most that it could. */
function shares(question: string, text: string, heading = '', lead = ''): [number, number] {
  const sought = standAlone(question);
  const vocabulary = createVocabulary();
  numberSought(sought, vocabulary);
  const body = lead === '' ? text : `${lead}\n${text}`;
  const [seen] = vocabulary.see([
    { rowid: 1, heading: indexText(heading, text), body: indexText(body, text) },
  ]);
  if (seen === undefined) throw new Error('nothing seen');
  const saying = sayingOf(sought, question, knowledge, vocabulary);
  return [saying.share(seen, unitsOf({ text, lead })), saying.bound(seen)];
}
const share = (...of: Parameters<typeof shares>): number => shares(...of)[0];

describe('sayingOf', () => {
  const question = 'What rent was paid for the Torvan mill in 2021?';

  it('gives 1 where one unit holds all, less where its words are apart, never more than its bound', () => {
    const [together, most] = shares(question, 'The rent paid for the Torvan mill in 2021 was low.');
    expect([together, most]).toEqual([1, 1]);
    const [apart, bound] = shares(
      question,
      'The rent was paid. The Torvan mill burned. It was 2021.',
    );
    expect(bound).toBe(1);
    expect(apart).toBeLessThan(0.8);
    expect(shares(question, 'Nothing of it.')).toEqual([0, 0]);
  });

  it('counts a wrong year or name more than a missing word', () => {
    const missing = share(question, 'The rent of the Torvan mill in 2021 was low.');
    const year = share(question, 'The rent paid for the Torvan mill in 2022 was low.');
    const name = share(question, 'The rent paid for the Velgo mill in 2021 was low.');
    expect(missing).toBeGreaterThan(year);
    expect(missing).toBeGreaterThan(name);
    const beside = share(question, 'The rent paid for the Torvan dairy in 2021 was low.');
    expect(missing).toBeGreaterThan(beside);
  });

  it('takes what stands above nearly as said, in the heading path and in a table’s header', () => {
    const row = 'Torvan mill\t2021\t7,466';
    const below = share(question, row, 'Rent paid');
    expect(below).toBeGreaterThan(0.95);
    expect(share(question, row, '', 'Site\tYear\tRent paid')).toBeGreaterThan(0.95);
    expect(share(question, row)).toBeLessThan(below);
  });

  it('takes a row that bears the name and the numbers for the answer, whatever its columns are called', () => {
    const header = 'Site\tYear\tMonthly charge';
    const row = share(question, 'Torvan mill\t2021\t7,466', '', header);
    expect(row).toBeGreaterThan(share(question, 'The Torvan mill in 2021 burned.', '', header));
    expect(row).toBeLessThan(share(question, 'Torvan mill\t2021\t7,466', '', 'Rent paid'));
    const others = [
      'Torvan mill\t2022\t7,466',
      'Torvan dairy\t2021\t7,466',
      'Torvan mill pond\t2021\t7',
    ];
    for (const other of others) expect(share(question, other, '', header), other).toBeLessThan(row);
    const korean = '2021년 하탄샘 기록관의 계량기 숫자는 얼마였나요?';
    expect(share(korean, '하탄샘 기록관\t2021\t9129')).toBeGreaterThan(
      share(korean, '하탄샘 예배당\t2021\t9129'),
    );
  });

  it('asks nothing of a question without words', () => {
    expect(shares('?', 'The rent')).toEqual([0, 0]);
  });
});
