import type { Timestamp } from './conversations.ts';

/** All figures are bytes. Parts are what llama.cpp reports; resident is what the operating system reports. */
export interface MemorySample {
  readonly at: Timestamp;
  readonly modelId: string;
  readonly pid: number;
  /** Resident memory of the ENGINE process, from the operating system. */
  readonly resident: number;
  /** Part of it that no other process shares; null where the system does not tell. */
  readonly privateBytes: number | null;
  readonly weights: number;
  readonly kv: number;
  readonly recurrent: number;
  readonly compute: number;
  readonly output: number;
  readonly checkpoints: number;
}

/** Closed-form prediction before loading (granite.md §2.1). */
export interface MemoryPrediction {
  readonly weights: number;
  readonly kv: number;
  readonly recurrent: number;
  readonly compute: number;
  /** The process itself without a model: Node and the binding, measured. */
  readonly process: number;
  readonly total: number;
}

export interface LoadedMemory {
  readonly modelId: string;
  readonly modelName: string;
  readonly contextSize: number;
  readonly sessions: number;
  readonly sample: MemorySample;
  readonly predicted: MemoryPrediction;
  /** (predicted.total - sample.resident) / sample.resident * 100. */
  readonly errorPercent: number;
}

export interface MemoryCell {
  readonly contextSize: number;
  readonly sessions: number;
  /** This model: weights + KV + recurrent state. */
  readonly asIs: number;
  /** The same model if every layer were attention (no recurrent state). */
  readonly dense: number;
  readonly fits: boolean;
}

export interface MemoryMatrix {
  readonly modelId: string;
  readonly isHybrid: boolean;
  readonly weights: number;
  readonly kvBytesPerToken: number;
  readonly denseKvBytesPerToken: number;
  readonly recurrentBytesPerSession: number;
  readonly cells: readonly MemoryCell[];
  readonly machineTotal: number;
  readonly machineAvailable: number;
}
