import type { Timestamp } from './conversations.ts';

/** How a model goes into what is free now. Bytes. */
export interface ModelFit {
  /** 'makes-room' = idle models are unloaded for it, as `unloads` names them. */
  readonly verdict: 'loaded' | 'fits' | 'makes-room' | 'no';
  /** At the planned context: prediction, checkpoints of a hybrid, and what is left to everything else. */
  readonly needed: number;
  readonly available: number;
  readonly unloads: readonly string[];
}

/** Reading from main memory, measured on this machine with this machine's load at that moment. */
export interface Bandwidth {
  /** Bytes a second: one thread, and as many as there are cores. */
  readonly one: number;
  readonly all: number;
  readonly threads: number;
  readonly at: Timestamp;
}

/** What llama.cpp could calculate on besides the processor. */
export interface Graphics {
  readonly backend: string;
  /** Names of the devices. */
  readonly devices: readonly string[];
  /** Bytes of all of them together: the binding does not tell them apart. */
  readonly total: number;
  readonly free: number;
}

export interface MachineSpeed {
  readonly bandwidth: Bandwidth;
  /** null = the processor only. */
  readonly graphics: Graphics | null;
}

/** Tokens a second to expect of a model on this machine's processor, short texts, a range. */
export interface ExpectedSpeed {
  readonly low: number;
  readonly high: number;
  /** 'answers' = the range is narrowed by the speed of answers that were written here. */
  readonly from: 'bandwidth' | 'answers';
}
