import type { Clock, Log, Tasks } from '../../core/ports.ts';
import { toErrorShape } from '../../ipc/app-error.ts';
import type { CheckEvery } from '../../ipc/contract/index.ts';
import type { StoredModel } from '../../storage/repositories/models.ts';

const day = 24 * 60 * 60_000;
const periods: Readonly<Record<Exclude<CheckEvery, 'never'>, number>> = {
  month: 30 * day,
  week: 7 * day,
};

export interface ChecksPorts {
  readonly clock: Clock;
  readonly log: Log;
  readonly tasks: Tasks;
  readonly every: () => CheckEvery;
  readonly models: () => readonly StoredModel[];
  readonly checkedAt: (model: StoredModel) => number | null;
  /** Answers are being written, or the library moves. */
  readonly isBusy: () => boolean;
  /** Looks at the file. False where it is not there, or something else is wrong with it already. */
  readonly isFit: (model: StoredModel) => Promise<boolean>;
  /** Hashes the file again as a task. @returns the task's id. */
  readonly recheck: (modelId: string) => string;
}

export interface Checks {
  /**
   * Begins the check that is due the longest, if one is and nobody waits for the machine. One file
   * at a time; what was cut off by a quit is due again at once, what was stopped or failed a day later.
   */
  tick(): Promise<void>;
  /** Checks these files now, one after the other. */
  now(models: readonly StoredModel[]): Promise<readonly string[]>;
}

/** Reads model files again from time to time: a disk does not tell when it loses a bit. */
export function createChecks(ports: ChecksPorts): Checks {
  const running = new Set<string>();
  /** When a check of a model was last begun: one that fails must not begin again at once. */
  const tried = new Map<string, number>();

  const begin = (model: StoredModel): string => {
    tried.set(model.id, ports.clock.now());
    const taskId = ports.recheck(model.id);
    running.add(taskId);
    ports.tasks
      .finished(taskId)
      .catch((error: unknown) => {
        const { code } = toErrorShape(error);
        ports.log.info('model.check-ended', { model: model.id, code });
      })
      .finally(() => running.delete(taskId));
    return taskId;
  };

  return {
    async tick() {
      const every = ports.every();
      if (every === 'never' || running.size > 0 || ports.isBusy()) return;
      const now = ports.clock.now();
      const due = ports
        .models()
        .map((model) => ({ model, at: ports.checkedAt(model) }))
        .filter(({ model, at }) => {
          const last = tried.get(model.id);
          const isEarly = last !== undefined && now - last < day && now >= last;
          // Before its first hash there is nothing to compare with. A time that is still to come was
          // written under a wrong clock.
          const isDue = at !== null && (now - at >= periods[every] || at > now + day);
          return isDue && !isEarly && model.hashState === 'done';
        })
        .sort((a, b) => (a.at ?? 0) - (b.at ?? 0));
      const [first] = due;
      if (first === undefined) return;
      tried.set(first.model.id, now);
      if (await ports.isFit(first.model)) begin(first.model);
    },
    async now(models) {
      const fit = await Promise.all(models.map(ports.isFit));
      return models.filter((_, index) => fit[index]).map(begin);
    },
  };
}
