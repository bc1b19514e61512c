/* eslint-disable max-lines -- the one file that may import the library */
import { randomInt } from 'node:crypto';
import os from 'node:os';
import type {
  EvaluationPriority,
  Llama,
  LlamaContext,
  LlamaContextSequence,
  LlamaGrammar,
  LlamaGrammarEvaluationState,
  LlamaModel,
  Token,
} from 'node-llama-cpp';
import type { DeviceMemory, KvType } from '../../electron/ipc/contract/index.ts';
import type { BufferSizes } from './buffers.ts';
import { createBufferReader } from './buffers.ts';
import { findBinaries, preload } from './binaries.ts';
import type { Gpu } from './binaries.ts';
import type { Batches } from './batches.ts';
import type { GivingBack } from './checkpoint-store.ts';
import { createBatches } from './batches.ts';
import { openEmbedder } from './embedding.ts';
import type { NativeEmbedder } from './embedding.ts';
import { greedyRun } from './greedy.ts';
import type { GreedyRun } from './greedy.ts';
import { createCheckpoints, createGivingBack } from './checkpoint-store.ts';
import { answerSelfTest } from './self-test.ts';
import { traceBatches } from './trace.ts';
import type { EvaluatedPart } from './trace.ts';

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

/** What may be written at all; good for any number of answers. */
export interface NativeGrammar {
  /** At its beginning. The library's own object. */
  start(): unknown;
}

/** The state of one conversation. Only its tail is ever cut: a cut in the middle gives wrong states. */
export interface NativeSequence {
  /** Tokens in the state. */
  readonly length: number;
  readonly checkpoints: readonly NativeCheckpoint[];
  /** How many tokens the state and `tokens` have in common from the start. */
  shared(tokens: readonly number[]): number;
  /** The tokens that `rewind` would leave. */
  reach(keep: number): number;
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
    grammar?: NativeGrammar,
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
  /**
   * Writes the state that a checkpoint holds, as `save` would have when it was taken. The sequence
   * itself is cut there until `resume`, and only lower positions can follow. Throws where it cannot.
   */
  saveAt(position: number, path: string): Promise<number>;
  /**
   * Takes back what `save` wrote before the first `saveAt`; the checkpoints are those of before.
   * @returns false where that failed: nothing is held then.
   */
  resume(path: string, expected: readonly number[]): Promise<boolean>;
  dispose(): Promise<void>;
}

