import type { GenerateStats } from '../engine/port.ts';
import type { TurnStats } from '../ipc/contract/index.ts';
import type { FittedPrompt } from './prompt.ts';

/** Figures of an answer that went on behind a tool's result. */
export function joined(before: TurnStats | null, now: TurnStats): TurnStats {
  if (before === null) return now;
  return {
    ...now,
    keptTokens: before.keptTokens,
    readTokens: before.readTokens + now.readTokens,
    answerTokens: before.answerTokens + now.answerTokens,
    firstTokenMs: before.firstTokenMs ?? now.firstTokenMs,
  };
}

/** Figures of one answer of the engine, with what was left out of its prompt. */
export function statsOf(
  stats: GenerateStats,
  endReason: NonNullable<TurnStats['endReason']>,
  fitted: FittedPrompt,
): TurnStats {
  const { droppedMessages, droppedPassages } = fitted;
  return { ...stats, endReason, droppedMessages, droppedPassages };
}
