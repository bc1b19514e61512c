/**
 * What CORE sees of the engine. `client.ts` implements it over a process per loaded model,
 * `fake.ts` in memory for tests. Nothing here knows llama.cpp.
 */
import type {
  CheckpointMemory,
  DeviceMemory,
  KvType,
  ProcessMemory,
  ToolArguments,
  WeightParts,
} from '../ipc/contract/index.ts';

export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  /**
   * An answer's ids as this vocabulary's model wrote them (`EngineInfo.vocabulary`): they go into the
   * prompt in place of `content`, which another tokenising might split differently.
   */
  readonly tokens?: readonly number[];
  /** Calls of an answer in the form that templates know; none where `content` holds the model's own. */
  readonly tool_calls?: readonly PromptToolCall[];
}

export interface PromptToolCall {
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: ToolArguments };
}

/** Fields as Granite's template expects them inside <documents>. */
export interface PromptDocument {
  readonly doc_id: string;
  readonly title?: string;
  readonly text: string;
  readonly source?: string;
}

/** Rendered by the model's own Jinja template inside the engine. */
export interface ChatPrompt {
  readonly messages: readonly PromptMessage[];
  readonly documents?: readonly PromptDocument[];
  readonly tools?: readonly unknown[];
}

export interface Sampling {
  /** 0 = greedy. */
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP?: number;
  readonly repeatPenalty?: number;
  readonly seed?: number;
}

export interface LoadRequest {
  readonly modelPath: string;
  /** Tokens per session. */
  readonly contextSize: number;
  /** Conversations held at once; each has its own sequence. */
  readonly sessions: number;
  /** null = measure at load and tell in `EngineInfo.threadTimings`. */
  readonly threads: number | null;
  /** What calculates: as a trial found it good, or 'auto' = left to the binding; false = the processor. */
  readonly gpu: 'auto' | 'metal' | 'cuda' | 'vulkan' | false;
  /** A module of a recipe, which takes the place of the above or adds its devices. */
  readonly module?: { readonly name: string; readonly folder: string };
  /** Bytes all checkpoints of the process may take together. */
  readonly checkpointBudget: number;
  /** Bytes the process may take; without it what the machine has available at that moment. */
  readonly memoryLimit?: number;
  /** 'f16' where not given. States of one type cannot be read into a context of another. */
  readonly kvType?: KvType;
  /** true where not given. Quantised KV needs it. */
  readonly flashAttention?: boolean;
  /** Layers on the graphics card; as many as fit where not given. Means nothing on the processor. */
  readonly gpuLayers?: number;
  /** Tokens of a prompt that are read at once while nobody writes; measured where not given. */
  readonly readChunk?: number;
  /** Where states of conversations are saved and looked for; nowhere if not given. */
  readonly states?: {
    /** Of this model alone. */
    readonly folder: string;
    /** The model file's content, as far as it is known: states of another one are never used. */
    readonly model: string;
    /** Bytes that the folder may take. */
    readonly budget: number;
    /** 32 bytes in base64; with it everything in the folder is encrypted. */
    readonly key?: string;
  };
}

export interface SaveStatesRequest {
  /** Bytes that all files of this save may take; conversations used last come first. */
  readonly budget: number;
  /** Milliseconds after which no other state is begun. */
  readonly limitMs: number;
}

/** Milliseconds per token measured for a thread count at load. */
export interface ThreadTiming {
  readonly threads: number;
  readonly msPerToken: number;
}

export interface EngineInfo {
  readonly pid: number;
  readonly contextSize: number;
  readonly sessions: number;
  readonly threads: number;
  /** Empty when `threads` was given. */
  readonly threadTimings: readonly ThreadTiming[];
  /** 'cpu', 'metal', 'cuda', 'vulkan'. */
  readonly backend: string;
  readonly engineVersion: string;
  /** Equal for models whose token ids mean the same texts. */
  readonly vocabulary: string;
  readonly loadMs: number;
  /** Tokens of a prompt that are read at once while nobody writes. */
  readonly readChunk?: number;
  /** What a measurement at this load would choose. */
  readonly readChunkMeasured?: number;
  readonly flashAttention?: boolean;
  /** Layers on the graphics card. */
  readonly gpuLayers?: number;
}

