import type { Citation } from '../../../../electron/ipc/contract/index.ts';
import type { ShownMessage } from '../../state/chat/conversation.svelte.ts';

/** The place that a number of the newest answer with citations points at, counted from 1 as it shows them. */
export function citationAt(shown: readonly ShownMessage[], number: number): Citation | undefined {
  const answer = shown.findLast(({ message }) => message.claims.some((c) => c.citation))?.message;
  const cited = new Map(
    answer?.claims.flatMap(({ citation }) => (citation ? [[citation.sourceNumber, citation]] : [])),
  );
  return [...cited.values()][number - 1];
}

/** The newest answer that says something. */
export function lastAnswer(shown: readonly ShownMessage[]): string | undefined {
  return shown.findLast(({ message }) => message.role === 'assistant' && message.text)?.message
    .text;
}
