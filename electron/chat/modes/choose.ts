import type {
  AnswerMode,
  DocumentUse,
  ModeChoice,
  ModeReason,
  QuestionKind,
} from '../../ipc/contract/index.ts';

/** What the choice of a mode goes by. */
export interface ModeEvidence {
  readonly kind: QuestionKind;
  /** Documents with text in scope. */
  readonly documents: number;
  /** Tokens of all their text with the instructions; null where it is far too much to count, or nobody counted. */
  readonly tokens: number | null;
  /** Most tokens that leave room for the question. */
  readonly limit: number | null;
  /** The model's state at the end of all their text is kept: reading them costs nothing. */
  readonly isReadBefore: boolean;
  /** The answer before was written from the same documents as a whole. */
  readonly goesOnWhole: boolean;
}

/** More than so many are not read through unless a person asks for it: it takes minutes to hours. */
export const mostAcross = 40;
/** So few that fit together are better compared side by side than asked one by one. */
const fewTogether = 4;

/**
 * The mode for a question where nobody chose one. In order: what was read stays in use; a question about
 * each document asks each, unless a few fit side by side; a question about a whole reads the whole, or
 * its parts one by one where it does not fit; anything else searches.
 */
export function chooseMode(evidence: ModeEvidence): { mode: AnswerMode; reason: ModeReason } {
  const { kind, documents, tokens, limit, isReadBefore, goesOnWhole } = evidence;
  const fits = tokens !== null && limit !== null && tokens <= limit;
  if (kind === 'talk') return { mode: 'passages', reason: 'talk' };
  if (documents === 0) return { mode: 'passages', reason: 'not-read' };
  if (fits && goesOnWhole) return { mode: 'whole', reason: 'goes-on' };
  if (fits && isReadBefore && (kind !== 'each' || documents <= fewTogether)) {
    return { mode: 'whole', reason: 'read-before' };
  }
  if (kind === 'fact') return { mode: 'passages', reason: 'fact' };
  if (fits && documents === 1) return { mode: 'whole', reason: 'one-fits' };
  if (fits && documents <= fewTogether) return { mode: 'whole', reason: 'few-fit' };
  if (documents > mostAcross) return { mode: 'passages', reason: 'too-many' };
  return { mode: 'across', reason: kind === 'each' ? 'each-apart' : 'overview-apart' };
}

/** What a person chose for the question or the conversation, else the rule's choice. */
export function modeChoice(
  use: DocumentUse,
  asked: AnswerMode | undefined,
  evidence: ModeEvidence,
): ModeChoice {
  const { kind, documents, tokens, limit } = evidence;
  const facts = { kind, documents, tokens, limit };
  const chosen = asked ?? (use === 'auto' ? null : use);
  if (chosen !== null) return { ...facts, mode: chosen, isAutomatic: false, reason: 'chosen' };
  return { ...facts, ...chooseMode(evidence), isAutomatic: true };
}
