import { randomInt } from 'node:crypto';
import os from 'node:os';
import type { Llama, LlamaContext, LlamaContextSequence, LlamaModel, Token } from 'node-llama-cpp';
import type { DeviceMemory, KvType } from '../../electron/ipc/contract/index.ts';
import type { BufferSizes } from './buffers.ts';
import { createBufferReader } from './buffers.ts';
import { findBinaries, preload } from './binaries.ts';
import type { Gpu } from './binaries.ts';
import { greedyRun } from './greedy.ts';
import type { GreedyRun } from './greedy.ts';
import { answerSelfTest } from './self-test.ts';

/** The one file that imports node-llama-cpp. What it gives is all that ENGINE knows of llama.cpp. */

export interface NativeSampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP?: number;
  readonly repeatPenalty?: number;
  readonly seed?: number;
}

export interface NativeCheckpoint {
  /** Tokens that the state holds. */
  readonly position: number;
  readonly kind: string;
  readonly bytes: number;
}

/** The state of one conversation. Only its tail is ever cut: a cut in the middle gives wrong states. */
export interface NativeSequence {
  /** Tokens in the state. */
  readonly length: number;
  readonly checkpoints: readonly NativeCheckpoint[];
  /** How many tokens the state and `tokens` have in common from the start. */
  shared(tokens: readonly number[]): number;
  /**
   * Goes back to at most `keep` tokens without evaluating any: a recurrent state only to one of its
   * checkpoints, or to nothing. Returns the tokens that are left.
   */
  rewind(keep: number): Promise<number>;
  /** Appends tokens. At most `contextSize - 1` fit. */
  read(tokens: readonly number[]): Promise<void>;
  /** Appends `token` and yields the tokens that follow, end tokens too. A yielded token enters the state when the next is asked for. */
  write(
    token: number,
    sampling: NativeSampling,
    punish: () => readonly number[],
  ): AsyncGenerator<number>;
  /** Copies the recurrent state into memory. Nothing happens for models that can be cut anywhere. */
  checkpoint(kind: string): Promise<void>;
  drop(position: number): void;
  /** The tokens of the state. */
  readonly tokens: readonly number[];
  /** Writes the state to a file, without its checkpoints. @returns its length in bytes. */
  save(path: string): Promise<number>;
  /**
   * Replaces the state by one that `save` wrote with the same model and context options; anything else
   * may end the process. @returns false where the file does not load or holds other tokens than
   * `expected`; nothing is held then.
   */
  load(path: string, expected: readonly number[]): Promise<boolean>;
  dispose(): Promise<void>;
}

export interface NativeContext {
  readonly contextSize: number;
  /** True when a state can only go back to a checkpoint. */
  readonly needsCheckpoints: boolean;
  sequence(): NativeSequence;
  dispose(): Promise<void>;
}

export interface NativeModel {
  readonly bosText: string;
  readonly eosText: string;
  /** The id to put in front of every prompt, or null. */
  readonly prepend: number | null;
  /** Texts of control tokens with their ids. */
  readonly specials: ReadonlyMap<string, number>;
  tokenize(text: string, special: boolean): number[];
  /** Control tokens give no text. `before` = the tokens that came before (for leading spaces). */
  detokenize(tokens: readonly number[], before: readonly number[]): string;
  isEnd(token: number): boolean;
  context(options: {
    contextSize: number;
    sequences: number;
    threads: number;
    /** Element type of the KV cache. */
    kvType: KvType;
  }): Promise<NativeContext>;
  dispose(): Promise<void>;
}

export interface NativeLlama {
  /** 'cpu', 'metal', 'cuda', 'vulkan', or an own module's name. */
  readonly backend: string;
  readonly version: string;
  /** Cores that are useful for calculating. */
  readonly cores: number;
  /** Takes effect with the next batch; never more than a context was made with. */
  threads: number;
  supports(architecture: string): boolean;
  /** Bytes of system memory and of graphics memory that are free. */
  free(): Promise<{ ram: number; vram: number }>;
  /** What calculates is the processor. */
  readonly onProcessor: boolean;
  /** Names of the devices that calculate, and bytes of their memory together. */
  graphics(): Promise<{ devices: readonly string[]; total: number; free: number }>;
  /** Loads a model, goes on after a prompt with the likeliest tokens, ends it: to compare backends. */
  greedy(path: string, prompt: string, steps: number): Promise<GreedyRun>;
  /** Graphics devices; where there are several, llama.cpp's figures are those of all together. */
  devices(): Promise<readonly DeviceMemory[]>;
  load(path: string, options: { onProgress(fraction: number): void }): Promise<NativeModel>;
  /** What llama.cpp has printed about its buffers so far. */
  buffers(): BufferSizes;
  /** llama.cpp's last lines of level error, at most ten. They hold no prompt text. */
  errors(): readonly string[];
  dispose(): Promise<void>;
}

