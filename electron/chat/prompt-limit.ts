import type { EngineLook } from '../engine/port.ts';
import type { Settings } from '../ipc/contract/index.ts';

/** Tokens of the miniature's training length that are kept free for its (one-sentence) answer. */
const shortAnswer = 64;

/** Tokens that the prompt may take, leaving room for the answer. */
export function promptLimit(
  model: Pick<EngineLook, 'contextSize' | 'promptLimit'>,
  settings: Settings,
): number {
  const { contextSize } = model;
  const room = Math.min(settings.maxAnswerTokens, Math.floor(contextSize / 4));
  const byContext = contextSize - room;
  return model.promptLimit === null
    ? byContext
    : Math.min(byContext, model.promptLimit - Math.min(settings.maxAnswerTokens, shortAnswer));
}
