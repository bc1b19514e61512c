import type { NativeContext, NativeModel } from '../../native/llama/binding.ts';
import { AppError } from '../ipc/app-error.ts';
import type { CheckpointKind } from './checkpoints.ts';
import { isWholeJson } from './grammar.ts';
import type { EndReason, EngineEvent, GenerateRequest, GenerateStats } from './port.ts';
import type { Scheduler, Ticket } from './scheduler.ts';
import type { Session } from './sessions.ts';
import type { Moved } from './moves.ts';
import type { EncodedPrompt } from './tokens.ts';
import type { AnswerProtocol, AnswerWriter } from './tool-calls-writer.ts';
import { createAnswerWriter } from './tool-calls-writer.ts';

/** What one answer needs of the engine around it. */
export interface RunContext {
  readonly model: NativeModel;
  readonly context: NativeContext;
  /** Brings the session near to the prompt without evaluating anything. */
  goTo(session: Session, prompt: EncodedPrompt, request: GenerateRequest): Promise<Moved>;
  /** The markup that this model's answers may hold. */
  readonly protocol: AnswerProtocol;
  /** Copies the session's state into memory, within the budget of the process. */
  checkpoint(session: Session, kind: CheckpointKind): Promise<void>;
  /** The run has read `read` tokens and stands where the first question will begin. */
  passBase(session: Session, read: number): Promise<void>;
  encode(request: GenerateRequest): EncodedPrompt;
  /** Thread count now in use. */
  readonly threads: number;
  /** One token took so long while so many answers were written, and no prompt was read in between. */
  onToken(milliseconds: number, answers: number): void;
  /** Milliseconds, steady. */
  now(): number;
  /** Who is evaluated next, and how much of a prompt at once. */
  readonly scheduler: Scheduler;
}

/** An answer shorter than this is none: longer prompts are refused. */
function promptLimit(contextSize: number): number {
  return contextSize - Math.min(32, Math.max(2, Math.floor(contextSize / 8)));
}

/**
 * Brings the session to the prompt and writes one answer. Every event goes to `emit`; the last one is
 * 'end'. When the signal aborts the end is told at once; the session is free when this resolves, which
 * is when the batch that is being evaluated is through and the answer's end is kept in memory. Throws
 * AppError 'prompt-too-long'.
 * @param begun When the request arrived, for the time to the first token.
 */
export async function runAnswer(
  run: RunContext,
  session: Session,
  request: GenerateRequest,
  signal: AbortSignal,
  emit: (event: EngineEvent) => void,
  begun: number,
): Promise<void> {
  const { context } = run;
  const prompt = run.encode(request);
  const total = prompt.tokens.length;
  const limit = promptLimit(context.contextSize);
  if (total > limit) {
    throw new AppError('prompt-too-long', 'the prompt does not fit into the context', {
      detail: { promptTokens: total, limit, contextSize: context.contextSize },
    });
  }

  // The last token is always evaluated again: its result is where the answer begins.
  const moved = await run.goTo(session, prompt, request);
  const { kept } = moved;
  const progress: Progress = {
    ...{ kept, from: moved.from },
    written: [],
    answerTokens: 0,
    seen: 0,
    firstAt: null,
    lastAt: null,
  };
  let hasEnded = false;
  const tell = (event: EngineEvent): void => {
    if (!hasEnded) emit(event);
  };
  const answer = createAnswerWriter(run.model, run.protocol, request.prompt, tell, run.now);
  const end = (reason: EndReason): void => {
    if (hasEnded) return;
    answer.end();
    const stats = statsOf(run, session, total, progress, begun);
    tell({ type: 'end', reason, stats, tokens: [...progress.written], ...answer.again });
    hasEnded = true;
  };
  const onAbort = (): void => end('aborted');
  const ticket = run.scheduler.enter(request.priority ?? 'interactive');
  try {
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    tell({ type: 'reading', done: kept, total, kept });
    const whole = await readPrompt({ run, session, prompt, moved, ticket, signal }, (done) =>
      tell({ type: 'reading', done, total, kept }),
    );
    if (!whole) return end('aborted');
    if (request.maxTokens <= 0) return end('length');
    end(await writeAnswer({ run, session, request, prompt, ticket, signal, answer, progress }));
    // Copying the state takes time, for which whoever reads the answer does not wait.
    const { length, checkpoints } = session.sequence;
    const isKept = isNear(length, checkpoints, atOnce);
    if (progress.seen > 0 && !isKept) await run.checkpoint(session, 'answer');
  } finally {
    signal.removeEventListener('abort', onAbort);
    ticket.leave();
  }
}

interface Progress {
  readonly kept: number;
  readonly from: Moved['from'];
  /** The answer's ids. */
  readonly written: number[];
  answerTokens: number;
  /** Tokens that came, an end token too. */
  seen: number;
  firstAt: number | null;
  lastAt: number | null;
}

/** llama.cpp's kernels for processors take so many tokens for little more than the price of one. */
const atOnce = 4;
/**
 * A checkpoint at most this many tokens before a question stands for one at its start: what is left of
 * `atOnce` tokens is read one by one, each for the price of a whole token, so that every stop between
 * costs up to three of them, besides the copy of the state.
 */