export interface NativeContext {
  /** Every batch since the last call, where `QUARRY_TRACE=1`: tests look at what was really evaluated. */
  trace(): readonly (readonly EvaluatedPart[])[];
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
  /** Layers on the graphics card. */
  readonly gpuLayers: number;
  /** JSON of a schema that `ipc/json-schema` has accepted, ended by empty lines. */
  jsonGrammar(schema: unknown): Promise<NativeGrammar>;
  context(options: {
    contextSize: number;
    sequences: number;
    threads: number;
    /** Element type of the KV cache. */
    kvType: KvType;
    /** true if not given. */
    flashAttention?: boolean;
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
  /** `gpuLayers`: as many as fit where not given. */
  load(
    path: string,
    options: { onProgress(fraction: number): void; gpuLayers?: number },
  ): Promise<NativeModel>;
  /** Loads a model that makes vectors. `most`: tokens of one text at most. */
  loadEmbedder(
    path: string,
    options: { most: number; threads: number; gpuLayers?: number },
  ): Promise<NativeEmbedder>;
  /** What llama.cpp has printed about its buffers so far. */
  buffers(): BufferSizes;
  /** llama.cpp's last lines of level error, at most ten. They hold no prompt text. */
  errors(): readonly string[];
  dispose(): Promise<void>;
}

type Library = typeof import('node-llama-cpp');

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
    async load(path, { onProgress, gpuLayers }) {
      const model = await llama.loadModel({
        modelPath: path,
        gpuLayers: onProcessor ? 0 : (gpuLayers ?? 'auto'),
        onLoadProgress: onProgress,
        // On the CPU llama.cpp repacks most quantised weights into buffers of their own. A mapped file
        // would stay resident beside them, so that the same weights count nearly twice.
        useMmap: onProcessor ? false : 'auto',
        ignoreMemorySafetyChecks: onProcessor,
      });
      return wrapModel(library, llama, model, onProcessor);
    },
    async loadEmbedder(path, { most, threads, gpuLayers }) {
      const model = await llama.loadModel({
        modelPath: path,
        gpuLayers: onProcessor ? 0 : (gpuLayers ?? 'auto'),
        useMmap: onProcessor ? false : 'auto',
        // Said, not left to the library's 'auto': vectors that are compared are made in one way. A context
        // for embeddings takes no such option of its own.
        defaultContextFlashAttention: true,
        ignoreMemorySafetyChecks: onProcessor,
      });
      return openEmbedder(model, { most, threads, skipMemoryCheck: onProcessor });
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

function wrapModel(
  library: Library,
  llama: Llama,
  model: LlamaModel,
  skipMemoryCheck: boolean,
): NativeModel {
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
    gpuLayers: model.gpuLayers,
    async jsonGrammar(schema) {
      const grammar: LlamaGrammar = await llama.createGrammarForJsonSchema(
        schema as { readonly type: 'object' },
      );
      return { start: () => new library.LlamaGrammarEvaluationState({ model, grammar }) };
    },
    async context({ contextSize, sequences, threads, kvType, flashAttention = true }) {
      const cacheType = kvTypeNames[kvType];
      const batches = createBatches();
      const context = await model.createContext({
        contextSize,
        sequences,
        batchSize: Math.min(batchSize, contextSize),
        flashAttention,
        // Named experimental by the library: `f16` is its own default and is left alone.
        ...(cacheType && {
          experimentalKvCacheKeyType: cacheType,
          experimentalKvCacheValueType: cacheType,
        }),
        threads: { ideal: threads, min: 1 },
        ignoreMemorySafetyChecks: skipMemoryCheck,
        failedCreationRemedy: false,
        batching: { itemPrioritizationStrategy: (asked) => batches.parts(asked) },
      });
      return wrapContext(context, batches);
    },
    dispose: () => model.dispose(),
  };
}

function wrapContext(context: LlamaContext, batches: Batches): NativeContext {
  const { fileInsights } = context.model;
  const givingBack = createGivingBack();
  const trace = process.env['QUARRY_TRACE'] === '1' ? traceBatches(context) : () => [];
  return {
    trace,
    contextSize: context.contextSize,
    needsCheckpoints:
      fileInsights.isHybrid || fileInsights.isRecurrent || fileInsights.swaSize !== undefined,
    sequence: () => wrapSequence(context, batches, givingBack),
    dispose: () => context.dispose(),
  };
}

function wrapSequence(
  context: LlamaContext,
  batches: Batches,
  givingBack: GivingBack,
): NativeSequence {
  // No interval and no limit: which checkpoints exist is decided in engine/checkpoints.ts.
  const fresh = (): LlamaContextSequence =>
    context.getSequence({ checkpoints: { max: 1024, interval: false, maxMemory: null } });
  let sequence = fresh();
  const checkpoints = createCheckpoints(() => sequence, givingBack);
  const marked = (isStep: boolean): { evaluationPriority: EvaluationPriority } => {
    const { _sequenceId } = sequence as unknown as { readonly _sequenceId: number };
    return { evaluationPriority: batches.mark(_sequenceId, isStep) as EvaluationPriority };
  };
  const reset = async (): Promise<void> => {
    checkpoints.leave(0);
    await sequence.dispose();
    sequence = fresh();
  };
  const holds = (expected: readonly number[]): boolean => {
    const found = sequence.contextTokens;
    return found.length === expected.length && expected.every((token, at) => found[at] === token);
  };
  const reach = (keep: number): number => {
    if (keep >= sequence.nextTokenIndex) return sequence.nextTokenIndex;
    if (!sequence.needsCheckpoints) return keep;
    const positions = checkpoints.list().map(({ position }) => position);
    return Math.max(0, ...positions.filter((position) => position <= keep));
  };
  return {
    get length() {
      return sequence.nextTokenIndex;
    },
    get checkpoints() {
      return checkpoints.list();
    },
    shared: (tokens) => sequence.compareContextTokens(tokens as Token[]).firstDifferentIndex,
    reach,
    async rewind(keep) {
      if (keep >= sequence.nextTokenIndex) return sequence.nextTokenIndex;
      const target = reach(keep);
      checkpoints.leave(target);
      if (target === 0) await reset();
      else await sequence.adaptStateToTokens(sequence.contextTokens.slice(0, target), false);
      return sequence.nextTokenIndex;
    },
    read: (tokens) => sequence.evaluateWithoutGeneratingNewTokens(tokens as Token[], marked(false)),
    async *write(token, sampling, punish, grammar) {
      const { repeatPenalty } = sampling;
      const state = grammar?.start() as LlamaGrammarEvaluationState | undefined;
      const leave = batches.enter();
      try {
        yield* sequence.evaluate([token as Token], {
          ...marked(true),
          temperature: sampling.temperature,
          topP: sampling.topP,
          topK: sampling.topK,
          yieldEogToken: true,
          ...(state && { grammarEvaluationState: state }),
          ...(sampling.minP === undefined ? {} : { minP: sampling.minP }),
          // The library's own default is the second of the day: two answers would be the same.
          seed: sampling.seed ?? randomInt(2 ** 31),
          ...(repeatPenalty === undefined || repeatPenalty === 1
            ? {}
            : {
                repeatPenalty: { penalty: repeatPenalty, punishTokens: () => punish() as Token[] },
              }),
        });
      } finally {
        leave();
      }
    },
    checkpoint: (kind) => checkpoints.take(kind),
    drop: (position) => checkpoints.drop(position),
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
        if (holds(expected)) return true;
      } catch {
        // Refused by llama.cpp; what it has written by then goes with the sequence.
      }
      await reset();
      return false;
    },
    async saveAt(position, path) {
      await checkpoints.cutAt(position);
      return (await sequence.saveStateToFile(path)).fileSize;
    },
    async resume(path, expected) {
      try {
        // Its checkpoints are those of the state in the file, which loading leaves alone.
        await sequence.loadStateFromFile(path, { acceptRisk: true });
        if (holds(expected)) return true;
      } catch {
        // As in `load`.
      }
      await reset();
      return false;
    },
    dispose: () => sequence.dispose(),
  };
}
