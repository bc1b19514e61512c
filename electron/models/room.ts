import type { Log, Machine } from '../core/ports.ts';
import type { Engine } from '../engine/port.ts';
import { toErrorShape } from '../ipc/app-error.ts';
import type { LoadPlan, ModelFit } from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Smaller } from './catalog/smaller.ts';
import { headroom, planFit } from './fit.ts';
import type { Plan, PlanWish } from './fit.ts';
import { refusalOf } from './refusal.ts';
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

export interface RoomPorts<H extends Held> {
  readonly held: () => Iterable<H>;
  readonly machine: Pick<Machine, 'memory'>;
  readonly smaller: (memory: Memory) => Promise<Smaller | null>;
}

const sum = (held: readonly Held[]): number =>
  held.reduce((total, { plan }) => total + plan.predicted.total, 0);

/**
 * What ending these gives back where `unpromised` has taken off what they were still to get: all that
 * they were promised, of which they hold a part.
 */
const promisedTo = (held: readonly Held[]): number =>
  held.reduce((total, { plan }) => total + plan.predicted.ceiling + plan.checkpointBudget, 0);

/** Those that may be ended for another model, the longest unused first. */
export function idleOf<H extends Held>(held: Iterable<H>, modelId: string): H[] {
  return [...held]
    .filter((entry) => entry.leases === 0 && !entry.closing && entry.model.id !== modelId)
    .sort((a, b) => a.lastUsed - b.lastUsed);
}

/**
 * Memory as a load of this model may see it. A model that is loaded already gives back what it holds
 * before it is loaded anew, so that is counted as free, and nothing is counted twice.
 */
async function memoryFor<H extends Held>(
  modelId: string,
  ports: Pick<RoomPorts<H>, 'held' | 'machine'>,
): Promise<{ memory: Memory; own: H | undefined }> {
  const held = [...ports.held()];
  const own = held.find(({ model }) => model.id === modelId);
  const others = held.filter((entry) => entry !== own);
  const now = ports.machine.memory();
  const back = (await own?.engine.memory().catch(() => null))?.resident ?? 0;
  const { total, available } = await unpromised(now, others);
  return { memory: { total, available: Math.min(total, available + back) }, own };
}

/**
 * Ends the model itself where it is loaded otherwise, and idle engines, the longest unused first, until
 * it has room. Nothing is ended where that would not help. Throws 'model-too-large'.
 */
export async function makeRoom<H extends Held>(
  model: StoredModel,
  wish: PlanWish,
  ports: RoomPorts<H> & {
    readonly end: (entry: H) => Promise<void>;
    readonly log: Log;
  },
): Promise<Plan> {
  for (;;) {
    const { memory, own } = await memoryFor(model.id, ports);
    const chosen = planFit(model.header, wish, memory);
    const idle = chosen.comfortable ? [] : idleOf(ports.held(), model.id);
    const at = { total: memory.total, available: memory.available + promisedTo(idle) };
    const best = planFit(model.header, wish, at);
    if (!best.fits) throw await refusalOf(model, wish, best, at, ports);
    const victim = best.contextSize === chosen.contextSize && chosen.fits ? undefined : idle[0];
    if (victim === undefined) {
      if (!chosen.fits) throw await refusalOf(model, wish, chosen, at, ports);
      if (own === undefined) return chosen;
      // What it gives back shows when it is gone: looked at once more.
      await ports.end(own);
      continue;
    }
    ports.log.info('engine.unloaded-for-room', { model: victim.model.id, for: model.id });
    await ports.end(victim);
  }
}

/** What `makeRoom` would do, without doing it. */
export async function planRoom<H extends Held>(
  model: StoredModel,
  wish: PlanWish,
  ports: RoomPorts<H>,
): Promise<Omit<LoadPlan, 'remembered' | 'automatic'>> {
  const { memory, own } = await memoryFor(model.id, ports);
  const others = [...ports.held()].filter((entry) => entry !== own);
  const { verdict, unloads } = fitNow(model, wish, others, memory);
  const idle = idleOf(others, model.id);
  const at = { total: memory.total, available: memory.available + promisedTo(idle) };
  const plan = planFit(model.header, wish, verdict === 'fits' ? memory : at);
  const refused = verdict === 'no' ? await refusalOf(model, wish, plan, at, ports) : null;
  return {
    modelId: model.id,
    contextSize: plan.contextSize,
    sessions: plan.sessions,
    kvType: plan.kvType,
    ...plan.engine,
    verdict: verdict === 'loaded' ? 'fits' : verdict,
    unloads,
    needed: plan.needed,
    available: memory.available,
    total: memory.total,
    prediction: plan.predicted,
    checkpoints: plan.checkpointBudget,
    headroom: headroom(memory.total),
    loaded: own === undefined ? null : optionsOf(own.plan),
    isBusy: (own?.leases ?? 0) > 0,
    refusal: refused === null ? null : toErrorShape(refused),
  };
}

export const optionsOf = ({ contextSize, sessions, kvType, engine }: Plan) => ({
  ...{ contextSize, sessions, kvType },
  ...engine,
});

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
    const then = planFit(model.header, wish, at);
    if (then.comfortable || (then.fits && !plan.fits && count === idle.length)) {
      return fit('makes-room', ended);
    }
  }
  return fit(plan.fits ? 'fits' : 'no');
}
