import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Log, Machine, MachineProbe, TrialRun } from '../../core/ports.ts';
import type { LoadRequest } from '../../engine/port.ts';
import { AppError, toErrorShape } from '../../ipc/app-error.ts';
import type { Backend, BackendReason, Backends, Graphics } from '../../ipc/contract/index.ts';
import type { HandlersOf } from '../../ipc/handlers.ts';
import { keepTrial, readTrials } from '../../storage/repositories/backends.ts';
import type { KeptTrial } from '../../storage/repositories/backends.ts';
import { readSettings, writeSettings } from '../../storage/repositories/settings.ts';
import type { Writer } from '../../storage/sql.ts';
import { cancelledWhile } from '../cancelled.ts';
import { findDrivers } from './driver.ts';
import type { Drivers } from './driver.ts';
import { judge } from './judge.ts';
import { findOwn } from './own.ts';
import type { Own } from './own.ts';

export interface BackendsPorts {
  readonly db: Writer;
  /** Without it the binding chooses by itself. */
  readonly probe?: MachineProbe;
  readonly machine: Machine;
  readonly clock: Clock;
  readonly log: Log;
  readonly dataFolder: string;
  readonly resourcesFolder: string;
  /** Of the binding: after an update everything is tried again. */
  readonly engineVersion: string;
  readonly isBusy: () => boolean;
  readonly onChanged: () => void;
  /** Instead of this system's, for tests. */
  readonly drivers?: () => Drivers;
}

/** How a load is to be made. */
export interface Chosen {
  readonly name: string;
  readonly request: Pick<LoadRequest, 'gpu' | 'module'>;
}

export interface BackendChooser {
  /**
   * What to load a model on. Tries first where nothing is known and something may be there; without a
   * driver that is a look at some files. Throws 'cancelled' when the signal aborts meanwhile.
   */
  forLoad(isHybrid: boolean, signal: AbortSignal): Promise<Chosen>;
  /** A model's process ended by itself while it was loaded on this backend. */
  crashed(name: string): void;
  /** Tries in the background what is not known yet. */
  begin(): void;
  /** Devices that the chosen backend calculates on; null = the processor. */
  graphics(): Graphics | null;
  /** Resolves when the trials that run have ended. */
  settled(): Promise<void>;
  /** Nothing is kept and nothing begun any more; a trial that runs ends by itself. */
  close(): void;
  readonly handlers: HandlersOf<'backends'>;
}

const processor: Chosen = { name: 'cpu', request: { gpu: false } };

