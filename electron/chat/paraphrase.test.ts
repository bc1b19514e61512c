import { describe, expect, it } from 'vitest';
import type { Source } from '../ipc/contract/index.ts';
import { checkAnswer } from './citations.ts';
import { findParaphrases, placeOf } from './paraphrase.ts';
import type { TextSimilarity } from '../documents/retrieve/fused.ts';

const text =
  'Pets must stay outside the flat. The rent is due on 3 May. The garden may not be used.';
const source: Source = {
  number: 1,
  passageId: 'p',
  documentId: 'd',
  documentName: 'Lease',
  page: 2,
  heading: null,
  text,
  start: 100,
  end: 100 + text.length,
  score: 1,
};
/** Takes everything for the same: what is kept is kept by the rules. */
const credulous: TextSimilarity = {
  sameFrom: 0.8,
  compare: async (_, texts) => texts.map(() => 0.9),
};
const signal = new AbortController().signal;

async function found(sentence: string, similarity = credulous) {
  const { claims } = checkAnswer(sentence, [source]);
  const some = await findParaphrases(sentence, claims, [source], similarity, signal);
  return claims.map((claim) => some.get(placeOf(claim))?.quote ?? null);
}

describe('a paraphrase', () => {
  it('is what a model of similarity takes for the same, with its place', async () => {
    expect(await found('Animals have to live elsewhere.')).toEqual([
      'Pets must stay outside the flat.',
    ]);
  });

  it.each([
    ['another number', 'Payment has to arrive by 4 May.'],
    ['another name', 'Animals have to live in Lisbon.'],
    ['a denial of what is not denied', 'Animals never have to live elsewhere outside.'],
  ])('is none with %s, whatever the model takes it for', async (_, sentence) => {
    const quotes = await found(sentence);
    expect(quotes.every((quote) => quote === null || quote.includes('not'))).toBe(true);
  });

  it('is none where the model does not take it for the same', async () => {
    const doubting: TextSimilarity = {
      sameFrom: 0.8,
      compare: async (_, texts) => texts.map(() => 0.5),
    };
    expect(await found('Animals have to live elsewhere.', doubting)).toEqual([null]);
  });
});
