import type { PromptMessage } from '../../engine/port.ts';
import type { StoredRound } from '../../storage/repositories/message-steps.ts';

/** The model that a prompt is for. */
export interface PromptModel {
  readonly modelId: string;
  readonly vocabulary: string;
}

/**
 * An answer with calls or reasoning as it stands in a prompt. For the model that wrote it: its own
 * words, markup and all, so that what the engine keeps of it goes on being right; whether earlier
 * reasoning stays is for the template to say. For another model: the text, and the calls in the form
 * that templates put into words.
 */
export function roundMessages(
  rounds: readonly StoredRound[],
  model: PromptModel,
): readonly PromptMessage[] {
  return rounds.flatMap((round) => {
    const { raw, tokens, text, calls, results } = round;
    const isOwn =
      round.modelId === model.modelId ||
      (round.vocabulary !== '' && round.vocabulary === model.vocabulary);
    const content = isOwn ? raw : text;
    const answered = results.map((result): PromptMessage => ({ role: 'tool', content: result }));
    if (content === '' && answered.length === 0) return [];
    const written: PromptMessage = {
      role: 'assistant',
      content,
      ...(isOwn && tokens.length > 0 && { tokens }),
      ...(!isOwn &&
        calls.length > 0 && {
          tool_calls: calls.map((call) => ({ type: 'function' as const, function: call })),
        }),
    };
    return [written, ...answered];
  });
}
