import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { NativeContext, NativeLlama, NativeModel } from '../../native/llama/binding.ts';
import { hashVocabulary } from '../../native/llama/gguf-probe.ts';
import type { GgufProbe } from '../../native/llama/gguf-probe.ts';
import { AppError } from '../ipc/app-error.ts';
import { createCheckpointRoom } from './checkpoint-room.ts';
import { keeperFor, openStates } from './keep-states.ts';
import {
  failedToLoad,
  loadModel,
  probeModel,
  requireArchitecture,
  requireMemory,
  startLlama,
} from './load.ts';
import { createMemoryMeter } from './measure.ts';
import { goTo } from './moves.ts';
import type {
  ChatPrompt,
  EngineEvent,
  EngineInfo,
  EngineMemory,
  EvaluatedTokens,
  GenerateRequest,
  LoadRequest,
  SaveStatesRequest,
} from './port.ts';
import type { RunContext } from './run.ts';
import { runAnswer } from './run.ts';
import { createScheduler } from './scheduler.ts';
import type { Session, SessionPool } from './sessions.ts';
import { createSessionPool } from './sessions.ts';
import type { OpenStateStore } from './states/store.ts';
import type { ChatTemplate } from './template.ts';
import { compileTemplate } from './template.ts';
import { rememberTokens } from './token-cache.ts';
import { protocolOf } from './tool-calls-writer.ts';
import { countPrompt, encodePrompt } from './tokens.ts';
import type { EncodedPrompt } from './tokens.ts';
import { createThreadGovernor, measureReading, tuneThreads } from './tune.ts';

/** One loaded model with its conversations: all that an ENGINE process does. */
export interface EngineHost {
  readonly info: EngineInfo;
  generate(
    request: GenerateRequest,
    signal: AbortSignal,
    emit: (event: EngineEvent) => void,
  ): Promise<void>;
  render(prompt: ChatPrompt): string;
  countTokens(prompt: ChatPrompt): number;
  memory(): Promise<EngineMemory>;
  forget(sessionId: string): Promise<void>;
  /** See `Engine.trim`. */
  trim(checkpointBudget: number): number;
  /** See `Engine.saveStates`. */
  saveStates(request: SaveStatesRequest): Promise<number>;
  /** See `Engine.resizeStates`. */
  resizeStates(budget: number): Promise<number>;
  /** See `Engine.trace`. */
  trace(): readonly (readonly EvaluatedTokens[])[];
  /** Keeps what the last answers have left, within `limitMs`, and gives everything back. */
  close(limitMs: number): Promise<void>;
}

/**
 * Tokens of a chunk at most. On a CPU 128 are read as fast per token as 512 (engine.md §6), and memory
 * is predicted for so many (memory/estimate.ts); a GPU wants the whole batch.
 */
const mostChunk = { cpu: 128, gpu: 512 };

interface Reading {
  readonly chunk: number;
  readonly measured: number;
  readonly msPerToken: number;
}

/** Tokens read before the first question from which on keeping them costs nothing beside reading them. */
const worthPassing = 512;

/**
 * Tokens from which on a new conversation takes over the sequence of one at rest that begins like it, in place of
 * loading them from disk. The other one is loaded when somebody goes back to it.
 */
const worthTaking = 256;

/** Loads a model. Throws the AppErrors that `EngineLauncher.launch` names. */
export async function openEngine(
  request: LoadRequest,
  onProgress: (fraction: number) => void,
): Promise<EngineHost> {
  const begun = performance.now();
  const probe = await probeModel(request.modelPath);
  const llama = await startLlama(request);
  requireArchitecture(probe, llama);
  await requireMemory(probe, request, llama);
  const bare = process.memoryUsage.rss();
  const model = await loadModel(llama, probe, request, onProgress);
  const template = templateOf(probe, model);
  const most = request.threads ?? llama.cores;
  llama.threads = most;
  const context = await model
    .context({
      contextSize: request.contextSize,
      sequences: request.sessions,
      threads: most,
      kvType: request.kvType ?? 'f16',
      flashAttention: request.flashAttention ?? true,
    })
    .catch(async (error: unknown) => {
      throw await failedToLoad(error, probe, request, llama, true);
    });
  const tuned = await chooseThreads(request, llama, context);
  const mostAtOnce = llama.onProcessor ? mostChunk.cpu : mostChunk.gpu;
  const reading = await chooseChunk(request, context, mostAtOnce);
  // What was measured is no conversation's.
  context.trace();
  const info: EngineInfo = {
    pid: process.pid,
    contextSize: context.contextSize,
    sessions: request.sessions,
    threads: tuned.threads,
    threadTimings: tuned.timings,
    backend: llama.backend,
    engineVersion: llama.version,
    vocabulary: await hashVocabulary(request.modelPath, probe),
    loadMs: performance.now() - begun,
    readChunk: reading.chunk,
    readChunkMeasured: reading.measured,
    flashAttention: request.flashAttention ?? true,
    gpuLayers: model.gpuLayers,
  };
  // Without them conversations are read again: no reason not to load.
  const states = await openStates(request, info, context).catch(() => null);
  const parts = { request, probe, llama, model, template, context, info, bare, states };
  return createHost({ ...parts, reading });
}

