import type { Citation, Source } from './conversations.ts';
import type { Place } from './documents.ts';
import type { SoughtFacts } from './rewriting.ts';

/** How one answer used the documents: passages found, all of their text, or each document asked by itself. */
export const answerModes = ['passages', 'whole', 'across'] as const;
export type AnswerMode = (typeof answerModes)[number];

/** What a question wants of documents. */
export type QuestionKind =
  /** One or a few statements, wherever they stand. */
  | 'fact'
  /** What a text says as a whole: a summary, its main points. */
  | 'overview'
  /** Something of each document: compare all, list all, which ones, how many. */
  | 'each'
  /** A greeting or thanks. */
  | 'talk';

/** Why a mode was taken, as a code; the words are the window's. */
export type ModeReason =
  | 'chosen'
  | 'talk'
  | 'fact'
  | 'one-fits'
  | 'few-fit'
  | 'read-before'
  | 'goes-on'
  | 'each-apart'
  | 'overview-apart'
  | 'too-many'
  | 'not-read';

/** Which mode an answer was written in, and why. */
export interface ModeChoice {
  readonly mode: AnswerMode;
  readonly isAutomatic: boolean;
  readonly reason: ModeReason;
  readonly kind: QuestionKind;
  /** Documents with text in scope. */
  readonly documents: number;
  /** Of all of their text and the instructions; null where nobody counted. */
  readonly tokens: number | null;
  /** Most tokens that would have fitted; null where nobody counted. */
  readonly limit: number | null;
}

/** One document of an answer across many. */
export interface AcrossPart {
  readonly documentId: string;
  readonly documentName: string;
  /**
   * 'nothing': it does not answer; 'not-read': it has no text; 'too-long': not even a part of it fits;
   * 'stopped': not asked any more.
   */
  readonly state:
    'waiting' | 'reading' | 'answered' | 'nothing' | 'failed' | 'too-long' | 'not-read' | 'stopped';
  /** What the model said of it. */
  readonly text: string;
  /** What of it the model saw: all of it, or the parts that were found. */
  readonly seen: 'all' | 'passages' | null;
  /** Passages of it that the model did not see. */
  readonly leftOut: number;
  /** Where `text` is supported. */
  readonly citations: readonly Citation[];
  /** Code of what went wrong. */
  readonly error?: string;
}

export interface AcrossFacts {
  readonly parts: readonly AcrossPart[];
  /** Where the answers did not fit together: what several of them came to. */
  readonly batches?: readonly { readonly names: readonly string[]; readonly text: string }[];
  /** Results that were left out of the combined answer because they did not fit together. */
  readonly notCombined: number;
}

/** Something that did not fit into a prompt. */
export type LeftOut =
  | {
      readonly kind: 'passage';
      readonly documentId: string;
      readonly documentName: string;
      readonly page: number | null;
      readonly place?: Place | null;
      readonly heading: string | null;
      readonly start: number;
      readonly end: number;
      /** The beginning of its text. */
      readonly text: string;
      /** Only its ends were cut away. */
      readonly isCut?: true;
    }
  | { readonly kind: 'message'; readonly messageId: string; readonly text: string };

/** What a search for an answer looked at, for an answer that is not there. */
export interface SearchedFacts {
  readonly query: string;
  /** Documents looked through. */
  readonly documents: number;
  /** Documents in scope that were not read yet, or were being read again. */
  readonly unread?: number;
  /** Documents in scope that could not be read: how many, and the name of one. */
  readonly failed?: { readonly count: number; readonly name: string };
  /** Best passages, as near as they come. */
  readonly nearest: readonly Source[];
  /** Words of the question that stand in none of the passages. */
  readonly unknown: readonly string[];
}

/** How well what was found can answer, as far as words tell. */
export type Evidence = 'strong' | 'weak' | 'none';

/** Everything about an answer besides its text: kept with it. */
export interface AnswerFacts {
  readonly mode?: ModeChoice;
  readonly across?: AcrossFacts;
  readonly leftOut?: readonly LeftOut[];
  readonly searched?: SearchedFacts;
  /** Only of a question that goes on with its conversation. */
  readonly sought?: SoughtFacts;
  readonly evidence?: Evidence;
  /** Parts of the question that nothing found speaks of. */
  readonly missing?: readonly string[];
  /** How its prompt was laid out, so that later ones can go on behind it. */
  readonly layout?: PromptLayout;
}

/** Where documents stand in a prompt: numbers are those of sources. */
export interface PromptLayout {
  /** Messages left out before the first one. */
  readonly dropped: number;
  /** The question whose prompt was laid out anew; later ones only add to it. */
  readonly since: string;
  /** In the template's documents block. */
  readonly front: readonly number[];
  /** Within this question's own message. */
  readonly added: readonly number[];
}

/** Two values that should be one. */
export interface Difference {
  readonly kind: 'number' | 'date' | 'unit' | 'name' | 'denial';
  /** As the answer and as the document writes it. */
  readonly said: string;
  readonly found: string;
}

export type AnsweringEvent =
  /** The model puts the question so that it stands alone. */
  | { readonly type: 'wording' }
  | { readonly type: 'mode'; readonly choice: ModeChoice }
  | {
      readonly type: 'across';
      /** At first all of them, then those that changed. */
      readonly parts: readonly AcrossPart[];
      readonly done: number;
      readonly total: number;
      /** All are asked: their answers are put together. */
      readonly isCombining: boolean;
    };
