import { basename } from 'node:path';
import type { Log, Machine } from '../core/ports.ts';
import type { Engine } from '../engine/port.ts';
import type { ModelFit } from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Smaller } from './catalog/smaller.ts';
import { planFit, shorterContext, tooLarge } from './fit.ts';
import type { Plan, PlanWish } from './fit.ts';
import { unpromised } from './reserve.ts';

/** A loaded model as far as memory goes. */
export interface Held {
  readonly model: StoredModel;
  readonly engine: Pick<Engine, 'memory'>;
  readonly plan: Plan;
  readonly leases: number;
  readonly lastUsed: number;
  readonly closing: boolean;
}

interface Memory {
  readonly total: number;
  readonly available: number;
}

const sum = (held: readonly Held[]): number =>
  held.reduce((total, { plan }) => total + plan.predicted.total, 0);

/** Those that may be ended for another model, the longest unused first. */
function idleOf<H extends Held>(held: Iterable<H>, modelId: string): H[] {
  return [...held]
    .filter((entry) => entry.leases === 0 && !entry.closing && entry.model.id !== modelId)
    .sort((a, b) => a.lastUsed - b.lastUsed);
}

/** Ends idle engines, the longest unused first, until the model has room. Throws 'model-too-large'. */
export async function makeRoom<H extends Held>(
  model: StoredModel,
  wish: PlanWish,
  ports: {
    readonly held: () => Iterable<H>;
    readonly end: (entry: H) => Promise<void>;
    readonly machine: Machine;
    readonly log: Log;
    readonly smaller: (memory: Memory) => Promise<Smaller | null>;
  },
): Promise<Plan> {
  for (;;) {
    const memory = await unpromised(ports.machine.memory(), ports.held());
    const chosen = planFit(model.header, wish, memory);
    if (chosen.comfortable) return chosen;
    const idle = idleOf(ports.held(), model.id);
    const at = { total: memory.total, available: memory.available + sum(idle) };
    const best = planFit(model.header, wish, at);
    // Nothing is unloaded where that would not help.
    if (!best.fits) throw await refusal(best, at);
    const victim = idle[0];
    if (victim === undefined || best.contextSize === chosen.contextSize) {
      if (chosen.fits) return chosen;
      if (victim === undefined) throw await refusal(chosen, at);
    }
    ports.log.info('engine.unloaded-for-room', { model: victim.model.id, for: model.id });
    await ports.end(victim);
  }

  /** Says what would help, each with what it takes. */
  async function refusal(plan: Plan, memory: Memory) {
    const busy = [...ports.held()].filter(
      (entry) => entry.leases > 0 && entry.model.id !== model.id,
    );
    const without = { ...memory, available: memory.available + sum(busy) };
    const inWay = busy.length === 1 && planFit(model.header, wish, without).fits ? busy[0] : null;
    const smaller = await ports.smaller(memory).catch(() => null);
    return tooLarge(basename(model.path), plan, memory, {
      modelId: model.id,
      shorter: shorterContext(model.header, plan, memory),
      ...(inWay && { unload: inWay.model.name, unloadId: inWay.model.id }),
      ...(smaller && { smaller: smaller.name, smallerNeeds: smaller.needed }),
    });
  }
}

/** How a model goes into what is free, before anyone asks for it. By the rules of `makeRoom`. */
export function fitNow(
  model: StoredModel,
  wish: PlanWish,
  held: readonly Held[],
  memory: Memory,
): ModelFit {
  const plan = planFit(model.header, wish, memory);
  const fit = (verdict: ModelFit['verdict'], unloads: readonly Held[] = []): ModelFit => ({
    verdict,
    needed: plan.needed,
    available: memory.available,
    unloads: unloads.map((entry) => entry.model.name),
  });
  if (held.some((entry) => entry.model.id === model.id)) return fit('loaded');
  if (plan.comfortable) return fit('fits');
  const idle = idleOf(held, model.id);
  for (let count = 1; count <= idle.length; count += 1) {
    const ended = idle.slice(0, count);
    const at = { total: memory.total, available: memory.available + sum(ended) };
    if (planFit(model.header, wish, at).comfortable) return fit('makes-room', ended);
  }
  return fit(plan.fits ? 'fits' : 'no');
}
