import type { NativeContext, NativeModel } from '../../native/llama/binding.ts';
import { AppError } from '../ipc/app-error.ts';
import { createTextBatcher, createTextStream } from './answer.ts';
import type { CheckpointKind } from './checkpoints.ts';
import type { EndReason, EngineEvent, GenerateRequest, GenerateStats } from './port.ts';
import type { Session } from './sessions.ts';
import type { Moved } from './moves.ts';
import type { EncodedPrompt } from './tokens.ts';

/** What one answer needs of the engine around it. */
export interface RunContext {
  readonly model: NativeModel;
  readonly context: NativeContext;
  /** Brings the session near to the prompt without evaluating anything. */
  goTo(session: Session, prompt: EncodedPrompt, request: GenerateRequest): Promise<Moved>;
  /** Copies the session's state into memory, within the budget of the process. */
  checkpoint(session: Session, kind: CheckpointKind): Promise<void>;
  /** The run has read `read` tokens and stands where the first question will begin. */
  passBase(session: Session, read: number): Promise<void>;
  encode(request: GenerateRequest): EncodedPrompt;
  /** Thread count now in use. */
  readonly threads: number;
  /** One token of an answer took so long. */
  onToken(milliseconds: number): void;
  /** Milliseconds, steady. */
  now(): number;
  /** Tokens evaluated between two looks at the signal. */
  readonly chunk: number;
}

/** An answer shorter than this is none: longer prompts are refused. */
function promptLimit(contextSize: number): number {
  return contextSize - Math.min(32, Math.max(2, Math.floor(contextSize / 8)));
}

/**
 * Brings the session to the prompt and writes one answer. Every event goes to `emit`; the last one is
 * 'end'. Throws AppError 'prompt-too-long'.
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
  const end = (reason: EndReason): void =>
    emit({
      type: 'end',
      reason,
      stats: statsOf(run, session, total, progress, begun),
      tokens: progress.written,
    });

  emit({ type: 'reading', done: kept, total, kept });
  const whole = await readPrompt(run, session, prompt, signal, (done) =>
    emit({ type: 'reading', done, total, kept }),
  );
  if (!whole) {
    end('aborted');
    return;
  }
  const reason = await writeAnswer(run, session, request, prompt, signal, emit, progress);
  end(reason);
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

/** Evaluates all but the last token, in chunks that end where a checkpoint is wanted. False = aborted. */
async function readPrompt(
  run: RunContext,
  session: Session,
  prompt: EncodedPrompt,
  signal: AbortSignal,
  onProgress: (done: number) => void,
): Promise<boolean> {
  const { sequence } = session;
  const target = prompt.tokens.length - 1;
  const wanted: [position: number, kind: CheckpointKind][] = [
    [target, 'prompt'],
    [prompt.turnStart, 'turn'],
    [prompt.baseEnd, 'base'],
  ];
  const kinds = new Map(wanted.filter(([position]) => position > 0 && position <= target));
  const begun = sequence.length;
  while (sequence.length < target) {
    if (signal.aborted) return false;
    const from = sequence.length;
    const stop = Math.min(
      from + run.chunk,
      ...[...kinds.keys()].filter((position) => position > from),
      target,
    );
    await sequence.read(prompt.tokens.slice(from, stop));
    const kind = kinds.get(stop);
    if (kind) await run.checkpoint(session, kind);
    if (stop === prompt.baseEnd) await run.passBase(session, stop - begun);
    onProgress(stop);
  }
  return !signal.aborted;
}

async function writeAnswer(
  run: RunContext,
  session: Session,
  request: GenerateRequest,
  prompt: EncodedPrompt,
  signal: AbortSignal,
  emit: (event: EngineEvent) => void,
  progress: Progress,
): Promise<EndReason> {
  const { model, context, now } = run;
  const { sequence } = session;
  const stream = createTextStream(model);
  const batch = createTextBatcher(emit, now);
  const { written } = progress;
  const last = prompt.tokens.at(-1) as number;
  const punish = (): readonly number[] => [...prompt.tokens.slice(-64), ...written].slice(-64);
  let reason: EndReason = 'stop';
  try {
    for await (const token of sequence.write(last, request.sampling, punish)) {
      const at = now();
      if (progress.lastAt !== null) run.onToken(at - progress.lastAt);
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
      batch.push(stream.push(token));
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
    }
  } finally {
    batch.flush();
  }
  await run.checkpoint(session, 'answer');
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
