import type { Machine } from '../core/ports.ts';
import type { EngineExit } from '../engine/port.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { ErrorShape } from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Plan, PlanWish } from './fit.ts';
import { ranShort } from './refusal.ts';
import type { Held, RoomPorts } from './room.ts';

export interface Endings {
  /** Why a loaded model's process ended, where memory was the reason; else null. */
  of(entry: Held, exit: EngineExit): Promise<ErrorShape | null>;
  /** An error of a running answer, with what `of` found. */
  explain(entry: Held, error: unknown): Promise<unknown>;
  /** An error of a load: without memory it becomes 'model-too-large' with numbers. */
  whileLoading(model: StoredModel, wish: PlanWish, plan: Plan, error: unknown): Promise<unknown>;
}

const mebi = 1024 * 1024;

/** Finds out whether a process ended because memory was short, and says then what would help. */
export function createEndings(ports: {
  readonly machine: Machine;
  readonly roomFor: (model: StoredModel, wish: PlanWish) => RoomPorts<Held>;
}): Endings {
  const { machine, roomFor } = ports;
  const known = new WeakMap<Held, Promise<ErrorShape | null>>();

  const of: Endings['of'] = (entry, exit) => {
    const found = (async () => {
      const { model, plan } = entry;
      const memory = machine.memory();
      if (!endedForMemory(exit, memory, plan.predicted.total)) return null;
      const { contextSize, sessions, kvType, bare } = plan;
      const wish = { contextSize, sessions, kvType, ...(bare !== null && { bare }) };
      const how = { code: 'engine-crashed', reason: 'memory' } as const;
      return toErrorShape(await ranShort(model, wish, plan, memory, roomFor(model, wish), how));
    })();
    known.set(entry, found);
    return found;
  };

  return {
    of,
    async explain(entry, error) {
      if (toErrorShape(error).code !== 'engine-crashed') return error;
      const shape = await known.get(entry);
      return shape
        ? new AppError(shape.code, shape.message, { detail: shape.detail ?? {} })
        : error;
    },
    async whileLoading(model, wish, plan, error) {
      const { code, detail } = toErrorShape(error);
      const memory = machine.memory();
      const wasKilled =
        code === 'engine-crashed' &&
        endedForMemory(
          {
            code: null,
            signal: String(detail?.['signal'] ?? ''),
            expected: false,
            outOfMemory: detail?.['reason'] === 'memory',
          },
          memory,
          // How far it came is not known: half of it.
          plan.predicted.total / 2,
        );
      if (code !== 'model-too-large' && !wasKilled) return error;
      const reason = wasKilled ? 'killed' : 'allocation';
      const how = { code: 'model-too-large', reason } as const;
      return ranShort(model, wish, plan, memory, roomFor(model, wish), how);
    },
  };
}

/**
 * A process that was killed without our asking, and either the kernel counted a kill for lack of memory
 * meanwhile, or next to nothing was available before the process gave back what it held: other
 * guardians of memory (macOS, systemd-oomd) kill without counting.
 * @param memory Of now, after its end. @param held What the process gave back, in bytes.
 */
export function endedForMemory(
  exit: EngineExit,
  memory: { readonly total: number; readonly available: number },
  held: number,
): boolean {
  if (exit.expected || exit.signal !== 'SIGKILL') return false;
  if (exit.outOfMemory === true) return true;
  const before = memory.available - held;
  return before < Math.min(512 * mebi, Math.max(64 * mebi, memory.total / 40));
}

/**
 * A process that native code ended: by a fault or an assertion, not by memory, not by somebody. Windows
 * tells faults by status codes from 0xC0000000 on.
 */
export function endedByItself(exit: EngineExit): boolean {
  if (exit.expected || exit.outOfMemory === true) return false;
  const faults = ['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP', 'SIGSYS'];
  if (exit.signal !== null) return faults.includes(exit.signal);
  return exit.code !== null && (exit.code < -1 || exit.code >= 0xc0000000);
}
