import type { Engine } from '../engine/port.ts';
import type { Plan } from './fit.ts';

/**
 * Memory as the next load may see it: what is available, without what loaded models were promised and
 * do not hold yet. A model takes the rest of its compute buffers with its first answers and its
 * checkpoints over many; a load that counted these bytes as free would make both run short together.
 * An engine that does not answer is on its way out and is promised nothing.
 */
export async function unpromised(
  memory: { readonly total: number; readonly available: number },
  loaded: Iterable<{ readonly engine: Pick<Engine, 'memory'>; readonly plan: Plan }>,
): Promise<{ total: number; available: number }> {
  const open = await Promise.all(
    [...loaded].map(async ({ engine, plan }) => {
      const now = await engine.memory().catch(() => null);
      if (now === null) return 0;
      const promised = plan.predicted.ceiling + plan.checkpointBudget;
      const devices = now.weightParts.device;
      return Math.max(0, promised - now.resident - devices);
    }),
  );
  const sum = open.reduce((total, bytes) => total + bytes, 0);
  return { total: memory.total, available: Math.max(0, memory.available - sum) };
}
