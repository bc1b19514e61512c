import type { Timestamp } from './conversations.ts';

/** Element type of the KV cache. f16 is the usual one; the others take 17/32 and 9/32 of it. */
export type KvType = 'f16' | 'q8_0' | 'q4_0';
export const kvTypes = ['f16', 'q8_0', 'q4_0'] as const satisfies readonly KvType[];

/** Memory of one graphics device, in bytes, all programs together; null where it is not told. */
export interface DeviceMemory {
  readonly device: string;
  readonly used: number | null;
  readonly total: number | null;
}

/** What the operating system says about one process, in bytes; null where this system does not tell. */
export interface ProcessMemory {
  readonly resident: number;
  /** Resident, with pages that several processes share counted in parts (Linux: PSS). */
  readonly proportional: number | null;
  /** Part of it that no other process shares. */
  readonly privateBytes: number | null;
  readonly swapped: number | null;
  /** macOS: what its Activity Monitor calls memory. */
  readonly footprint: number | null;
  /** Windows: memory that the system has promised to the process. */
  readonly commit: number | null;
}

/** Where llama.cpp keeps the weights, in bytes. The sum is `MemorySample.weights`. */
export interface WeightParts {
  /** The file itself, mapped: resident only as far as it was read, and shared with the file cache. */
  readonly mapped: number;
  /** Read into memory as they stand in the file. */
  readonly read: number;
  /** Rearranged for this processor when they were read. */
  readonly repacked: number;
  /** On graphics devices. */
  readonly device: number;
}

/** All figures are bytes. Parts are what llama.cpp reports; resident is what the operating system reports. */
export interface MemorySample extends ProcessMemory {
  readonly at: Timestamp;
  readonly modelId: string;
  readonly pid: number;
  readonly weights: number;
  readonly kv: number;
  readonly recurrent: number;
  /** Reserved; a part of it may never have been touched: see `untouched`. */
  readonly compute: number;
  readonly output: number;
  readonly checkpoints: number;
  /** The process before it had a model: Node and the libraries, measured in this process. */
  readonly process: number;
  /**
   * Reserved in compute and output buffers, and not in memory: what the parts and the process are
   * more than `resident`. To stack the parts to the resident memory, take it off `compute`.
   */
  readonly untouched: number;
  /** Used on graphics devices by every program; null without one. */
  readonly vram: number | null;
}

/** Prediction before loading: closed form (granite.md §2.1), compute buffers and process from measurements. */
export interface MemoryPrediction {
  readonly weights: number;
  readonly kv: number;
  readonly recurrent: number;
  /** What of the compute buffers gets touched. */
  readonly compute: number;
  readonly output: number;
  /** 0 unless checkpoints were asked for. */
  readonly checkpoints: number;
  /** The process itself without a model: Node and the binding, measured. */
  readonly process: number;
  /** The sum: what the operating system will show once the model has answered. */
  readonly total: number;
  /** The sum if every reserved buffer is filled to the end: what must be there before loading. */
  readonly ceiling: number;
}

/** One checkpoint of a conversation in memory. */
export interface CheckpointMemory {
  /** 'base', 'turn', 'prompt', 'answer': where in the conversation it stands. */
  readonly kind: string;
  /** Tokens that it holds. */
  readonly position: number;
  readonly bytes: number;
}

/** What one conversation takes of a loaded model's memory, in bytes. */
export interface SessionMemory {
  readonly modelId: string;
  readonly modelName: string;
  readonly conversationId: string;
  /** null = the conversation is gone. */
  readonly title: string | null;
  readonly state: 'running' | 'resting';
  readonly tokens: number;
  readonly contextSize: number;
  /** Its part of the KV cache, reserved whole. */
  readonly kv: number;
  /** What its tokens fill of that. */
  readonly kvUsed: number;
  readonly recurrent: number;
  readonly checkpoints: readonly CheckpointMemory[];
  readonly checkpointBytes: number;
  /** States saved on disk. */
  readonly savedBytes: number;
  /** kv + recurrent + checkpointBytes. */
  readonly total: number;
  readonly lastUsedAt: Timestamp | null;
}

