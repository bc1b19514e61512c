import type { Timestamp } from './conversations.ts';

/**
 * What makes a follow-up stand alone: 'rule' = words of earlier questions; 'model' = the loaded model's own
 * wording besides; 'automatic' = the model where a test on this machine found it better.
 */
export const rewriteChoices = ['automatic', 'rule', 'model'] as const;
export type RewriteChoice = (typeof rewriteChoices)[number];

/** Why a model is or is not asked. */
export type RewriteVerdict = 'good' | 'no-better' | 'wrong-words' | 'slow';

/** How a model did with the built-in dialogues, on this machine. */
export interface RewriteTest {
  readonly modelId: string;
  readonly modelName: string;
  readonly isBuiltIn: boolean;
  readonly dialogues: number;
  /** Shares of the words that are needed and stand not in the follow-up itself, 0 to 1. */
  readonly byRule: number;
  readonly byModel: number;
  /** Share of the dialogues in which the model brought a word that misleads. */
  readonly wrong: number;
  /** Milliseconds for one question, the middle of all. */
  readonly medianMs: number;
  readonly verdict: RewriteVerdict;
  readonly at: Timestamp;
}

/** What is known of models that word follow-ups, and how they are tested. */
export interface RewriteTests {
  /** On this machine, the newest of each model. */
  readonly tests: readonly RewriteTest[];
  /** Milliseconds that an answer waits for a wording at most. */
  readonly limitMs: number;
  /** Conversations that a test goes through. */
  readonly dialogues: number;
}

/** What was searched for with a question that goes on with its conversation. */
export interface SoughtFacts {
  readonly by: 'rule' | 'model';
  /** The question as the model put it; the question itself by the rule. */
  readonly text: string;
  /** By the rule: words of earlier questions that were looked for besides. */
  readonly words: readonly string[];
  /** Milliseconds that the model took; also where its words were not used. */
  readonly ms?: number;
  /** Why the model was asked and its words were not used. */
  readonly unused?: RewriteRefusal;
}

/** Why what a model wrote is not used. */
export type RewriteRefusal =
  | 'busy'
  | 'slow'
  | 'failed'
  | 'empty'
  | 'long'
  | 'refusal'
  | 'invented'
  | 'lost'
  | 'foreign'
  | 'same';