// node-llama-cpp has no public way to name or drop a single checkpoint; these members exist in 3.21.1
// (pinned), and the engine tests fail if one of them goes.
interface StoredCheckpoint {
  readonly maxPos: number;
  readonly size: number;
  dispose(): void;
}
interface CheckpointStore {
  _checkpoints: [name: string | undefined, checkpoint: StoredCheckpoint][];
  _memoryUsage: number;
  _resizeCheckpointsCount(name: string | undefined, change: number): void;
}
interface SequenceInternals {
  readonly _checkpoints: CheckpointStore;
  _takeNamedCheckpoint(name: string, maximum: number): Promise<void>;
}

const batchSize = 512;

const kvTypeNames = { f16: undefined, q8_0: 'Q8_0', q4_0: 'Q4_0' } as const satisfies Record<
  KvType,
  string | undefined
>;

/**
 * Starts llama.cpp. `gpu: 'auto'` lets the binding choose, by a process of its own; anything else is taken
 * as chosen by a trial. With a module of a recipe, which must have been checked, that one calculates.
 */
export async function openLlama(options: {
  gpu: 'auto' | Gpu;
  module?: { readonly name: string; readonly folder: string };
}): Promise<NativeLlama> {
  const { module } = options;
  if (options.gpu !== 'auto') answerSelfTest();
  const own = findBinaries(false);
  // Where there are binaries for Metal only, they calculate on the processor too.
  const gpu = options.gpu === false && /-metal$/.test(own?.folder ?? '') ? 'metal' : options.gpu;
  if (module && own) {
    preload(own, module.name === 'own:cpu' ? [module.folder] : [own.folder, module.folder]);
  }
  const library = await import('node-llama-cpp');
  const buffers = createBufferReader();
  const errors: string[] = [];
  const llama = await library.getLlama({
    gpu,
    build: 'never',
    progressLogs: false,
    maxThreads: os.availableParallelism(),
    logLevel: library.LlamaLogLevel.info,
    logger(level, text) {
      buffers.read(text);
      if (level !== library.LlamaLogLevel.error && level !== library.LlamaLogLevel.fatal) return;
      errors.push(text.trim().slice(0, 300));
      if (errors.length > 10) errors.shift();
    },
  });
  if (typeof gpu === 'string' && gpu !== 'auto' && llama.gpu !== gpu) {
    throw new Error(`the binding took ${String(llama.gpu)} in place of ${gpu}`);
  }
  if (module && module.name !== 'own:cpu' && llama.gpu === false) {
    // The binding does not know this kind of device and would leave every layer to the processor.
    Object.assign(llama, { _gpu: 'vulkan' });
  }
  const onProcessor = llama.gpu === false || (options.gpu === false && module === undefined);
  return {
    backend: module?.name ?? (onProcessor ? 'cpu' : String(llama.gpu)),
    onProcessor,
    version: `node-llama-cpp ${await bindingVersion()}, llama.cpp ${llama.llamaCppRelease.release}`,
    cores: Math.max(1, llama.cpuMathCores),
    get threads() {
      return llama.maxThreads;
    },
    set threads(value) {
      llama.maxThreads = value;
    },
    supports: (architecture) => llamaSupports(llama, architecture),
    async free() {
      const vram = onProcessor ? 0 : (await llama.getVramState()).free;
      return { ram: (await llama.getRamState()).free, vram };
    },
    async devices() {
      if (onProcessor) return [];
      const [names, state] = await Promise.all([llama.getGpuDeviceNames(), llama.getVramState()]);
      return [
        { device: names.join(', ') || String(llama.gpu), used: state.used, total: state.total },
      ];
    },
    async graphics() {
      if (onProcessor) return { devices: [], total: 0, free: 0 };
      const { total, free } = await llama.getVramState();
      return { devices: await llama.getGpuDeviceNames(), total, free };
    },
    greedy: (path, prompt, steps) =>
      greedyRun((how) => llama.loadModel(how), { path, prompt, steps, onProcessor }),
    async load(path, { onProgress }) {
      const model = await llama.loadModel({
        modelPath: path,
        gpuLayers: onProcessor ? 0 : 'auto',
        onLoadProgress: onProgress,
        // On the CPU llama.cpp repacks most quantised weights into buffers of their own. A mapped file
        // would stay resident beside them, so that the same weights count nearly twice.
        useMmap: onProcessor ? false : 'auto',
        ignoreMemorySafetyChecks: onProcessor,
      });
      return wrapModel(model, onProcessor);
    },
    buffers: () => buffers.sizes(),
    errors: () => errors,
    dispose: () => llama.dispose(),
  };
}

function llamaSupports(llama: Llama, architecture: string): boolean {
  const bindings = (
    llama as unknown as { _bindings: { getIsArchSupported(name: string): boolean } }
  )._bindings;
  return bindings.getIsArchSupported(architecture);
}

async function bindingVersion(): Promise<string> {
  const { getModuleVersion } = await import('node-llama-cpp');
  return getModuleVersion();
}

