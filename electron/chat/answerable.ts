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
  /** Of words that stand in no passage found, rare ones and names among them. */
  readonly unknown: number;
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
    unknown: 1 - union,
    margin: top > 0 ? Math.min(1, Math.max(0, (top - mean) / top)) : 0,
    words: Math.min(1, words.length / 8),
  };
}

/** Weights of a logistic regression. */
export interface Weights {
  readonly bias: number;
  readonly best: number;
  readonly union: number;
  readonly sentence: number;
  readonly margin: number;
  readonly words: number;
}

/**
 * From `npm run bench answerability -- --data DIR --fit`: questions of a public set with their passages in
 * the pool against the same questions with these taken away.
 */
export const fitted: Weights = {
  bias: -2,
  best: 2,
  union: 1,
  sentence: 2,
  margin: 1,
  words: 0,
};

/** 0 to 1: how much speaks for an answer being there. Comparable between searches. */
export function answerable(signs: Signs, weights: Weights = fitted): number {
  const sum =
    weights.bias +
    weights.best * signs.best +
    weights.union * signs.union +
    weights.sentence * signs.sentence +
    weights.margin * signs.margin +
    weights.words * signs.words;
  return 1 / (1 + Math.exp(-sum));
}

/** Under this an answer needs the model's word and its own support to count. */
const weakUnder = 0.5;

/**
 * How much a search says for an answer. 'none' only where nothing was found: words of the same meaning do
 * not count here, so what is weak is left to the model, which sees the passages.
 */
export function evidenceOf(question: string, passages: readonly FoundPassage[]): Evidence {
  if (passages.length === 0) return 'none';
  return answerable(signsOf(question, passages)) < weakUnder ? 'weak' : 'strong';
}
