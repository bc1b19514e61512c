import { basename } from 'node:path';
import { AppError } from '../ipc/app-error.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { choicesFor } from './choices.ts';
import { planFit, tooLarge } from './fit.ts';
import type { Plan, PlanWish } from './fit.ts';
import type { Held, RoomPorts } from './room.ts';

interface Memory {
  readonly total: number;
  readonly available: number;
}
type Ports = Pick<RoomPorts<Held>, 'held' | 'smaller'>;

/** A load that was refused: what it needs, what is there, and what would help, each with its numbers. */
export async function refusalOf(
  model: StoredModel,
  wish: PlanWish,
  plan: Plan,
  memory: Memory,
  ports: Ports,
): Promise<AppError> {
  const help = await helpFor(model, wish, plan, memory, ports);
  return tooLarge(basename(model.path), plan, memory, help);
}

/**
 * A load that was thought to fit and did not: llama.cpp got no memory, or the system ended the process.
 * Others took memory meanwhile, or the prediction was wrong; so only what takes less is offered.
 */
export async function ranShort(
  model: StoredModel,
  wish: PlanWish,
  plan: Plan,
  memory: Memory,
  ports: Ports,
  how: { readonly code: 'model-too-large' | 'engine-crashed'; readonly reason: string },
): Promise<AppError> {
  const less = { total: memory.total, available: Math.min(memory.available, plan.needed - 1) };
  const help = await helpFor(model, wish, plan, less, ports);
  const { detail } = tooLarge(basename(model.path), plan, memory, help);
  return new AppError(how.code, 'memory ran short', {
    detail: { ...detail, name: model.name, reason: how.reason },
  });
}

async function helpFor(
  model: StoredModel,
  wish: PlanWish,
  plan: Plan,
  memory: Memory,
  ports: Ports,
): Promise<Readonly<Record<string, string | number>>> {
  const busy = [...ports.held()].filter((entry) => entry.leases > 0 && entry.model.id !== model.id);
  const back = busy.reduce((total, entry) => total + entry.plan.predicted.total, 0);
  const without = { ...memory, available: memory.available + back };
  const inWay = busy.length === 1 && planFit(model.header, wish, without).fits ? busy[0] : null;
  const smaller = await ports.smaller(memory).catch(() => null);
  return {
    modelId: model.id,
    ...choicesFor(model.header, wish, plan, memory),
    ...(inWay && {
      unload: inWay.model.name,
      unloadId: inWay.model.id,
      unloadFrees: inWay.plan.predicted.total,
    }),
    ...(smaller && { smaller: smaller.name, smallerNeeds: smaller.needed }),
  };
}