interface Parts {
  readonly request: LoadRequest;
  readonly probe: GgufProbe;
  readonly llama: NativeLlama;
  readonly model: NativeModel;
  readonly template: ChatTemplate;
  readonly context: NativeContext;
  readonly info: EngineInfo;
  readonly states: OpenStateStore | null;
  readonly reading: Reading;
  /** Resident memory before the model. */
  readonly bare: number;
}

function createHost(parts: Parts): EngineHost {
  const { request, llama, model, template, context, info, states, reading } = parts;
  const now = (): number => performance.now();
  const pool: SessionPool = createSessionPool(
    request.sessions,
    () => context.sequence(),
    async (session) => disk?.keeper.keepEnd(session, 1),
    now,
    (session) => disk?.keeper.isKept(session) ?? false,
  );
  const disk = states && { store: states, keeper: keeperFor({ ...parts, pool, store: states }) };
  const tokenizer = rememberTokens(model);
  const governor = createThreadGovernor(info.threads);
  const scheduler = createScheduler({ alone: reading.chunk, msPerToken: reading.msPerToken, now });
  const room = createCheckpointRoom(pool, {
    recurrent: parts.probe.shape?.recurrentBytes ?? 0,
    budget: request.checkpointBudget,
  });
  const meter = createMemoryMeter({ ...parts, pool });
  /** Answers whose end is told, while what they leave is copied: they can be kept a moment later. */
  const ending = new Set<Promise<void>>();
  const encoded = new WeakMap<GenerateRequest, EncodedPrompt>();
  const encode = (generate: GenerateRequest): EncodedPrompt => {
    const prompt = encoded.get(generate) ?? encodePrompt(generate.prompt, template, tokenizer);
    encoded.set(generate, prompt);
    return prompt;
  };
  /** Tokens of another conversation that this one would go on from, 0 = not worth taking them from it. */
  const inherits = ({ sequence }: Session, generate: GenerateRequest): number => {
    const { tokens } = encode(generate);
    const most = tokens.length - 1;
    const inMemory = sequence.reach(Math.min(sequence.shared(tokens), most));
    // Where most of it is the other one's own, going back to that would cost more than is saved.
    if (inMemory < worthTaking || 2 * inMemory < sequence.length) return 0;
    const onDisk = disk?.store.find(tokens, most)?.position ?? 0;
    return onDisk > inMemory ? 0 : inMemory;
  };
  const run: RunContext = {
    model,
    context,
    protocol: protocolOf(parts.probe.template ?? '', template),
    scheduler,
    now,
    encode,
    async goTo(session, prompt, { documentSet = null }) {
      session.lineage.documentSet = documentSet;
      const most = prompt.tokens.length - 1;
      const moved = await goTo(session, prompt.tokens, most, disk);
      if (moved.from === 'disk') {
        const kind = moved.kept === most ? 'prompt' : moved.kept === prompt.baseEnd ? 'base' : null;
        const isShared = kind === 'base' && documentSet !== null;
        // Any other place is gone back to seldom, and is on disk: a copy would cost the first token as much as loading.
        const isWorth = kind === 'prompt' || isShared || disk?.keeper.isRoomy !== true;
        if (isWorth) await run.checkpoint(session, kind ?? 'answer');
      }
      const { from } = session.lineage;
      if (documentSet !== null && from?.shared === prompt.baseEnd) {
        // The beginning of a longer one gets no owner: what was asked would live as long as the documents.
        void disk?.store.touch({ ...from.ref, position: from.shared }, documentSet);
      }
      return moved;
    },
    async passBase(session, read) {
      const isDocument = session.lineage.documentSet !== null;
      if (!isDocument && read < worthPassing) return;
      await disk?.keeper.passed(session, isDocument ? 'document' : 'base');
    },
    async checkpoint(session, kind) {
      if (context.needsCheckpoints) await room.keep(session, kind);
    },
    get threads() {
      return llama.threads;
    },
    onToken(milliseconds, answers) {
      const threads = governor.observe(milliseconds, answers);
      if (threads !== llama.threads) llama.threads = threads;
    },
  };
  return {
    info,
    async generate(generate, signal, emit) {
      const begun = now();
      const giveWay = new AbortController();
      const isPassing = generate.priority === 'background' || generate.purpose !== undefined;
      const takesKept = generate.purpose?.kind === 'rewrite';
      const stop = isPassing ? AbortSignal.any([signal, giveWay.signal]) : signal;
      let place: Awaited<ReturnType<SessionPool['acquire']>>;
      try {
        place = await pool.acquire(
          generate.sessionId,
          signal,
          (position) => emit({ type: 'queued', position }),
          isPassing ? { giveWay: () => giveWay.abort(), takesKept } : undefined,
          isPassing ? undefined : (from) => inherits(from, generate),
        );
      } catch (error) {
        if (!signal.aborted) throw error;
        emit(neverStarted(context, llama));
        return;
      }
      let over = (): void => {};
      const isOver = new Promise<void>((resolve) => (over = resolve));
      const tell = (event: EngineEvent): void => {
        if (event.type === 'end') ending.add(isOver);
        emit(event);
      };
      try {
        await runAnswer(run, place.session, generate, stop, tell, begun);
      } catch (error) {
        // After a failed evaluation nobody knows what the state holds.
        if (!(error instanceof AppError)) await pool.forget(generate.sessionId);
        throw error;
      } finally {
        meter.answered(generate.sessionId);
        place.release();
        disk?.keeper.ended(place.session);
        ending.delete(isOver);
        over();
      }
    },
    render: (prompt) => template.render(prompt),
    countTokens: (prompt) => countPrompt(prompt, template, tokenizer),
    async memory() {
      await Promise.all(ending);
      return meter.read();
    },
    async forget(sessionId) {
      disk?.keeper.forget(sessionId);
      await Promise.all([pool.forget(sessionId), disk?.store.disown(sessionId)]);
    },
    trim: (checkpointBudget) => room.resize(checkpointBudget),
    async saveStates(asked) {
      if (ending.size > 0) await Promise.race([Promise.all(ending), delay(asked.limitMs)]);
      return disk?.keeper.flush(asked) ?? 0;
    },
    resizeStates: async (next) => disk?.store.resize(next) ?? 0,
    trace: () => context.trace(),
    async close(limitMs) {
      const keep = async (): Promise<void> => {
        if (disk === null) return;
        await disk.keeper.flush({ budget: Infinity, limitMs: limitMs / 2, checkpoints: true });
        await disk.keeper.close();
        await disk.store.close();
      };
      await Promise.race([keep().catch(() => {}), delay(limitMs)]);
      await llama.dispose();
    },
  };
}

