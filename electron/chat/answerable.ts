import type { Evidence } from '../ipc/contract/index.ts';
import { sentencesOf } from './sentences.ts';
import { tokenize } from './text.ts';

/** What a search found, as far as it tells whether the answer is there. */
export interface FoundPassage {
  readonly text: string;
  readonly heading: string | null;
  readonly documentName: string;
  readonly lead?: string;
  readonly score: number;
}

/**
 * Signs of an answer among the passages of a search, each 0 to 1. No single one of them separates
 * questions that can be answered from those that cannot.
 */
export interface Signs {
  /** Weight of the question's words within the passage that holds most; rare words weigh more. */
  readonly best: number;
  /** Within all passages together. */
  readonly union: number;
  /** Within the sentence that holds most, with its heading. */
  readonly sentence: number;
  /** How often the words stand in the first passages, in mean: an answer is seldom the only place. */
  readonly depth: number;
  /** How far the first passage stands out from the rest. */
  readonly margin: number;
  /** Many words = 1: one word can hardly miss. */
  readonly words: number;
}

/** Content words of the question, each once, with what they weigh among the passages. */
export function weighedWords(
  question: string,
  passages: readonly FoundPassage[],
): {
  readonly key: string;
  readonly word: string;
  readonly weight: number;
  readonly found: number;
}[] {
  const held = passages.map((passage) => keysOf(wholeText(passage)));
  const words = new Map<string, string>();
  for (const { key, kind, start, end } of tokenize(question)) {
    if (kind !== 'stop' && !words.has(key)) words.set(key, question.slice(start, end));
  }
  return [...words].map(([key, word]) => {
    const found = held.filter((keys) => keys.has(key)).length;
    const weight = Math.log(1 + (passages.length + 1) / (found + 0.5));
    return { key, word, weight, found };
  });
}

function wholeText({ text, heading, documentName, lead = '' }: FoundPassage): string {
  return `${documentName} ${heading ?? ''} ${lead} ${text}`;
}

function keysOf(text: string): ReadonlySet<string> {
  return new Set(tokenize(text).map(({ key }) => key));
}

/** @param passages best first */
export function signsOf(question: string, passages: readonly FoundPassage[]): Signs {
  const words = weighedWords(question, passages);
  const total = words.reduce((sum, { weight }) => sum + weight, 0);
  const share = (keys: ReadonlySet<string>): number =>
    total === 0
      ? 0
      : words.reduce((sum, { key, weight }) => sum + (keys.has(key) ? weight : 0), 0) / total;
  const first = passages.slice(0, 5);
  const best = Math.max(0, ...first.map((passage) => share(keysOf(wholeText(passage)))));
  const union = share(new Set(words.filter(({ found }) => found > 0).map(({ key }) => key)));
  const sentence = Math.max(
    0,
    ...first.flatMap((passage) =>
      sentencesOf(passage.text).map(({ start, end }) =>
        share(keysOf(`${passage.heading ?? ''} ${passage.text.slice(start, end)}`)),
      ),
    ),
  );
  const scores = passages.map(({ score }) => score);
  const [top = 0] = scores;
  const rest = scores.slice(1);
  const mean = rest.length === 0 ? 0 : rest.reduce((sum, score) => sum + score, 0) / rest.length;
  return {
    best,
    union,
    sentence,
    depth: depthOf(words, first, total),
    margin: top > 0 ? Math.min(1, Math.max(0, (top - mean) / top)) : 0,
    words: Math.min(1, words.length / 8),
  };
}

/** Share of the words' weight in a passage, repeats counting less and less, as BM25 does; mean of the passages. */
function depthOf(
  words: readonly { readonly key: string; readonly weight: number }[],
  passages: readonly FoundPassage[],
  total: number,
): number {
  if (total === 0 || passages.length === 0) return 0;
  const sum = passages.reduce((all, passage) => {
    const counts = new Map<string, number>();
    for (const { key } of tokenize(wholeText(passage))) counts.set(key, (counts.get(key) ?? 0) + 1);
    const held = words.reduce((part, { key, weight }) => {
      const times = counts.get(key) ?? 0;
      return part + (weight * times) / (times + 1.2);
    }, 0);
    return all + held / total;
  }, 0);
  return sum / passages.length;
}

/** Weights of a logistic regression. */
export interface Weights {
  readonly bias: number;
  readonly best: number;
  readonly union: number;
  readonly sentence: number;
  readonly depth: number;
  readonly margin: number;
  readonly words: number;
}

/**
 * From `npm run bench answerability -- --data DIR --fit`: questions of a public set with their passages in
 * the pool against the same questions with these taken away.
 */
export const fitted: Weights = {
  bias: -1.13,
  best: -0.22,
  union: -0.46,
  sentence: 1.13,
  depth: 1.8,
  margin: -0.12,
  words: 0.89,
};

/** 0 to 1: how much speaks for an answer being there. Comparable between searches. */
export function answerable(signs: Signs, weights: Weights = fitted): number {
  const sum =
    weights.bias +
    weights.best * signs.best +
    weights.union * signs.union +
    weights.sentence * signs.sentence +
    weights.depth * signs.depth +
    weights.margin * signs.margin +
    weights.words * signs.words;
  return 1 / (1 + Math.exp(-sum));
}

/** Under this an answer needs the model's word and its own support to count. */
const weakUnder = 0.38;

/**
 * How much a search says for an answer. 'none' only where nothing was found: words of the same meaning do
 * not count here, so what is weak is left to the model, which sees the passages.
 */
export function evidenceOf(question: string, passages: readonly FoundPassage[]): Evidence {
  if (passages.length === 0) return 'none';
  return answerable(signsOf(question, passages)) < weakUnder ? 'weak' : 'strong';
}
