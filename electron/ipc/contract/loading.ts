import type { ErrorShape } from './errors.ts';
import type { KvType, MemoryPrediction } from './memory.ts';

/** How a model is loaded. */
export interface LoadOptions {
  /** Tokens per conversation. */
  readonly contextSize: number;
  /** Conversations held at once. */
  readonly sessions: number;
  readonly kvType: KvType;
  /** null or not given = as the settings say, else as measured. */
  readonly threads?: number | null;
  /** Layers on the graphics card; null or not given = as many as fit. */
  readonly gpuLayers?: number | null;
  /** true where not given. Remembered text in 8 or 4 bits needs it. */
  readonly flashAttention?: boolean;
}

/**
 * What decides an automatic context: 'memory' = the most that fits now, 'least' = the shortest, and not even that
 * fits; 'trained' = all that the model was trained for, 'usual' = what the app takes by itself at most,
 * 'settings' = a person's choice for all models, 'demo' = the miniature needs no more.
 */
export type ContextReason = 'memory' | 'least' | 'trained' | 'usual' | 'settings' | 'demo';

/** What is chosen where nobody chose, and from what. */
export interface AutomaticOptions {
  readonly contextSize: number;
  readonly contextFrom: ContextReason;
  /** null = not measured yet: the first load does. */
  readonly threads: number | null;
  readonly threadsFrom: 'settings' | 'measured';
  /** Milliseconds a token took with each number of threads that was tried. */
  readonly timings: readonly { readonly threads: number; readonly msPerToken: number }[];
  /** Of the machine: threads to choose from. */
  readonly cores: number;
  /** What a graphics backend would calculate on, as far as it was looked for. */
  readonly graphics: string | null;
}

/** What loading a model with these options would do now. By the rules that the load itself follows. Bytes. */
export interface LoadPlan extends LoadOptions {
  readonly modelId: string;
  /** 'makes-room' = idle models are unloaded for it, as `unloads` names them. */
  readonly verdict: 'fits' | 'makes-room' | 'no';
  readonly unloads: readonly string[];
  /** The prediction's most, checkpoints of a hybrid, and what is left to everything else. */
  readonly needed: number;
  readonly available: number;
  readonly total: number;
  readonly prediction: MemoryPrediction;
  /** Of `needed`: what checkpoints may take. */
  readonly checkpoints: number;
  /** Of `needed`: what is left to everything else. */
  readonly headroom: number;
  /** How it is loaded now; loading it otherwise loses what its conversations hold. */
  readonly loaded: LoadOptions | null;
  /** An answer is being written with it, so that it cannot be loaded anew. */
  readonly isBusy: boolean;
  /** What this model is loaded with whenever nothing else is asked for; null = the settings decide. */
  readonly remembered: LoadOptions | null;
  readonly automatic?: AutomaticOptions;
  /** Of 'no': why, with what would help. */
  readonly refusal: ErrorShape | null;
}