function neverStarted(context: NativeContext, llama: NativeLlama): EngineEvent {
  return {
    type: 'end',
    reason: 'aborted',
    tokens: [],
    stats: {
      promptTokens: 0,
      keptTokens: 0,
      keptFrom: 'none',
      readTokens: 0,
      answerTokens: 0,
      firstTokenMs: null,
      tokensPerSecond: null,
      contextUsed: 0,
      contextSize: context.contextSize,
      threads: llama.threads,
    },
  };
}

async function chooseThreads(
  request: LoadRequest,
  llama: NativeLlama,
  context: NativeContext,
): Promise<Awaited<ReturnType<typeof tuneThreads>>> {
  if (request.threads !== null) return { threads: request.threads, timings: [] };
  const sequence = context.sequence();
  try {
    return await tuneThreads({
      cores: llama.cores,
      now: () => performance.now(),
      use: (threads) => {
        llama.threads = threads;
      },
      step: async () => {
        if (sequence.length >= context.contextSize - 2) await sequence.rewind(0);
        await sequence.read([1]);
      },
    });
  } finally {
    await sequence.dispose();
  }
}

/** In a sequence of its own, on the threads that were chosen. */
async function chooseChunk(
  { readChunk }: LoadRequest,
  context: NativeContext,
  mostAtOnce: number,
): Promise<Reading> {
  const sequence = context.sequence();
  try {
    const measured = await measureReading({
      now: () => performance.now(),
      most: Math.min(mostAtOnce, context.contextSize - 2),
      read: async (tokens) => {
        await sequence.rewind(0);
        await sequence.read(Array.from({ length: tokens }, () => 1));
      },
    });
    return { ...measured, chunk: readChunk ?? measured.chunk, measured: measured.chunk };
  } finally {
    await sequence.dispose();
  }
}

function templateOf(probe: GgufProbe, model: NativeModel): ChatTemplate {
  if (probe.template === null) {
    throw new AppError('model-load-failed', 'the model has no chat template');
  }
  try {
    return compileTemplate(probe.template, { bos: model.bosText, eos: model.eosText });
  } catch (error) {
    throw new AppError('model-load-failed', 'the chat template cannot be read', { cause: error });
  }
}