/** A conversation that holds a sequence, as its engine sees it. */
export interface EngineSession {
  readonly sessionId: string;
  readonly isRunning: boolean;
  /** In its state now. */
  readonly tokens: number;
  readonly checkpoints: readonly CheckpointMemory[];
  /** Milliseconds since 1970; null before its first answer has ended. */
  readonly lastUsedAt: number | null;
}

/** Bytes; the parts as llama.cpp reports its buffers, the process as the operating system does. */
export interface EngineMemory extends ProcessMemory {
  readonly pid: number;
  readonly weights: number;
  readonly weightParts: WeightParts;
  readonly kv: number;
  readonly recurrent: number;
  readonly compute: number;
  readonly output: number;
  readonly checkpoints: number;
  /** Resident memory of this process when llama.cpp stood ready and no model was loaded. */
  readonly process: number;
  readonly kvType: KvType;
  readonly devices: readonly DeviceMemory[];
  /** Answers that ran to an end, whichever. */
  readonly answers: number;
  /** The most recently used one last. */
  readonly sessions: readonly EngineSession[];
}

export interface GenerateRequest {
  /** The conversation: its session keeps what it has read. */
  readonly sessionId: string;
  readonly prompt: ChatPrompt;
  readonly sampling: Sampling;
  /** 0 = only read the prompt: what comes next goes on from there. */
  readonly maxTokens: number;
  /** 'interactive' where not given: somebody waits. Background work gives way to it at every batch. */
  readonly priority?: 'interactive' | 'background';
  /**
   * What it is for, where it is no answer in the conversation that `sessionId` names. Its session takes no place
   * from a conversation that was used lately, and gives its own to whoever needs it. One that somebody waits for
   * ('rewrite') takes that of a conversation at rest which is on disk with all it holds.
   */
  readonly purpose?: {
    readonly kind: 'title' | 'part' | 'rewrite';
    /** null = of none. */
    readonly conversationId: string | null;
  };
  /**
   * Names the documents that the prompt holds as a whole ('doc:…'): the state at their end is kept for
   * every conversation that begins with them.
   */
  readonly documentSet?: string;
  /** The answer can be nothing but JSON of this schema. Throws 'invalid-argument' where it is none. */
  readonly format?: { readonly type: 'json'; readonly schema: unknown };
}

/** A call as the model wrote it: whether there is such a tool is for the asking side to know. */
export type WrittenCall =
  | { readonly name: string; readonly arguments: ToolArguments }
  | {
      /** 'unfinished': the answer ended inside it. */
      readonly problem: 'not-json' | 'no-name' | 'no-arguments' | 'not-xml' | 'unfinished';
      readonly text: string;
    };

export interface GenerateStats {
  readonly promptTokens: number;
  readonly keptTokens: number;
  readonly readTokens: number;
  /** What the kept ones were taken from: the session as it was, or a state on disk. */
  readonly keptFrom: 'memory' | 'disk' | 'none';
  readonly answerTokens: number;
  readonly firstTokenMs: number | null;
  readonly tokensPerSecond: number | null;
  readonly contextUsed: number;
  readonly contextSize: number;
  readonly threads: number;
}

/** 'stop' = end token, 'length' = maxTokens, 'context' = session full, 'aborted' = signal. */
export type EndReason = 'stop' | 'length' | 'context' | 'aborted';

export type EngineEvent =
  | { readonly type: 'queued'; readonly position: number }
  | {
      readonly type: 'reading';
      readonly done: number;
      readonly total: number;
      readonly kept: number;
    }
  | { readonly type: 'text'; readonly text: string }
  /** Reasoning of models whose template knows it; no part of the answer's text. */
  | { readonly type: 'thinking'; readonly text: string }
  /** Only where the prompt has tools. */
  | { readonly type: 'tool-call'; readonly call: WrittenCall }
  | {
      readonly type: 'end';
      readonly reason: EndReason;
      readonly stats: GenerateStats;
      /** The answer's ids, to be given back in `PromptMessage.tokens`. */
      readonly tokens: readonly number[];
      /**
       * The answer as it stands in a later prompt, with the markup of calls and reasoning; only where
       * it is not the text of the 'text' events.
       */
      readonly raw?: string;
    };

/** A sequence's part of a batch. Sequences have numbers of llama.cpp's own; an emptied one gets another. */
export interface EvaluatedTokens {
  readonly sequence: number;
  readonly position: number;
  readonly tokens: readonly number[];
}

export interface EngineExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** True when `close` asked for it. */
  readonly expected: boolean;
  /** The kernel has ended processes for lack of memory while this one ran, and this one was killed. */
  readonly outOfMemory?: boolean;
}

