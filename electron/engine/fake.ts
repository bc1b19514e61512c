import { AppError } from '../ipc/app-error.ts';
import type { ErrorCode, ErrorDetail } from '../ipc/contract/index.ts';
import type {
  ChatPrompt,
  Engine,
  EngineEvent,
  EngineExit,
  EngineLauncher,
  EngineMemory,
  GenerateRequest,
  GenerateStats,
  LoadRequest,
  SaveStatesRequest,
  WrittenCall,
} from './port.ts';

/** Text, or text with reasoning and calls, in their order. */
export type FakeAnswer = string | readonly FakePart[];
export type FakePart = string | { readonly thinking: string } | { readonly call: WrittenCall };

/** How a fake engine behaves. Every field may be changed between calls. */
export interface FakeScript {
  /** The answer to a prompt; without it the last user message comes back behind "Echo: ". */
  answer?: FakeAnswer | ((request: GenerateRequest) => FakeAnswer);
  /** Pause before each piece of text, in milliseconds. 0 = none. */
  pieceMs?: number;
  /** Pause of a load, in milliseconds. */
  loadMs?: number;
  /** `launch` throws this. */
  loadError?: { code: ErrorCode; detail?: ErrorDetail };
  /** The process "dies" with SIGKILL after this many pieces of an answer. */
  crashAfterPieces?: number;
  /** `generate` throws 'prompt-too-long' above this many words. */
  promptLimit?: number;
  memory?: Partial<EngineMemory>;
  /** What saving states does and how many bytes it tells; nothing and 0 if not given. */
  saveStates?: (request: LoadRequest) => Promise<number>;
  /** What setting the budget of states does and how many bytes it tells; nothing and 0 if not given. */
  resizeStates?: (request: LoadRequest, budget: number) => Promise<number>;
}

export interface FakeEngine extends Engine {
  readonly request: LoadRequest;
  /** The requests of all `generate` calls, oldest first. */
  readonly generated: readonly GenerateRequest[];
  readonly forgotten: readonly string[];
  /** What `saveStates` was asked for, oldest first. */
  readonly saves: readonly SaveStatesRequest[];
  /** Budgets that `resizeStates` was called with, oldest first. */
  readonly stateBudgets: readonly number[];
  /** Budgets that `trim` was called with, oldest first. */
  readonly trims: readonly number[];
  readonly closed: boolean;
  /** Ends the engine as a crash would: running answers throw 'engine-crashed'. */
  crash(signal?: string): void;
}

export interface FakeLauncher extends EngineLauncher {
  readonly script: FakeScript;
  /** Every engine that was ever launched, oldest first. */
  readonly engines: readonly FakeEngine[];
  /** Every request that `launch` got, failed ones too. */
  readonly launches: readonly LoadRequest[];
}

/**
 * An engine without llama.cpp for tests of features. Deterministic: the answer is split into words
 * and each word is one token and one 'text' event; a prompt has as many tokens as `render` has words,
 * and a session keeps the words it shares with its last prompt and answer.
 */
export function createFakeLauncher(script: FakeScript = {}): FakeLauncher {
  const engines: FakeEngine[] = [];
  const launches: LoadRequest[] = [];
  return {
    script,
    engines,
    launches,
    async launch(request, options = {}) {
      launches.push(request);
      const { signal, onProgress } = options;
      for (const fraction of [0, 0.5, 1]) {
        if (signal?.aborted) throw new AppError('cancelled', 'load cancelled');
        onProgress?.(fraction);
        await pause((script.loadMs ?? 0) / 3, signal);
      }
      if (signal?.aborted) throw new AppError('cancelled', 'load cancelled');
      if (script.loadError) {
        const { code, detail } = script.loadError;
        throw new AppError(code, `fake load failure: ${code}`, detail ? { detail } : {});
      }
      const engine = createFakeEngine(script, request, 40_000 + engines.length);
      engines.push(engine);
      return engine;
    },
  };
}

