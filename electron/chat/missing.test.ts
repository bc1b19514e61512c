import { describe, expect, it } from 'vitest';
import type { Claim, Message, Source } from '../ipc/contract/index.ts';
import { answerable, evidenceOf, signsOf } from './answerable.ts';
import { missingParts, partsOfQuestion, searchedFacts } from './missing.ts';

const source = (text: string, number = 1): Source => ({
  number,
  passageId: `p${number}`,
  documentId: 'd',
  documentName: 'Lease.pdf',
  page: 1,
  heading: null,
  text,
  start: 0,
  end: text.length,
  score: 10 - number,
});
const asked = (text: string): Message[] => [{ role: 'user', text } as Message];
const lease = source('The lease of the mill ends on 3 May 2031. Its rent is 940 euros a month.');
const claim = (text: string): Claim => ({
  start: 0,
  end: text.length,
  state: 'supported',
  citation: null,
});

describe('the parts of a question', () => {
  it.each([
    ['When does the lease end?', ['When does the lease end']],
    ['When does the lease end and who signed it?', ['When does the lease end', 'who signed it']],
    ['What is the rent? How is it paid?', ['What is the rent', 'How is it paid']],
    ['What is the fee, and who signed it?', ['What is the fee', 'who signed it']],
    ['Salt and pepper?', ['Salt and pepper']],
    ['¿Cuándo termina y quién lo firmó?', ['Cuándo termina', 'quién lo firmó']],
    ['월세는 얼마이고 언제 내나요?', ['월세는 얼마', '언제 내나요']],
  ])('%s', (question, parts) => {
    expect(partsOfQuestion(question)).toEqual(parts);
  });
});

describe('what is missing of an answer', () => {
  it.each([
    ['When does the lease end?', []],
    [
      'When does the lease end and which architect drew the staircase?',
      ['which architect drew the staircase'],
    ],
    ['What is the rent, and when does the lease of the mill end?', []],
    ['What is the rent, and who signed it?', ['who signed it']],
    ['Did Tobias Okafor sign the lease?', ['Tobias', 'Okafor']],
    ['What was the rent of the mill in 1999?', ['1999']],
  ])('%s', (question, missing) => {
    expect(missingParts(asked(question), [lease], [], '')).toEqual(missing);
  });

  it('is not what the answer says with support, in whatever words', () => {
    const answer = 'The staircase was drawn by the architect.';
    const question = 'When does the lease end and which architect drew the staircase?';
    expect(missingParts(asked(question), [lease], [claim(answer)], answer)).toEqual([]);
  });
});

describe('the evidence of a search (unsloth#7309, nanorag#10)', () => {
  it('is made of several signs, which grow with what the passages hold', () => {
    const good = signsOf('When does the lease of the mill end?', [lease]);
    const bad = signsOf('Which architect drew the staircase of the mill?', [lease]);
    for (const sign of ['best', 'union', 'sentence', 'depth'] as const) {
      expect(good[sign]).toBeGreaterThan(bad[sign]);
    }
    expect(answerable(good)).toBeGreaterThan(answerable(bad));
    expect(evidenceOf('When does the lease of the mill end?', [lease])).toBe('strong');
    expect(evidenceOf('Which architect drew the staircase?', [lease])).toBe('weak');
    expect(evidenceOf('Anything?', [])).toBe('none');
  });
});

it('names what was searched, the nearest passages, and words that stand nowhere (lmstudio#717)', () => {
  const hit = { ...lease, collectionId: 'c', marks: [], coverage: 0.2, ordinal: 0 };
  const searched = searchedFacts(
    {
      search: (query) => (/mill|lease/i.test(query) ? [hit] : []),
      searchable: () => 7,
    },
    { kind: 'all' },
    asked('Who painted the mill?'),
  );
  expect(searched).toMatchObject({
    query: 'Who painted the mill?',
    documents: 7,
    unknown: ['painted'],
  });
  expect(searched.nearest.map(({ passageId }) => passageId)).toEqual(['p1']);
  const byMeaning = { ...hit, passageId: 'p2', near: true as const };
  const fused = searchedFacts(
    { search: () => [], searchable: () => 7 },
    { kind: 'all' },
    asked('Who painted the mill?'),
    [byMeaning],
  );
  expect(fused.nearest.map(({ passageId }) => passageId)).toEqual(['p2']);
});

it.each([
  ['지붕 회의는 언제 열렸는가?', ['지붕']],
  ['¿Quién es el director?', ['director']],
])('names whole words that say something, not those that ask: %s', (question, words) => {
  const retriever = { search: () => [], searchable: () => 1 };
  expect(searchedFacts(retriever, { kind: 'all' }, asked(question)).unknown).toEqual(words);
});