function wrapModel(model: LlamaModel, skipMemoryCheck: boolean): NativeModel {
  const specials = new Map<string, number>();
  for (const token of model.iterateAllTokens()) {
    const attributes = model.getTokenAttributes(token);
    if (!attributes.control && !attributes.unknown) continue;
    const text = model.detokenize([token], true);
    if (text !== '') specials.set(text, token);
  }
  const { tokens } = model;
  return {
    bosText: tokens.bosString ?? '',
    eosText: tokens.eosString ?? '',
    prepend: tokens.shouldPrependBosToken ? tokens.bos : null,
    specials,
    tokenize: (text, special) => model.tokenize(text, special),
    detokenize: (ids, before) => model.detokenize(ids as Token[], false, before as Token[]),
    isEnd: (token) => model.isEogToken(token as Token),
    async context({ contextSize, sequences, threads, kvType }) {
      const cacheType = kvTypeNames[kvType];
      const context = await model.createContext({
        contextSize,
        sequences,
        batchSize: Math.min(batchSize, contextSize),
        flashAttention: true,
        // Named experimental by the library: `f16` is its own default and is left alone.
        ...(cacheType && {
          experimentalKvCacheKeyType: cacheType,
          experimentalKvCacheValueType: cacheType,
        }),
        threads: { ideal: threads, min: 1 },
        ignoreMemorySafetyChecks: skipMemoryCheck,
        failedCreationRemedy: false,
      });
      return wrapContext(context);
    },
    dispose: () => model.dispose(),
  };
}

function wrapContext(context: LlamaContext): NativeContext {
  const { fileInsights } = context.model;
  return {
    contextSize: context.contextSize,
    needsCheckpoints:
      fileInsights.isHybrid || fileInsights.isRecurrent || fileInsights.swaSize !== undefined,
    sequence: () => wrapSequence(context),
    dispose: () => context.dispose(),
  };
}

function wrapSequence(context: LlamaContext): NativeSequence {
  // No interval and no limit: which checkpoints exist is decided in engine/checkpoints.ts.
  const fresh = (): LlamaContextSequence =>
    context.getSequence({ checkpoints: { max: 1024, interval: false, maxMemory: null } });
  let sequence = fresh();
  const internals = (): SequenceInternals => sequence as unknown as SequenceInternals;
  const reset = async (): Promise<void> => {
    await sequence.dispose();
    sequence = fresh();
  };
  const stored = (): NativeCheckpoint[] =>
    internals()._checkpoints._checkpoints.map(([name, checkpoint]) => ({
      position: checkpoint.maxPos + 1,
      kind: name ?? '',
      bytes: checkpoint.size,
    }));
  return {
    get length() {
      return sequence.nextTokenIndex;
    },
    get checkpoints() {
      return stored();
    },
    shared: (tokens) => sequence.compareContextTokens(tokens as Token[]).firstDifferentIndex,
    async rewind(keep) {
      if (keep >= sequence.nextTokenIndex) return sequence.nextTokenIndex;
      let target = keep;
      if (sequence.needsCheckpoints) {
        target = stored()
          .map((checkpoint) => checkpoint.position)
          .reduce((best, position) => (position <= keep && position > best ? position : best), 0);
      }
      if (target === 0) await reset();
      else await sequence.adaptStateToTokens(sequence.contextTokens.slice(0, target), false);
      return sequence.nextTokenIndex;
    },
    read: (tokens) => sequence.evaluateWithoutGeneratingNewTokens(tokens as Token[]),
    async *write(token, sampling, punish) {
      const { repeatPenalty } = sampling;
      yield* sequence.evaluate([token as Token], {
        temperature: sampling.temperature,
        topP: sampling.topP,
        topK: sampling.topK,
        yieldEogToken: true,
        ...(sampling.minP === undefined ? {} : { minP: sampling.minP }),
        // The library's own default is the second of the day: two answers would be the same.
        seed: sampling.seed ?? randomInt(2 ** 31),
        ...(repeatPenalty === undefined || repeatPenalty === 1
          ? {}
          : { repeatPenalty: { penalty: repeatPenalty, punishTokens: () => punish() as Token[] } }),
      });
    },
    async checkpoint(kind) {
      await internals()._takeNamedCheckpoint(kind, 1024);
    },
    drop(position) {
      const store = internals()._checkpoints;
      const index = store._checkpoints.findIndex(([, item]) => item.maxPos + 1 === position);
      const [entry] = index < 0 ? [] : store._checkpoints.splice(index, 1);
      if (!entry) return;
      const [name, checkpoint] = entry;
      store._memoryUsage -= checkpoint.size;
      store._resizeCheckpointsCount(name, -1);
      checkpoint.dispose();
    },
    get tokens() {
      return sequence.contextTokens;
    },
    async save(path) {
      return (await sequence.saveStateToFile(path)).fileSize;
    },
    async load(path, expected) {
      // Loading keeps the checkpoints of what was there before: only a fresh sequence is safe.
      await reset();
      try {
        await sequence.loadStateFromFile(path, { acceptRisk: true });
        const found = sequence.contextTokens;
        const isSame = (token: number, at: number): boolean => found[at] === token;
        if (found.length === expected.length && expected.every(isSame)) return true;
      } catch {
        // Refused by llama.cpp; what it has written by then goes with the sequence.
      }
      await reset();
      return false;
    },
    dispose: () => sequence.dispose(),
  };
}
