import type { KvType, ModelHeader } from '../ipc/contract/index.ts';
import { planFit, shorterContext } from './fit.ts';
import type { Plan, PlanWish } from './fit.ts';

interface Memory {
  readonly total: number;
  readonly available: number;
}

/**
 * What else than was wished would go into the memory, one change at a time, as facts of an error. Each
 * is planned like the load itself, so what is named here is not refused a moment later:
 *
 *   shorter, shorterNeeds            the longest context that fits
 *   kv, kvContext, kvNeeds           the finest type of the memory for text that fits
 *   fewer, fewerContext, fewerNeeds  the most conversations that fit
 *
 * Contexts are given where the wish left them open. `shorter` is 0 and the others are missing where
 * the change does not help.
 */
export function choicesFor(
  header: ModelHeader,
  wish: PlanWish,
  plan: Plan,
  memory: Memory,
): Readonly<Record<string, string | number>> {
  const shorter = shorterContext(header, plan, memory);
  const short =
    shorter > 0 ? planFit(header, { ...wish, contextSize: shorter }, memory) : undefined;
  const coarse = coarserThan(plan.kvType)
    .map((kvType) => planFit(header, { ...wish, kvType }, memory))
    .find(({ fits, predicted }) => fits && predicted.kv < plan.predicted.kv);
  const few = fewerThan(plan.sessions)
    .map((sessions) => planFit(header, { ...wish, sessions }, memory))
    .find(({ fits }) => fits);
  return {
    shorter,
    ...(short && { shorterNeeds: short.needed }),
    ...(coarse && { kv: coarse.kvType, kvContext: coarse.contextSize, kvNeeds: coarse.needed }),
    ...(few && { fewer: few.sessions, fewerContext: few.contextSize, fewerNeeds: few.needed }),
  };
}

/** The finest first. */
function coarserThan(type: KvType): readonly KvType[] {
  if (type === 'f16') return ['q8_0', 'q4_0'];
  return type === 'q8_0' ? ['q4_0'] : [];
}

/** The most first. */
function fewerThan(sessions: number): readonly number[] {
  return Array.from({ length: Math.max(0, sessions - 1) }, (_, index) => sessions - 1 - index);
}
