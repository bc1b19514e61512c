import type { Clock, Log, Machine, Tasks } from '../core/ports.ts';
import type { Engine, EngineInfo, EngineLauncher, EngineLease } from '../engine/port.ts';
import type {
  ErrorShape,
  LoadedModel,
  LoadPlan,
  ModelFit,
  Settings,
} from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import type { Writer } from '../storage/sql.ts';
import type { BackendChooser } from './backends/index.ts';
import type { Runs } from './runs.ts';
import type { States } from './states.ts';
import type { Smaller } from './catalog/smaller.ts';
import type { Plan, PlanWish } from './fit.ts';
import type { LoadWish } from './wishes.ts';

export interface EnginesPorts {
  readonly db: Writer;
  readonly launcher: EngineLauncher;
  readonly clock: Clock;
  readonly log: Log;
  readonly machine: Machine;
  readonly tasks: Tasks;
  readonly settings: { get(): Settings };
  readonly states: Pick<States, 'request' | 'save'>;
  readonly runs: Pick<Runs, 'watch'>;
  /** The graphics backend that models are calculated on, as far as it was looked for. */
  readonly graphics: () => string | null;
  readonly backends: Pick<BackendChooser, 'forLoad' | 'crashed'>;
  /** Something about the model's engine is different now. */
  readonly onChanged: (modelId: string) => void;
  readonly onActivity: () => void;
  /** Ends what can wait, where a load is short of room. */
  readonly giveWay: () => Promise<void>;
  /** What else would go into the memory, for the words of a refusal. */
  readonly smaller: (
    model: StoredModel,
    wish: PlanWish,
    memory: { readonly total: number; readonly available: number },
  ) => Promise<Smaller | null>;
}

/** The process of a loaded model, as far as memory goes: one that writes, or one that makes vectors. */
export interface LoadedProcess {
  readonly model: StoredModel;
  readonly engine: Pick<Engine, 'memory' | 'trim'> & {
    readonly info: Pick<EngineInfo, 'contextSize' | 'sessions' | 'backend'>;
  };
  readonly plan: Plan;
  /** Turns that use it now. */
  readonly leases: number;
  /** Milliseconds since 1970. */
  readonly lastUsed: number;
}

export interface LoadedEngine extends LoadedProcess {
  readonly engine: Engine;
}

export interface Engines {
  state(modelId: string): LoadedModel | null;
  /** Why the last load or run of a model ended badly; null after a good load. */
  failure(modelId: string): ErrorShape | null;
  loaded(): readonly LoadedEngine[];
  /** Answers are being written now. */
  isBusy(): boolean;
  /** How it is loaded, or would be. */
  plan(model: StoredModel, memory?: { total: number; available: number }): Plan;
  fit(model: StoredModel, memory: { total: number; available: number }): ModelFit;
  /** What a load with these options would do now. */
  whatIf(model: StoredModel, wish: LoadWish): Promise<LoadPlan>;
  /**
   * Starts loading, or joins the load that runs. A loaded model is loaded anew where it is wished
   * otherwise, and stays as it is where that would not fit. @returns the task that shows it.
   * Throws 'model-busy' while an answer is being written, or while it is being loaded otherwise.
   */
  load(
    model: StoredModel,
    wish?: LoadWish,
    remember?: boolean,
  ): Promise<{ readonly taskId: string }>;
  acquire(
    model: StoredModel,
    options: { readonly signal: AbortSignal; readonly onLoading?: (fraction: number) => void },
  ): Promise<EngineLease>;
  /** Ends the engine or the load. Throws 'model-busy' while an answer is being written. */
  unload(modelId: string): Promise<void>;
  /** Saves the states of an idle model's conversations. @returns bytes written; 0 while it answers. */
  saveStates(modelId: string): Promise<number>;
  close(): Promise<void>;
}