export interface Engine {
  readonly info: EngineInfo;
  /**
   * Streams one answer. Ends with exactly one 'end' event, also when the signal aborts.
   * Throws AppError 'prompt-too-long', 'engine-crashed', 'internal'.
   */
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /** The prompt as the model's template renders it, with the assistant header. For tests and tools. */
  render(prompt: ChatPrompt): Promise<string>;
  /** Tokens of the rendered prompt. */
  countTokens(prompt: ChatPrompt): Promise<number>;
  memory(): Promise<EngineMemory>;
  /**
   * Drops what a conversation's session holds, and its name (or that of a document set, 'doc:…') off
   * every kept state: those that nobody else owns are removed, and so is what is being written now.
   */
  forget(owner: string): Promise<void>;
  /**
   * Sets the bytes that all checkpoints together may take from now on, and drops the least valuable
   * ones over it. @returns bytes given back.
   */
  trim(checkpointBudget: number): Promise<number>;
  /**
   * Saves now what conversations at rest have not saved yet into `LoadRequest.states`, instead of waiting
   * for more rest. @returns bytes written.
   */
  saveStates(request: SaveStatesRequest): Promise<number>;
  /**
   * Sets the bytes that the states of `LoadRequest.states` may take from now on, and removes the least
   * valuable ones over it. @returns bytes given back.
   */
  resizeStates(budget: number): Promise<number>;
  /**
   * What llama.cpp has evaluated since the last call, batch by batch; nothing unless the process was
   * started with `QUARRY_TRACE=1`. For tests that count.
   */
  trace?(): Promise<readonly (readonly EvaluatedTokens[])[]>;
  /** Called once when the process is gone, for whatever reason. */
  onExit(listener: (exit: EngineExit) => void): () => void;
  /** Ends the process; resolves when it is gone and its memory is back. Idempotent. */
  close(): Promise<void>;
}

export interface EngineLauncher {
  /**
   * Starts a process and loads the model in it. Throws AppError: 'model-missing', 'model-not-gguf',
   * 'model-truncated', 'model-architecture-unknown', 'model-too-large', 'model-load-failed',
   * 'engine-start-failed', 'engine-crashed', 'cancelled'. After a throw the process is gone.
   */
  launch(
    request: LoadRequest,
    options?: {
      signal?: AbortSignal;
      onProgress?: (fraction: number) => void;
      /** The chosen backend ended the process while loading; the processor is used instead. */
      onBackendLost?: () => void;
    },
  ): Promise<Engine>;
}

/** A loaded model lent to one turn or one background job. While leased it is not unloaded for idleness. */
export interface EngineLease {
  readonly engine: Engine;
  readonly modelId: string;
  readonly modelName: string;
  /** Prompts must stay under this many tokens (the miniature's training length); null = the context decides. */
  readonly promptLimit: number | null;
  /** The reason of an error of this engine, as far as it is known: that memory was short, for one. */
  explain?(error: unknown): Promise<unknown>;
  release(): void;
}

/** A model that would answer, loaded or not. */
export interface EngineLook {
  readonly modelId: string;
  readonly isLoaded: boolean;
  /** Tokens of a conversation's context: as it is loaded, or would be. */
  readonly contextSize: number;
  /** The longest context that it was trained for; null = not known. */
  readonly contextLimit: number | null;
  readonly promptLimit: number | null;
}

/** Gives out engines, loading the model where needed. Implemented by `models`, used by `chat` and later `documents`. */
export interface EngineProvider {
  /**
   * @param modelId null = the default model, else the only or last used one, else the miniature.
   * Throws what `EngineLauncher.launch` throws, and 'not-found'.
   */
  acquire(
    modelId: string | null,
    options: { signal: AbortSignal; onLoading?: (modelId: string, fraction: number) => void },
  ): Promise<EngineLease>;
  /** The model that `acquire` would take. Loads nothing. Throws 'not-found'. */
  look(modelId: string | null): Promise<EngineLook>;
  /** Whether a document set's state is kept on disk for a model. */
  keepsDocuments(modelId: string, documentSet: string): Promise<boolean>;
  /**
   * Removes whatever is held or kept of a conversation, or of a document set ('doc:…'): in loaded
   * engines and on disk. Never throws, waits for nothing.
   */
  forget(owner: string): void;
}
