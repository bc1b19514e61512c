import type { RetrievedPassage } from '../documents/retrieve/index.ts';
import type { AnswerFacts, Source, TurnStats } from '../ipc/contract/index.ts';
import type { Paraphrases } from './paraphrase.ts';
import type { WholeSet } from './whole-document.ts';

/** What a turn has come to so far. */
export interface Written {
  text: string;
  sources: readonly Source[];
  stats: TurnStats | null;
  /** The answer's ids, once it has ended. */
  answer: { readonly vocabulary: string; readonly tokens: readonly number[] } | null;
  /** The documents held nothing to answer from; the model was not asked. */
  nothingFound: boolean;
  /** Documents that stood in the prompt as a whole. */
  whole: WholeSet | null;
  /** Passages that the answer is checked with, where they are others than `sources`; only cited ones are kept. */
  checkWith: readonly Source[] | null;
  facts: AnswerFacts;
  /** What the search for passages found by words and meaning, also what the model was not shown. */
  nearest: readonly RetrievedPassage[];
  /** What a model of similarity has found; empty without one. */
  paraphrases: Paraphrases;
}

export function nothingWritten(): Written {
  return {
    text: '',
    sources: [],
    stats: null,
    answer: null,
    nothingFound: false,
    whole: null,
    checkWith: null,
    facts: {},
    nearest: [],
    paraphrases: new Map(),
  };
}
