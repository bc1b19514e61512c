import type {
  BackendReason,
  Bandwidth,
  PushName,
  Pushes,
  Task,
  TaskKind,
} from '../ipc/contract/index.ts';

/** What CORE needs from the outside. Real ones are made in `process.ts` and `cli.ts`, others in tests. */

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
}

export interface Ids {
  /** A new id, sortable by time of making (UUID v7 form). */
  next(): string;
}

/** Lines for people who look for a fault. Never prompt, document text, token or key. */
export interface Log {
  info(event: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
  warn(event: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
  error(event: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
}

export interface Machine {
  /** Bytes. `available` is what could be given to a new process without swapping. */
  memory(): { readonly total: number; readonly available: number };
  readonly cores: number;
  /** Stable across starts, tells machines apart for the thread table: cpu model + core count. */
  readonly fingerprint: string;
}

export interface MachineMeasure {
  readonly bandwidth: Omit<Bandwidth, 'at'>;
}

/** One way to calculate, tried on small models. */
export interface BackendTrial {
  /** 'cpu', 'metal', 'cuda', 'vulkan', or an own module's name. */
  readonly backend: string;
  /** Where an own module lies. */
  readonly module?: { readonly name: string; readonly folder: string };
  /** GGUF files. */
  readonly models: readonly string[];
}

/** What a model did in a trial: each step's likeliest token and the shares of the likeliest ones. */
export interface TrialRun {
  readonly steps: readonly {
    readonly token: number;
    readonly shares: readonly (readonly [token: number, share: number])[];
  }[];
}

export type TrialResult =
  | {
      readonly ok: true;
      readonly devices: readonly string[];
      /** Bytes of the devices' memory, all of them together. */
      readonly total: number;
      readonly free: number;
      /** In the order of the models. */
      readonly runs: readonly TrialRun[];
    }
  | { readonly ok: false; readonly reason: BackendReason };

/** Measures what the operating system does not tell. In processes that are thrown away. */
export interface MachineProbe {
  /** Throws 'engine-start-failed'. */
  measure(): Promise<MachineMeasure>;
  /** Tries a backend in a process of its own. A crash and a hang are results. Never throws. */
  tryBackend(trial: BackendTrial): Promise<TrialResult>;
}

/** What the operating system tells of a lack of memory; null where it tells nothing. */
export interface Pressure {
  /** Share of the last ten seconds in which some task waited for memory. */
  readonly stalledPercent: number | null;
  readonly systemLevel: 'normal' | 'warning' | 'critical' | null;
}

/** Tells every window that something changed. */
export interface Announcer {
  push<N extends PushName>(name: N, data: Pushes[N]): void;
}

/** A running task's own view of itself. */
export interface TaskHandle {
  readonly id: string;
  /** Aborted by `tasks.cancel` and at shutdown. */
  readonly signal: AbortSignal;
  progress(update: {
    readonly done?: number;
    readonly total?: number;
    readonly current?: string | null;
    readonly failures?: number;
  }): void;
}

/** The registry of visible long runs (core/tasks.ts). */
export interface Tasks {
  /**
   * Starts `work` at once and returns its record. A throw ends the task as failed, an abort as
   * stopped, a return as done. Progress is announced at most ten times a second.
   */
  start(
    spec: {
      readonly kind: TaskKind;
      readonly subject: string;
      readonly unit: Task['unit'];
      readonly total?: number;
      readonly targetId?: string;
    },
    work: (handle: TaskHandle) => Promise<void>,
  ): Task;
  list(): readonly Task[];
  cancel(taskId: string): void;
  /** Resolves when the task has ended; throws its error if it failed, 'cancelled' if it was stopped. */
  finished(taskId: string): Promise<void>;
}