/** Chooses what calculates by trying, and remembers it for this machine, binding and driver. */
export function createBackends(ports: BackendsPorts): BackendChooser {
  const { db, probe, machine, clock, log } = ports;
  const choiceKey = `backend.choice ${machine.fingerprint}`;
  const models = {
    hybrid: [
      join(ports.resourcesFolder, 'miniature', 'miniature.gguf'),
      join(ports.resourcesFolder, 'trial', 'scan.gguf'),
    ],
    dense: [join(ports.resourcesFolder, 'trial', 'dense.gguf')],
  };
  let running: Promise<void> | null = null;
  let closed = false;

  /** What is there now, in the order of trial. Reads some files each time: drivers come and go. */
  const look = () => {
    const drivers = ports.drivers?.() ?? findDrivers({ ...process, environment: process.env });
    const own = findOwn(ports.dataFolder);
    const names = [
      ...own.filter((one) => !one.replacesProcessor).map(({ name }) => name),
      ...drivers.order.filter((name) => name !== 'cpu'),
      ...own.filter((one) => one.replacesProcessor).map(({ name }) => name),
      'cpu',
    ];
    const ownOf = (name: string): Own | undefined => own.find((one) => one.name === name);
    const conditions = (name: string): string =>
      createHash('sha256')
        .update([ports.engineVersion, drivers.fingerprint, ownOf(name)?.hash ?? ''].join('\n'))
        .digest('hex');
    const kept = readTrials(db, machine.fingerprint);
    const trialOf = (name: string): KeptTrial | null => {
      const trial = kept.get(name);
      return trial?.conditions === conditions(name) ? trial : null;
    };
    const reasonOf = (name: string): BackendReason | null => {
      if (!drivers.has(name)) return 'no-driver';
      const trial = trialOf(name);
      return trial === null ? 'not-tried' : trial.reason;
    };
    return { names, ownOf, conditions, trialOf, reasonOf };
  };
  type Look = ReturnType<typeof look>;

  const choice = (): string => {
    const kept = readSettings(db).get(choiceKey);
    return typeof kept === 'string' ? kept : 'auto';
  };

  /** The wish where it works, else the first that works; the processor needs no trial. */
  const choose = ({ names, reasonOf, ownOf }: Look, isHybrid = false): string => {
    const wanted = choice();
    const usable = (name: string): boolean =>
      name === 'cpu' || (reasonOf(name) === null && !(isHybrid && ownOf(name)?.denseOnly));
    if (wanted !== 'auto' && names.includes(wanted) && usable(wanted)) return wanted;
    return names.find(usable) ?? 'cpu';
  };

  /** In the order of trial: what somebody wants comes first. */
  const inTurn = ({ names }: Look): string[] => {
    const wanted = names.filter((name) => name === choice());
    return [...wanted, ...names.filter((name) => !wanted.includes(name))];
  };

  /** Something better than what is chosen by now has not been tried. */
  const isOpen = (now: Look): boolean => {
    const turn = inTurn(now);
    const better = turn.slice(0, turn.indexOf(choose(now)));
    return better.some((name) => now.reasonOf(name) === 'not-tried');
  };

  const tryAll = async (all: boolean): Promise<void> => {
    const now = look();
    let reference: readonly TrialRun[] | BackendReason | null = null;
    const keep = (name: string, reason: BackendReason | null, found: Partial<KeptTrial>): void => {
      if (closed) throw new AppError('cancelled', 'closing');
      const { devices = [], memory = 0, free = 0 } = found;
      const conditions = now.conditions(name);
      keepTrial(db, machine.fingerprint, name, {
        ...{ conditions, reason, devices, memory, free },
        at: clock.now(),
      });
      log.info('backend.tried', { name, reason: reason ?? 'works', devices: devices.join(', ') });
    };
    /** What the processor makes of the models: what all others are held against. */
    const askProcessor = async () => {
      if (reference !== null) return reference;
      const paths = [...models.hybrid, ...models.dense];
      const result = await probe!.tryBackend({ backend: 'cpu', models: paths });
      keep('cpu', result.ok ? null : result.reason, {});
      return (reference = result.ok ? result.runs : result.reason);
    };
    for (const name of inTurn(now)) {
      if (!all && now.reasonOf(name) === null && name !== 'cpu') break;
      if (name === 'cpu') {
        if (all) await askProcessor();
        continue;
      }
      if (now.reasonOf(name) === 'no-driver') continue;
      if (!all && now.reasonOf(name) !== 'not-tried') continue;
      const own = now.ownOf(name);
      const denseOnly = own?.denseOnly === true;
      const paths = denseOnly ? models.dense : [...models.hybrid, ...models.dense];
      const result = await probe!.tryBackend({
        backend: name,
        models: paths,
        ...(own && { module: { name, folder: own.folder } }),
      });
      // Nothing to compare with is no reason to trust it.
      const expected = result.ok ? await askProcessor() : [];
      const reason =
        typeof expected === 'string' ? 'failed' : judge(result, expected.slice(-paths.length));
      keep(name, reason, result.ok ? { ...result, memory: result.total } : {});
      if (reason === null && !all) break;
    }
  };

  const begin = (all: boolean): Promise<void> => {
    running ??= tryAll(all)
      .catch((error: unknown) => {
        log.warn('backend.not-tried', { code: toErrorShape(error).code });
      })
      .finally(() => {
        running = null;
        if (!closed) ports.onChanged();
      });
    return running;
  };

  const view = (): Backends => {
    const now = look();
    return {
      choice: choice(),
      chosen: choose(now),
      isTrying: running !== null,
      list: now.names.map((name): Backend => {
        const trial = now.trialOf(name);
        return {
          name,
          reason: now.reasonOf(name),
          devices: trial?.devices ?? [],
          memory: trial?.memory ?? 0,
          triedAt: trial?.at ?? null,
          denseOnly: now.ownOf(name)?.denseOnly ?? false,
        };
      }),
    };
  };

  return {
    async forLoad(isHybrid, signal) {
      if (signal.aborted) throw new AppError('cancelled', 'load cancelled');
      if (probe === undefined) return { name: 'auto', request: { gpu: 'auto' } };
      const trials = running ?? (isOpen(look()) ? begin(false) : null);
      if (trials !== null) await Promise.race([trials, cancelledWhile(() => true, signal)]);
      const now = look();
      const name = choose(now, isHybrid);
      const own = now.ownOf(name);
      if (own) return { name, request: { gpu: false, module: { name, folder: own.folder } } };
      if (name === 'metal' || name === 'cuda' || name === 'vulkan')
        return { name, request: { gpu: name } };
      return processor;
    },
    crashed(name) {
      const now = look();
      const trial = now.trialOf(name);
      // The processor stays: there is nothing else.
      if (name === 'cpu' || trial === null || trial.reason !== null) return;
      const at = clock.now();
      keepTrial(db, machine.fingerprint, name, { ...trial, reason: 'crashed-in-use', at });
      log.warn('backend.crashed', { name });
      ports.onChanged();
    },
    begin() {
      if (probe === undefined || closed || running !== null || ports.isBusy()) return;
      if (isOpen(look())) {
        void begin(false);
      }
    },
    graphics() {
      const now = look();
      const backend = choose(now);
      const trial = now.trialOf(backend);
      if (trial === null || trial.devices.length === 0) return null;
      return { backend, devices: trial.devices, total: trial.memory, free: trial.free };
    },
    settled: () => running ?? Promise.resolve(),
    close: () => void (closed = true),
    handlers: {
      'backends.list': () => view(),
      'backends.try': async () => {
        if (probe === undefined) throw new AppError('engine-start-failed', 'nothing tries');
        if (ports.isBusy()) throw new AppError('model-busy', 'an answer is being written');
        // One that runs already may leave some out.
        if (running !== null) await running;
        const trying = begin(true);
        ports.onChanged();
        await trying;
        return view();
      },
      'backends.choose': ({ choice: wanted }) => {
        if (wanted !== 'auto' && !look().names.includes(wanted)) {
          throw new AppError('not-found', `there is no backend '${wanted}'`);
        }
        writeSettings(db, new Map([[choiceKey, wanted]]));
        ports.onChanged();
        if (probe !== undefined && running === null && isOpen(look())) void begin(false);
        return view();
      },
    },
  };
}
