/**
 * Which recurrent states are kept in memory. A hybrid cannot go back to an earlier token unless a
 * copy of its state from there exists, and each copy costs tens of megabytes.
 *
 *   'base'    end of what stands before the first question (system text, documents)
 *   'turn'    start of the last question: edit and resend
 *   'prompt'  one token before the end of the prompt: regenerate
 *   'answer'  end of the answer: the next question
 */
export type CheckpointKind = 'base' | 'turn' | 'prompt' | 'answer';

export interface CheckpointEntry {
  readonly sessionId: string;
  readonly position: number;
  readonly kind: string;
  readonly bytes: number;
  /** Its session is about to go back to it. */
  readonly isWanted?: boolean;
}

/**
 * The checkpoints to give up so that the rest takes at most `budget` bytes, least valuable first.
 * @param recency Session ids, the most recently used one last.
 */
export function checkpointsToDrop(
  entries: readonly CheckpointEntry[],
  budget: number,
  recency: readonly string[],
): CheckpointEntry[] {
  let total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (total <= budget) return [];
  const ranked = [...entries].sort(
    (a, b) =>
      value(a, entries, recency) - value(b, entries, recency) ||
      recency.indexOf(a.sessionId) - recency.indexOf(b.sessionId) ||
      a.position - b.position,
  );
  const dropped: CheckpointEntry[] = [];
  for (const entry of ranked) {
    if (total <= budget) break;
    dropped.push(entry);
    total -= entry.bytes;
  }
  return dropped;
}

/** Higher is worth more. Old ones go first, then those of conversations that rest. */
function value(
  entry: CheckpointEntry,
  entries: readonly CheckpointEntry[],
  recency: readonly string[],
): number {
  if (entry.isWanted === true) return 8;
  const later = entries
    .filter(({ sessionId, position }) => sessionId === entry.sessionId && position > entry.position)
    .sort((a, b) => a.position - b.position);
  const isCurrent = recency.at(-1) === entry.sessionId;
  if (entry.kind === 'base') return isCurrent ? 6 : 4;
  const prompts = later.filter(({ kind }) => kind === 'prompt');
  // Edit goes back to what stands right before a prompt, whatever its kind: the start of the question, or the
  // end of the answer before it, or the prompt of an answer so short that neither got one of its own.
  const isStart = entry.kind === 'turn' || later[0]?.kind === 'prompt';
  if (isStart) {
    if (prompts.length > 1 || later.some(({ kind }) => kind === 'turn')) return 2;
    return isCurrent ? 6 : 3;
  }
  if (entry.kind === 'prompt') {
    if (prompts.length > 0) return 1;
    return isCurrent ? 7 : 3;
  }
  // The start of the next question stands a few tokens behind it and serves the same.
  if (later.length > 0) return 0;
  return isCurrent ? 5 : 3;
}