export interface LoadedMemory {
  readonly modelId: string;
  /** It makes vectors of texts; there are no conversations. */
  readonly isEmbedding?: boolean;
  readonly modelName: string;
  readonly contextSize: number;
  readonly sessions: number;
  readonly kvType: KvType;
  readonly sample: MemorySample;
  readonly weightParts: WeightParts;
  readonly devices: readonly DeviceMemory[];
  readonly predicted: MemoryPrediction;
  /** The prediction with the checkpoints that exist now, against `sample.resident`, in percent of the latter. */
  readonly errorPercent: number;
  /** The model has answered since it was loaded: before that, compute buffers are untouched. */
  readonly hasAnswered: boolean;
  readonly shares: readonly SessionMemory[];
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

/** A model of the library or of the catalogue; exactly one of the two ids. */
export interface ModelRef {
  readonly modelId?: string;
  readonly catalogId?: string;
  /** Of the catalogue: which file; the usual one if not given. */
  readonly quantization?: string;
}

/** What is asked of a prediction. Everything not given is what the app would load with. */
export interface PredictionWish {
  /** Tokens per session. */
  readonly contextSize?: number;
  readonly sessions?: number;
  readonly kvType?: KvType;
  /** Checkpoints kept in all. */
  readonly checkpoints?: number;
}

/** A prediction, and how far earlier ones on this machine were off. */
export interface PredictedMemory {
  readonly modelId: string | null;
  readonly catalogId: string | null;
  readonly name: string;
  readonly quantization: string;
  readonly isHybrid: boolean;
  readonly contextSize: number;
  readonly sessions: number;
  readonly kvType: KvType;
  readonly checkpoints: number;
  /** Longest context the app offers for it. */
  readonly contextLimit: number;
  readonly prediction: MemoryPrediction;
  /** Bytes for one more token in one session, and for one more session of this context. */
  readonly perToken: number;
  readonly perSession: number;
  /** `ceiling` against what is available, with what this model holds already. */
  readonly fits: boolean;
  readonly machineTotal: number;
  readonly machineAvailable: number;
  readonly accuracy: MemoryAccuracy;
}

/** One prediction beside what the operating system measured afterwards. */
export interface PredictionRecord {
  readonly at: Timestamp;
  readonly modelId: string;
  readonly modelName: string;
  readonly contextSize: number;
  readonly sessions: number;
  readonly kvType: KvType;
  readonly predicted: number;
  readonly measured: number;
  /** (predicted - measured) / measured * 100. */
  readonly errorPercent: number;
}

/** How good predictions have been on this machine. Percentages without sign; null before the first. */
export interface MemoryAccuracy {
  /** Loads that were predicted and measured. */
  readonly count: number;
  readonly medianPercent: number | null;
  /** The largest error: "within 3.1 %". */
  readonly withinPercent: number | null;
}

export interface MemoryAccuracyReport extends MemoryAccuracy {
  /** Newest first, at most 200. */
  readonly records: readonly PredictionRecord[];
}

/** One side of a comparison. */
export interface ComparedModel {
  readonly modelId: string | null;
  readonly catalogId: string | null;
  readonly name: string;
  readonly isHybrid: boolean;
  readonly prediction: MemoryPrediction;
  /** Predicted totals for a chart, at the contexts of `MemoryComparison.contexts`. */
  readonly totals: readonly number[];
  /** Newest measurement on this machine with just this set-up; null = never. */
  readonly measured: { readonly at: Timestamp; readonly resident: number } | null;
}

/** Two models with the same context, sessions and KV type. */
export interface MemoryComparison {
  readonly contextSize: number;
  readonly sessions: number;
  readonly kvType: KvType;
  readonly contexts: readonly number[];
  readonly one: ComparedModel;
  /** null = there is no model to compare with. */
  readonly other: ComparedModel | null;
  /** (one - other) / other * 100, predicted: -75 = one takes three quarters less. */
  readonly differencePercent: number | null;
  /** Smallest context per session, in tokens, from which `one` takes less; null = never, or no other. */
  readonly breakEven: number | null;
  /** The same from two measurements; null where one is missing. */
  readonly measuredPercent: number | null;
}

/** Memory that was given back because the machine was short of it. */
export interface Relief {
  readonly at: Timestamp;
  /**
   * 'checkpoints' = saved states of conversations in memory; 'states' = what an idle model's conversations
   * held was saved to disk before it ended; 'model' = a model that nobody used.
   */
  readonly what: 'checkpoints' | 'states' | 'model';
  readonly modelId: string;
  readonly modelName: string;
  /** What came back, in bytes; of 'states' what was written to disk. */
  readonly bytes: number;
  /** What was available before, in bytes. */
  readonly available: number;
}
