import * as v from 'valibot';
import type { Clock, Log, Machine, MachineProbe } from '../core/ports.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type { Graphics, MachineSpeed } from '../ipc/contract/index.ts';
import { readSettings, writeSettings } from '../storage/repositories/settings.ts';
import type { Writer } from '../storage/sql.ts';

const rate = v.pipe(v.number(), v.finite(), v.minValue(1));
const kept = v.object({
  bandwidth: v.object({ one: rate, all: rate, threads: rate, at: v.number() }),
});

export interface MachineSpeeds {
  /** What was measured on this machine; null before the first time. */
  known(): MachineSpeed | null;
  /** Measures in the background, once in the life of this process, unless it is known. */
  begin(): void;
  /**
   * What is known, measured now where nothing is or `again` is asked for. Throws
   * 'engine-start-failed', and 'model-busy' while answers are written: they would share the memory's speed.
   */
  measure(again: boolean): Promise<MachineSpeed>;
}

/** Remembers per machine how fast it reads memory: a profile can move to another one. */
export function createMachineSpeeds(ports: {
  readonly db: Writer;
  readonly probe: MachineProbe | undefined;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly log: Log;
  readonly isBusy: () => boolean;
  /** As the trial of the chosen backend has found them. */
  readonly graphics: () => Graphics | null;
  readonly onMeasured: () => void;
}): MachineSpeeds {
  const key = `machine.speed ${ports.machine.fingerprint}`;
  let running: Promise<MachineSpeed> | undefined;
  let begun = false;

  const known = (): MachineSpeed | null => {
    const found = v.safeParse(kept, readSettings(ports.db).get(key));
    return found.success ? { ...found.output, graphics: ports.graphics() } : null;
  };

  const measureNow = async (): Promise<MachineSpeed> => {
    if (ports.probe === undefined) throw new AppError('engine-start-failed', 'nothing measures');
    const measured = await ports.probe.measure();
    const bandwidth = { ...measured.bandwidth, at: ports.clock.now() };
    writeSettings(ports.db, new Map([[key, { bandwidth }]]));
    ports.log.info('machine.measured', {
      one: Math.round(bandwidth.one),
      all: Math.round(bandwidth.all),
      threads: bandwidth.threads,
    });
    ports.onMeasured();
    return { bandwidth, graphics: ports.graphics() };
  };

  const measure = async (again: boolean): Promise<MachineSpeed> => {
    const found = known();
    if (found !== null && !again) return found;
    if (ports.isBusy()) throw new AppError('model-busy', 'an answer is being written');
    running ??= measureNow().finally(() => (running = undefined));
    return running;
  };

  return {
    known,
    measure,
    begin() {
      if (begun || ports.probe === undefined || ports.isBusy()) return;
      begun = true;
      measure(false).catch((error: unknown) => {
        ports.log.warn('machine.not-measured', { code: toErrorShape(error).code });
      });
    },
  };
}
