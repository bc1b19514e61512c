import type { Clock, Log, Machine, Pressure } from '../core/ports.ts';
import type { Engine } from '../engine/port.ts';
import { toErrorShape } from '../ipc/app-error.ts';
import type { Relief } from '../ipc/contract/index.ts';

/** A loaded model as relief sees it. */
export interface Relievable {
  readonly modelId: string;
  readonly modelName: string;
  /** No answer is being written with it. */
  readonly isIdle: boolean;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
  /** Bytes that its checkpoints may take when there is no pressure. */
  readonly checkpointBudget: number;
  readonly engine: Pick<Engine, 'trim'>;
}

export interface ReliefPorts {
  readonly machine: Pick<Machine, 'memory'>;
  pressure(): Promise<Pressure>;
  loaded(): readonly Relievable[];
  /** Saves what an idle model's conversations hold in memory to disk. @returns bytes written. */
  saveStates(modelId: string): Promise<number>;
  /** Ends an idle model's process. Throws 'model-busy' when an answer has begun meanwhile. */
  unload(modelId: string): Promise<void>;
  /** Something was given back: a view of it is old now. */
  readonly onRelief: (relief: Relief) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export type Tightness = 'calm' | 'tight' | 'critical';

const mebi = 1024 * 1024;
/** A twentieth of the machine, but between these: below it the system starts to look for memory itself. */
const leastTight = 128 * mebi;
const mostTight = 1024 * mebi;
/** Percent of time that tasks waited for memory: more is felt. */
const feltStall = 10;
const lookMs = 2000;
/** Checkpoints come back when it has been calm for so long, so that memory is not given to and fro. */
const calmMs = 60_000;
const mostRecords = 50;

/**
 * How short memory is. What is available decides; waiting for memory alone does not, because another
 * program in a control group of its own can be short while the machine has plenty.
 */
export function tightness(
  memory: { readonly total: number; readonly available: number },
  pressure: Pressure,
): Tightness {
  const edge = Math.min(mostTight, Math.max(leastTight, memory.total / 20));
  if (pressure.systemLevel === 'critical' || memory.available < edge / 2) return 'critical';
  const isStalled = (pressure.stalledPercent ?? 0) >= feltStall;
  const isNear = memory.available < edge * 3;
  if (memory.available < edge || pressure.systemLevel === 'warning' || (isStalled && isNear)) {
    return 'tight';
  }
  return 'calm';
}

export interface ReliefWatch {
  /** One look and at most one step; for the timer and for tests. */
  look(): Promise<void>;
  /** Looks every two seconds while models are loaded. */
  wake(): void;
  /** Newest first. */
  records(): readonly Relief[];
  close(): Promise<void>;
}

/**
 * Gives memory back while the machine is short of it, in this order, one step at a look so that the
 * next one sees what the last has brought:
 *
 *   1. checkpoints of models at rest (a resumed conversation is read again, nothing else is lost),
 *   2. when critical, checkpoints of models that are answering,
 *   3. idle models, the longest unused first: their conversations' states are saved to disk, then the
 *      model ends. Saving alone gives nothing back, because llama.cpp reserves the memory of all
 *      conversations as one block.
 *
 * A model that is answering is never ended: the answer would be lost.
 */
export function createRelief(ports: ReliefPorts): ReliefWatch {
  const { machine, clock, log } = ports;
  const trimmed = new Set<string>();
  const records: Relief[] = [];
  let calmSince: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> | undefined;
  let closed = false;

  const note = (
    what: Relief['what'],
    { modelId, modelName }: Relievable,
    bytes: number,
    available: number,
  ): void => {
    const relief: Relief = { at: clock.now(), what, modelId, modelName, bytes, available };
    records.unshift(relief);
    records.length = Math.min(records.length, mostRecords);
    log.info('memory.relief', { what, model: modelId, bytes, available });
    ports.onRelief(relief);
  };

  /** @returns true when something was given back. */
  const trim = async (entries: readonly Relievable[], available: number): Promise<boolean> => {
    let given = 0;
    for (const entry of entries) {
      if (trimmed.has(entry.modelId)) continue;
      trimmed.add(entry.modelId);
      const bytes = await entry.engine.trim(0);
      given += bytes;
      if (bytes > 0) note('checkpoints', entry, bytes, available);
    }
    return given > 0;
  };

  const step = async (level: Tightness, available: number): Promise<void> => {
    const loaded = [...ports.loaded()].sort((a, b) => a.lastUsed - b.lastUsed);
    const idle = loaded.filter((entry) => entry.isIdle);
    if (await trim(idle, available)) return;
    if (level === 'critical' && (await trim(loaded, available))) return;
    const victim = idle[0];
    if (victim === undefined) return;
    const saved = await ports.saveStates(victim.modelId);
    if (saved > 0) note('states', victim, saved, available);
    await ports.unload(victim.modelId);
    trimmed.delete(victim.modelId);
    const after = machine.memory().available;
    note('model', victim, Math.max(0, after - available), available);
  };

  /** After a minute of calm checkpoints may be kept again. */
  const restore = async (): Promise<void> => {
    const now = clock.now();
    calmSince ??= now;
    // A clock that was set back must not stretch the wait.
    if (now < calmSince) calmSince = now;
    if (now - calmSince < calmMs) return;
    for (const entry of ports.loaded()) {
      if (trimmed.delete(entry.modelId)) await entry.engine.trim(entry.checkpointBudget);
    }
    trimmed.clear();
  };

  const look = async (): Promise<void> => {
    const memory = machine.memory();
    const level = tightness(memory, await ports.pressure());
    if (level === 'calm') {
      if (trimmed.size > 0) await restore();
      return;
    }
    calmSince = null;
    await step(level, memory.available);
  };

  const safely = (): Promise<void> =>
    look().catch((error: unknown) => {
      // The engine may end, or begin an answer, while it is asked.
      const { code } = toErrorShape(error);
      if (code !== 'engine-crashed' && code !== 'model-busy' && code !== 'not-found') {
        log.warn('memory.relief-failed', { code });
      }
    });

  const schedule = (): void => {
    if (closed || timer !== undefined || looking !== undefined) return;
    if (ports.loaded().length === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      looking = safely().finally(() => {
        looking = undefined;
        schedule();
      });
    }, lookMs);
    timer.unref();
  };

  return {
    look: safely,
    wake: schedule,
    records: () => records,
    async close() {
      closed = true;
      clearTimeout(timer);
      timer = undefined;
      await looking;
    },
  };
}
