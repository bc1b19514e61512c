import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { heldOut, labelledPairs, sourceOf } from './citations.fixture.ts';
import type { LabelledPair } from './citations.fixture.ts';
import { checkAnswer } from './citations.ts';

interface Judged {
  readonly precision: number;
  readonly recall: number;
  /** Wrong numbers, names, months and denials that passed. */
  readonly dangerous: readonly string[];
}

/** Judges every pair and prints how it went. */
function judge(name: string, pairs: readonly LabelledPair[]): Judged {
  const judged = pairs.map((pair) => ({
    ...pair,
    found:
      checkAnswer(pair.sentence, [sourceOf(pair.passage)], pair.question).support === 'supported',
  }));
  const count = (wanted: boolean, found: boolean): number =>
    judged.filter((pair) => pair.supported === wanted && pair.found === found).length;
  const precision = count(true, true) / (count(true, true) + count(false, true));
  const recall = count(true, true) / (count(true, true) + count(true, false));
  const wrong = judged.filter(({ supported, found }) => supported !== found);
  console.log(
    `citations, ${name}: ${judged.length} pairs, precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}` +
      wrong.map(({ kind, sentence }) => `\n  misjudged (${kind}): ${sentence}`).join(''),
  );
  const strict = new Set(['number', 'name', 'month', 'denial']);
  return {
    precision,
    recall,
    dangerous: wrong
      .filter(({ kind, found }) => found && strict.has(kind))
      .map(({ sentence }) => sentence),
  };
}

describe('the labelled pairs', () => {
  it('are many, and of both kinds', () => {
    expect(labelledPairs.length).toBeGreaterThanOrEqual(60);
    expect(labelledPairs.filter(({ supported }) => supported).length).toBeGreaterThanOrEqual(30);
    expect(labelledPairs.filter(({ supported }) => !supported).length).toBeGreaterThanOrEqual(30);
  });

  it('are told apart, and no wrong number, name or denial passes', () => {
    const { precision, recall, dangerous } = judge('tuned on', labelledPairs);
    expect(dangerous).toEqual([]);
    expect(precision).toBeGreaterThan(0.95);
    expect(recall).toBeGreaterThan(0.9);
  });

  it('that nothing was tuned on are told apart too', () => {
    const { precision, recall, dangerous } = judge('held out', heldOut);
    expect(dangerous).toEqual([]);
    expect(precision).toBeGreaterThan(0.9);
    expect(recall).toBeGreaterThan(0.7);
  });
});

describe('answers of the miniature', () => {
  const root = new URL('../../test/miniature/', import.meta.url);
  interface Example {
    kind: string;
    prompt: string;
    output: string;
  }
  const asked = (prompt: string): string =>
    /<\|start_of_role\|>user<\|end_of_role\|>((?:(?!<\|start_of_role\|>)[\s\S])*)<\|end_of_text\|>\n<\|start_of_role\|>assistant<\|end_of_role\|>$/.exec(
      prompt,
    )?.[1] ?? '';

  it('that are right are supported by their documents', () => {
    const rows = readFileSync(new URL('examples.jsonl', root), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Example)
      .filter(({ kind, output }) => kind === 'qa' && !output.includes('do not contain'));
    const results = rows.flatMap(({ prompt, output }) => {
      const block = /<documents>\n([\s\S]*?)\n<\/documents>/.exec(prompt)?.[1];
      if (block === undefined) return [];
      const sources = block.split('\n').map((line, index) => {
        const { title = '', text } = JSON.parse(line) as { title?: string; text: string };
        return sourceOf(text, index + 1, title);
      });
      return [{ output, support: checkAnswer(output, sources, asked(prompt)).support }];
    });
    const supported = results.filter(({ support }) => support === 'supported');
    console.log(
      `miniature, right answers: ${supported.length} of ${results.length} supported` +
        results
          .filter((result) => !supported.includes(result))
          .map(({ output }) => `\n  not: ${output}`)
          .join(''),
    );
    expect(results.length).toBeGreaterThan(50);
    // What is left are answers that hold the value but are no clean sentence.
    expect(supported.length / results.length).toBeGreaterThan(0.9);
  });

  it('that are wrong are mostly not', () => {
    const { errors } = JSON.parse(readFileSync(new URL('eval.json', root), 'utf8')) as {
      errors: {
        kind: string;
        question: string;
        expected: string | readonly string[];
        got: string;
      }[];
    };
    const refusal = /do not contain/;
    const rows = errors.filter(
      ({ kind, expected, got }) =>
        kind === 'qa' &&
        typeof expected === 'string' &&
        expected !== '' &&
        !refusal.test(expected) &&
        !refusal.test(got),
    );
    const refused = rows.filter(({ expected, got }) => {
      // The sentence that the document holds, and nothing of what the answer made up.
      const { support } = checkAnswer(got, [sourceOf(String(expected))]);
      return support !== 'supported';
    });
    console.log(`miniature, wrong answers: ${refused.length} of ${rows.length} not supported`);
    expect(rows.length).toBeGreaterThan(50);
    expect(refused.length / rows.length).toBeGreaterThan(0.9);
  });
});