const nearTurn = 16;

/** Whether a checkpoint stands at most `most` tokens before a place. */
function isNear(
  place: number,
  checkpoints: readonly { readonly position: number }[],
  most: number,
): boolean {
  return checkpoints.some(({ position }) => position < place && place - position <= most);
}

/** Evaluates all but the last token, in chunks that end where a checkpoint is wanted. False = aborted. */
async function readPrompt(
  parts: {
    readonly run: RunContext;
    readonly session: Session;
    readonly prompt: EncodedPrompt;
    readonly moved: Moved;
    readonly ticket: Ticket;
    readonly signal: AbortSignal;
  },
  onProgress: (done: number) => void,
): Promise<boolean> {
  const { run, session, prompt, moved, ticket, signal } = parts;
  const { sequence } = session;
  const target = prompt.tokens.length - 1;
  const { turnStart } = prompt;
  // The end of the answer before is as good a place to come back to: only the question's header more is
  // read then, while stopping here costs every turn a quarter of its time (`nearTurn`).
  const onDisk = moved.from === 'disk' ? [{ position: moved.kept }] : [];
  const hasNear = isNear(turnStart, [...sequence.checkpoints, ...onDisk], nearTurn);
  const wanted: [position: number, kind: CheckpointKind][] = [
    [target, 'prompt'],
    ...(hasNear ? [] : [[turnStart, 'turn'] as [number, CheckpointKind]]),
    [prompt.baseEnd, 'base'],
  ];
  const kinds = new Map(wanted.filter(([position]) => position > 0 && position <= target));
  const begun = sequence.length;
  while (sequence.length < target) {
    const from = sequence.length;
    const stop = Math.min(...[...kinds.keys()].filter((position) => position > from), target);
    const hasRead = await ticket.read(stop - from, target - from, signal, (tokens) =>
      sequence.read(prompt.tokens.slice(from, from + tokens)),
    );
    if (!hasRead) return false;
    const kind = kinds.get(sequence.length);
    if (kind) await run.checkpoint(session, kind);
    if (sequence.length === prompt.baseEnd) await run.passBase(session, sequence.length - begun);
    onProgress(sequence.length);
  }
  return !signal.aborted;
}

async function writeAnswer(parts: {
  readonly run: RunContext;
  readonly session: Session;
  readonly request: GenerateRequest;
  readonly prompt: EncodedPrompt;
  readonly ticket: Ticket;
  readonly signal: AbortSignal;
  readonly answer: AnswerWriter;
  readonly progress: Progress;
}): Promise<EndReason> {
  const { run, session, request, prompt, ticket, signal, answer, progress } = parts;
  const { model, context, now, scheduler } = run;
  const { sequence } = session;
  const grammar = request.format && (await model.jsonGrammar(request.format.schema));
  const { written } = progress;
  const last = prompt.tokens.at(-1) as number;
  const punish = (): readonly number[] => [...prompt.tokens.slice(-64), ...written].slice(-64);
  let reason: EndReason = 'stop';
  let { chunks } = scheduler;
  try {
    if (!(await ticket.write(signal))) return 'aborted';
    for await (const token of sequence.write(last, request.sampling, punish, grammar)) {
      const at = now();
      if (progress.lastAt !== null && chunks === scheduler.chunks) {
        run.onToken(at - progress.lastAt, scheduler.writing);
      }
      ({ chunks } = scheduler);
      progress.firstAt ??= at;
      progress.lastAt = at;
      progress.seen += 1;
      if (signal.aborted) {
        reason = 'aborted';
        break;
      }
      if (model.isEnd(token)) break;
      written.push(token);
      progress.answerTokens = written.length;
      answer.push(token);
      if (grammar && isWholeJson(answer.raw)) break;
      if (written.length >= request.maxTokens) {
        reason = 'length';
        break;
      }
      // The next token would need a place that must stay free: a full context is shifted, and
      // shifting gives wrong states on hybrids.
      if (sequence.length >= context.contextSize - 1) {
        reason = 'context';
        break;
      }
      if (!(await ticket.write(signal))) {
        reason = 'aborted';
        break;
      }
    }
  } finally {
    answer.end();
  }
  return reason;
}

function statsOf(
  run: RunContext,
  session: Session,
  promptTokens: number,
  progress: Progress,
  begun: number,
): GenerateStats {
  const { kept, from, answerTokens, seen, firstAt, lastAt } = progress;
  const writing = firstAt === null || lastAt === null ? 0 : lastAt - firstAt;
  const used = session.sequence.length;
  return {
    promptTokens,
    keptTokens: kept,
    keptFrom: from,
    readTokens: Math.max(0, Math.min(used, promptTokens) - kept),
    answerTokens,
    firstTokenMs: firstAt === null ? null : firstAt - begun,
    tokensPerSecond: writing > 0 ? ((seen - 1) * 1000) / writing : null,
    contextUsed: used,
    contextSize: run.context.contextSize,
    threads: run.threads,
  };
}
