import { describe, expect, it } from 'vitest';
import { heldOut, labelledPairs, sourceOf } from './citations.fixture.ts';
import { checkAnswer } from './citations.ts';
import { heldOutValues, valuePairs } from './contradictions.fixture.ts';
import type { ValuePair } from './contradictions.fixture.ts';

function judge(name: string, pairs: readonly ValuePair[]) {
  const judged = pairs.map((pair) => {
    const { claims } = checkAnswer(pair.sentence, [sourceOf(pair.passage)]);
    const states = claims.map(({ state }) => state);
    const found = states.includes('contradicted')
      ? 'contradicted'
      : states.length > 0 && states.every((state) => state === 'supported')
        ? 'supported'
        : 'unsupported';
    const differences = claims.flatMap((claim) => claim.differences ?? []);
    return { ...pair, found, differences };
  });
  const rates = (['supported', 'contradicted'] as const).map((state) => {
    const right = judged.filter((one) => one.state === state && one.found === state).length;
    return {
      state,
      precision: right / Math.max(1, judged.filter(({ found }) => found === state).length),
      recall: right / judged.filter((one) => one.state === state).length,
    };
  });
  const wrong = judged.filter(({ state, found }) => state !== found);
  const unnamed = judged.filter(
    ({ values, found, differences }) =>
      values !== undefined &&
      found === 'contradicted' &&
      !differences.some((one) => one.said === values[0] && one.found === values[1]),
  );
  console.log(
    `values, ${name}: ${pairs.length} pairs; ` +
      rates
        .map(
          (one) =>
            `${one.state}: precision ${one.precision.toFixed(3)}, recall ${one.recall.toFixed(3)}`,
        )
        .join('; ') +
      wrong
        .map(({ state, found, sentence }) => `\n  ${state}, taken for ${found}: ${sentence}`)
        .join('') +
      unnamed
        .map(({ sentence, differences }) => `\n  named ${JSON.stringify(differences)}: ${sentence}`)
        .join(''),
  );
  return { rates, unnamed, judged };
}

const rateOf = (result: ReturnType<typeof judge>, state: string) =>
  result.rates.find((rate) => rate.state === state) ?? { precision: 0, recall: 0 };

describe('values that differ (lmstudio#789)', () => {
  it('are told from what supports and from what says nothing', () => {
    const result = judge('tuned on', valuePairs);
    // A wrong value never passes for a right one.
    expect(
      result.judged.filter(({ state, found }) => state !== 'supported' && found === 'supported'),
    ).toEqual([]);
    expect(rateOf(result, 'supported').recall).toBeGreaterThan(0.9);
    expect(rateOf(result, 'contradicted').precision).toBeGreaterThan(0.95);
    expect(rateOf(result, 'contradicted').recall).toBeGreaterThan(0.9);
    expect(result.unnamed).toEqual([]);
  });

  it('are told where nothing was tuned', () => {
    const result = judge('held out', heldOutValues);
    expect(
      result.judged.filter(({ state, found }) => state !== 'supported' && found === 'supported'),
    ).toEqual([]);
    expect(rateOf(result, 'contradicted').precision).toBeGreaterThan(0.85);
    expect(rateOf(result, 'contradicted').recall).toBeGreaterThan(0.6);
  });

  it('are not seen where an answer is right, or speaks of something else', () => {
    const all = [...labelledPairs, ...heldOut];
    const flagged = all.filter(({ passage, sentence, question }) =>
      checkAnswer(sentence, [sourceOf(passage)], question).claims.some(
        ({ state }) => state === 'contradicted',
      ),
    );
    const values = new Set(['number', 'month', 'denial', 'name']);
    const wrong = flagged.filter(({ kind, supported }) => supported || !values.has(kind));
    const due = all.filter(({ kind, supported }) => !supported && values.has(kind));
    console.log(
      `values, pairs of the citations test: ${flagged.length - wrong.length} of ${due.length} contradictions seen, ` +
        `${wrong.length} seen that are none` +
        wrong.map(({ kind, sentence }) => `\n  (${kind}) ${sentence}`).join(''),
    );
    expect(wrong.filter(({ supported }) => supported)).toEqual([]);
    expect(wrong.length).toBeLessThanOrEqual(3);
  });
});

it('a contradiction is cited, is no support, and does not hide the rest', () => {
  const text = 'The pump needs 45 watts. The valve closes at noon.';
  const { claims, support } = checkAnswer(text, [
    sourceOf('The pump needs 40 watts. The valve closes at noon.'),
  ]);
  expect(support).toBe('partly');
  expect(
    claims.map(({ state, citation, differences }) => [state, citation?.quote, differences]),
  ).toEqual([
    [
      'contradicted',
      'The pump needs 40 watts.',
      [{ kind: 'number', said: '45 watts', found: '40 watts' }],
    ],
    ['supported', 'The valve closes at noon.', undefined],
  ]);
});

it('a value that another passage supports is no contradiction', () => {
  const sources = [
    sourceOf('Sales grew by 15% in Europe.'),
    { ...sourceOf('Sales grew by 12% in Europe.'), number: 2 },
  ];
  const { claims } = checkAnswer('Sales grew by 12% in Europe.', sources);
  expect(claims).toMatchObject([{ state: 'supported', citation: { sourceNumber: 2 } }]);
});