describe('checkAnswer', () => {
  const first = sourceOf('The pump runs at night. It needs 40 watts.', 1, 'Pump.md');
  const second = sourceOf('The valve closes at noon.\nIt is red.', 2, 'Valve.md');

  it('quotes the exact words and gives places within the document', () => {
    const text = 'The pump needs 40 watts, and more. The valve closes at noon.';
    const { claims, support } = checkAnswer('The pump needs 40 watts.', [second, first]);
    expect(support).toBe('supported');
    expect(claims).toEqual([
      {
        start: 0,
        end: 24,
        state: 'supported',
        citation: {
          sourceNumber: 1,
          documentId: 'd1',
          documentName: 'Pump.md',
          page: 1,
          heading: null,
          quote: 'It needs 40 watts.',
          start: 5024,
          end: 5042,
        },
      },
    ]);
    const { claims: two } = checkAnswer(text, [first, second]);
    expect(two.map(({ start, end }) => text.slice(start, end))).toEqual([
      'The pump needs 40 watts, and more.',
      'The valve closes at noon.',
    ]);
  });

  it('makes two claims of two statements that stand in two places', () => {
    const answer = 'The valve is red and closes at noon.';
    const quotes = (text: string) =>
      checkAnswer(text, [first, second]).claims.map(({ start, end, state, citation }) => [
        text.slice(start, end),
        state,
        citation?.quote,
      ]);
    expect(quotes(answer)).toEqual([
      ['The valve is red', 'supported', 'It is red.'],
      ['closes at noon.', 'supported', 'The valve closes at noon.'],
    ]);
    expect(quotes('The valve is red and needs 40 watts.')).toEqual([
      ['The valve is red and needs 40 watts.', 'unsupported', undefined],
    ]);
  });

  it('prefers the source that the answer names when two say the same', () => {
    const twin = { ...first, number: 2, documentId: 'd2' };
    const cited = (answer: string) =>
      checkAnswer(answer, [first, twin]).claims[0]?.citation?.documentId;
    expect(cited('The pump runs at night [2].')).toBe('d2');
    expect(cited('The pump runs at night [1].')).toBe('d1');
  });

  it('counts what states nothing neither way', () => {
    const answer = 'Here is what I found:\n\n- The pump runs at night.\n\nShall I go on?';
    const { claims, support } = checkAnswer(answer, [first]);
    expect(claims.map(({ state }) => state)).toEqual(['supported']);
    expect(support).toBe('supported');
  });

  it('leaves code alone', () => {
    const answer = 'The pump runs at night.\n```\nThe moon is cheese.\n```';
    expect(checkAnswer(answer, [first]).claims).toHaveLength(1);
  });

  it.each([
    ['The documents do not contain the answer to that question.', 'not-in-documents'],
    ['I cannot answer that: there is no mention of it in the text.', 'not-in-documents'],
    ['The provided documents do not mention who built it.', 'not-in-documents'],
    ['This information is not available in the documents.', 'not-in-documents'],
    ['Los documentos no mencionan quién lo hizo.', 'not-in-documents'],
    ['문서에 그 내용이 나와 있지 않습니다.', 'not-in-documents'],
    ['The pump runs at night. Its maker is not mentioned in the documents.', 'partly'],
    ['The moon is cheese.', 'unsupported'],
    ['Yes.', 'unsupported'],
    ['The pump runs at night.', 'supported'],
    ['The pump runs at night. The moon is cheese.', 'partly'],
  ] as const)('%j is %s', (answer, support) => {
    expect(checkAnswer(answer, [first, second]).support).toBe(support);
  });
});

it('looks once at a sentence that an answer says again and again', () => {
  const text = 'The pump needs 40 watts. '.repeat(3000);
  const { claims } = checkAnswer(text, [
    sourceOf('1. '.repeat(1000)),
    sourceOf('The pump needs 40 watts.'),
  ]);
  expect(claims).toHaveLength(3000);
  expect(claims.map(({ start, end }) => text.slice(start, end))).toEqual(
    claims.map(() => 'The pump needs 40 watts.'),
  );
  expect(new Set(claims.map(({ citation }) => citation)).size).toBe(1);
});