function createFakeEngine(script: FakeScript, request: LoadRequest, pid: number): FakeEngine {
  const generated: GenerateRequest[] = [];
  const forgotten: string[] = [];
  const trims: number[] = [];
  const saves: SaveStatesRequest[] = [];
  const stateBudgets: number[] = [];
  const sessions = new Map<string, readonly string[]>();
  const listeners = new Set<(exit: EngineExit) => void>();
  const gone = new AbortController();
  const running = new Set<string>();
  let answers = 0;
  let closed = false;

  const end = (exit: EngineExit): void => {
    if (closed) return;
    closed = true;
    gone.abort();
    for (const listener of [...listeners]) listener(exit);
    listeners.clear();
  };
  const assertAlive = (): void => {
    if (closed) throw new AppError('engine-crashed', 'the engine process is gone');
  };

  async function* generate(
    generateRequest: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<EngineEvent> {
    assertAlive();
    generated.push(generateRequest);
    running.add(generateRequest.sessionId);
    const promptWords = words(renderFake(generateRequest.prompt));
    const limit = Math.min(script.promptLimit ?? Infinity, request.contextSize - 1);
    if (promptWords.length > limit) {
      throw new AppError('prompt-too-long', 'the prompt is longer than the context', {
        detail: { promptTokens: promptWords.length, limit },
      });
    }
    const kept = sharedPrefix(sessions.get(generateRequest.sessionId) ?? [], promptWords);
    yield { type: 'reading', done: kept, total: promptWords.length, kept };
    yield { type: 'reading', done: promptWords.length, total: promptWords.length, kept };

    const parts = answerOf(script, generateRequest);
    const pieces = piecesOf(parts);
    const raw = parts.map(markup).join('');
    const written: string[] = [];
    const stats = (): GenerateStats => ({
      promptTokens: promptWords.length,
      keptTokens: kept,
      readTokens: promptWords.length - kept,
      keptFrom: kept > 0 ? 'memory' : 'none',
      answerTokens: written.length,
      firstTokenMs: written.length > 0 ? 1 : null,
      tokensPerSecond: written.length > 1 ? 1000 : null,
      contextUsed: promptWords.length + written.length,
      contextSize: request.contextSize,
      threads: request.threads ?? 1,
    });
    let reason: 'stop' | 'length' | 'context' | 'aborted' = 'stop';
    if (generateRequest.maxTokens <= 0) reason = 'length';
    for (const piece of generateRequest.maxTokens <= 0 ? [] : pieces) {
      if (script.pieceMs) await pause(script.pieceMs, AbortSignal.any([signal, gone.signal]));
      if (script.crashAfterPieces !== undefined && written.length >= script.crashAfterPieces) {
        end({ code: null, signal: 'SIGKILL', expected: false });
      }
      assertAlive();
      if (signal.aborted) {
        reason = 'aborted';
        break;
      }
      if (written.length >= generateRequest.maxTokens) {
        reason = 'length';
        break;
      }
      if (promptWords.length + written.length >= request.contextSize - 1) {
        reason = 'context';
        break;
      }
      written.push(typeof piece === 'string' ? piece.trim() : 'call');
      if (typeof piece === 'string') yield { type: 'text', text: piece };
      else if ('call' in piece) yield { type: 'tool-call', call: piece.call };
      else yield { type: 'thinking', text: piece.thinking };
    }
    if (signal.aborted) reason = 'aborted';
    const held = parts.some((part) => typeof part !== 'string') ? words(raw) : written;
    sessions.set(generateRequest.sessionId, [...promptWords, ...held]);
    running.delete(generateRequest.sessionId);
    answers += 1;
    const isMarked = parts.some((part) => typeof part !== 'string');
    const tokens = isMarked ? [] : written.map(idOf);
    yield { type: 'end', reason, stats: stats(), tokens, ...(isMarked && { raw }) };
  }

  return {
    request,
    generated,
    forgotten,
    saves,
    stateBudgets,
    trims,
    get closed() {
      return closed;
    },
    info: {
      pid,
      contextSize: request.contextSize,
      sessions: request.sessions,
      threads: request.threads ?? 1,
      threadTimings: request.threads === null ? [{ threads: 1, msPerToken: 1 }] : [],
      backend: 'cpu',
      engineVersion: 'fake',
      vocabulary: 'fake',
      loadMs: script.loadMs ?? 0,
    },
    generate,
    async render(prompt) {
      assertAlive();
      return renderFake(prompt);
    },
    async countTokens(prompt) {
      assertAlive();
      return words(renderFake(prompt)).length;
    },
    async memory() {
      assertAlive();
      return {
        pid,
        resident: 60_000_000,
        proportional: 55_000_000,
        privateBytes: 50_000_000,
        swapped: 0,
        footprint: null,
        commit: null,
        weights: 10_000_000,
        weightParts: { mapped: 0, read: 10_000_000, repacked: 0, device: 0 },
        kv: 4_000_000,
        recurrent: 1_000_000,
        compute: 3_000_000,
        output: 100_000,
        checkpoints: 0,
        process: 40_000_000,
        kvType: request.kvType ?? 'f16',
        devices: [],
        answers,
        sessions: [...sessions].map(([sessionId, held]) => ({
          sessionId,
          isRunning: running.has(sessionId),
          tokens: held.length,
          checkpoints: [],
          lastUsedAt: 0,
        })),
        ...script.memory,
      };
    },
    async forget(sessionId) {
      assertAlive();
      forgotten.push(sessionId);
      sessions.delete(sessionId);
    },
    async trim(checkpointBudget) {
      assertAlive();
      trims.push(checkpointBudget);
      return 0;
    },
    async saveStates(saveRequest) {
      assertAlive();
      saves.push(saveRequest);
      return (await script.saveStates?.(request)) ?? 0;
    },
    async resizeStates(budget) {
      assertAlive();
      stateBudgets.push(budget);
      return (await script.resizeStates?.(request, budget)) ?? 0;
    },
    onExit(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      end({ code: 0, signal: null, expected: true });
    },
    crash(signal = 'SIGKILL') {
      end({ code: null, signal, expected: false });
    },
  };
}

function answerOf(script: FakeScript, request: GenerateRequest): readonly FakePart[] {
  const { answer } = script;
  const given = typeof answer === 'function' ? answer(request) : answer;
  if (given !== undefined) return typeof given === 'string' ? [given] : given;
  const last = request.prompt.messages.findLast((message) => message.role === 'user');
  return [`Echo: ${last?.content ?? ''}`];
}

/** What one event each is made of: words of texts, whole calls. */
function piecesOf(parts: readonly FakePart[]): FakePart[] {
  const split = (text: string): string[] => text.match(/\S+\s*/g) ?? [];
  return parts.flatMap((part): FakePart[] => {
    if (typeof part === 'string') return split(part);
    return 'call' in part ? [part] : split(part.thinking).map((thinking) => ({ thinking }));
  });
}

function markup(part: FakePart): string {
  if (typeof part === 'string') return part;
  if ('thinking' in part) return `<think>${part.thinking}</think> `;
  const { call } = part;
  return `<tool_call>${'name' in call ? JSON.stringify(call) : call.text}</tool_call>`;
}

function renderFake(prompt: ChatPrompt): string {
  const lines = [
    ...(prompt.documents ?? []).map((document) => `document: ${JSON.stringify(document)}`),
    ...(prompt.tools ?? []).map((tool) => `tool: ${JSON.stringify(tool)}`),
    ...prompt.messages.map(({ role, content, tool_calls: calls = [] }) =>
      [`${role}: ${content}`, ...calls.map((call) => JSON.stringify(call.function))].join(' '),
    ),
    'assistant: ',
  ];
  return lines.join('\n');
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Some number for a word. */
function idOf(word: string): number {
  let id = 0;
  for (const letter of word) id = (id * 31 + (letter.codePointAt(0) as number)) % 100_000;
  return id;
}

function sharedPrefix(before: readonly string[], now: readonly string[]): number {
  let count = 0;
  while (count < before.length && count < now.length && before[count] === now[count]) count += 1;
  return Math.min(count, Math.max(0, now.length - 1));
}

/** Resolves after the pause, or as soon as the signal aborts. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
