import type { Clock, Log } from '../core/ports.ts';
import type { ChatPrompt, EngineLease, EngineProvider, Sampling } from '../engine/port.ts';
import type { Retriever } from '../documents/retrieve/index.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type {
  ErrorShape,
  Message,
  Settings,
  Source,
  TurnEvent,
  TurnStats,
} from '../ipc/contract/index.ts';
import type { StreamLog } from '../ipc/stream-log.ts';
import { getConversation, updateConversation } from '../storage/repositories/conversations.ts';
import {
  finishMessage,
  getMessage,
  pathTo,
  saveModel,
  saveSources,
  saveText,
  siblingsOf,
} from '../storage/repositories/messages.ts';
import { saveMessageTokens, tokensOf } from '../storage/repositories/message-tokens.ts';
import { roundsOf } from '../storage/repositories/message-steps.ts';
import type { Writer } from '../storage/sql.ts';
import { createBatcher } from './batch.ts';
import { checkSafely } from './check.ts';
import { askedWithin, earlierSources, findPassages } from './evidence.ts';
import { isFollowUp, isSmallTalk, keepSources, shapeFor, sourcesFrom } from './passages.ts';
import { createPace } from './pace.ts';
import { promptLimit } from './prompt-limit.ts';
import type { FittedPrompt } from './prompt.ts';
import { fitPrompt } from './prompt.ts';
import { citedOnly, fitWhole, readWholeSet, wholeSources } from './whole-document.ts';
import type { WholeSet } from './whole-document.ts';
import { beginSet, endSet } from './whole-read.ts';
import { joined, statsOf } from './stats.ts';
import { describeTools, offeredTools } from './tools/builtin.ts';
import type { ConsentDesk } from './tools/consent.ts';
import { createToolTurn } from './tools/rounds.ts';
import type { ToolTurn } from './tools/rounds.ts';

export interface TurnPorts {
  readonly db: Writer;
  readonly provider: EngineProvider;
  readonly retriever: Pick<Retriever, 'search' | 'searchable'>;
  readonly settings: { get(): Settings; set(values: Partial<Settings>): Settings };
  readonly consent: ConsentDesk;
  readonly clock: Clock;
  readonly log: Log;
  /** Takes the end of a turn that could not be written, to be tried again. */
  unsaved(job: TurnJob, save: () => void): void;
}

export interface TurnJob {
  readonly turnId: string;
  readonly conversationId: string;
  readonly questionId: string;
  readonly answerId: string;
  readonly events: StreamLog<TurnEvent>;
  readonly signal: AbortSignal;
  /** JSON Schema that the answer is held to. */
  readonly schema?: object;
  /** Resolves when the turn before it in the same conversation has ended. */
  readonly turn: Promise<void> | null;
  /**
   * Ends what else is read for the conversation; called once the model is lent, so that a load which
   * both wait for goes on.
   */
  readonly takeOver: () => Promise<void>;
}

/** Text reaches the database about this often, in milliseconds; a crash of CORE costs no more. */
const saveEveryMs = 1000;
/** Text leaves in batches of at least this many milliseconds. */
const batchMs = 20;
/** A second answer of the same model to the same question must be able to differ. */
const againTemperature = 0.5;

interface Written {
  text: string;
  sources: readonly Source[];
  stats: TurnStats | null;
  /** The answer's ids, once it has ended. */
  answer: { readonly vocabulary: string; readonly tokens: readonly number[] } | null;
  /** The documents held nothing to answer from; the model was not asked. */
  nothingFound: boolean;
  /** Documents that stood in the prompt as a whole. */
  whole: WholeSet | null;
}

/**
 * Runs one turn from the saved question to the last event. Never throws: whatever goes wrong ends
 * the turn as failed, with the text written so far kept.
 */
export async function runTurn(ports: TurnPorts, job: TurnJob): Promise<void> {
  const written: Written = {
    ...{ text: '', sources: [], stats: null, answer: null },
    nothingFound: false,
    whole: null,
  };
  let outcome: 'complete' | 'stopped' | 'failed' = 'complete';
  let error: ErrorShape | null = null;
  try {
    job.events.append({ type: 'queued', position: job.turn === null ? 0 : 1 });
    if (job.turn !== null) await job.turn;
    job.signal.throwIfAborted();
    await answer(ports, job, written);
    // Also where it was cancelled in the queue.
    if (job.signal.aborted || written.stats?.endReason === 'aborted') outcome = 'stopped';
  } catch (cause) {
    if (job.signal.aborted) {
      outcome = 'stopped';
    } else {
      outcome = 'failed';
      error = toErrorShape(cause);
      ports.log.warn('turn.failed', { turn: job.turnId, code: error.code });
    }
  }
  end(ports, job, written, outcome, error);
}

async function answer(ports: TurnPorts, job: TurnJob, written: Written): Promise<void> {
  const { db, provider, signal, events } = { ...ports, ...job };
  const path = pathTo(db, job.questionId);
  const conversation = askedWithin(getConversation(db, job.conversationId), path);
  const withDocuments = conversation.scope.kind !== 'none';
  const isWhole = withDocuments && conversation.use === 'whole';
  const whole = isWhole ? readWholeSet(db, conversation.scope) : null;
  const search = withDocuments && whole === null;
  const hits = search && !isWhole ? findPassages(ports.retriever, conversation.scope, path) : [];
  const before = search ? earlierSources(db, conversation, path) : [];
  const searched = ports.retriever.searchable(conversation.scope);
  const question = path.at(-1)?.text ?? '';
  const onlyBefore =
    hits.length === 0 && before.length > 0 && (isFollowUp(question) || isSmallTalk(question));
  const settings = ports.settings.get();
  const offered = job.schema ? [] : offeredTools(settings.tools, conversation.scope);
  const isEmpty = search && hits.length === 0 && !onlyBefore;
  // With tools it may still find something, or need no document at all.
  if (isEmpty && offered.length === 0 && !isSmallTalk(question)) {
    // Nothing to answer from: the model is not asked, so that it cannot invent. The window says so.
    events.append({ type: 'sources', sources: [], searched });
    written.nothingFound = true;
    return;
  }

  let told = -1;
  const askedAt = ports.clock.now();
  const lease = await provider.acquire(conversation.modelId, {
    signal,
    onLoading: (modelId, fraction) => {
      const percent = Math.floor(fraction * 100);
      if (percent === told) return;
      told = percent;
      events.append({ type: 'loading', modelId, fraction });
    },
  });
  // Nothing was told of a loading where the model was ready.
  const loadMs = told < 0 ? undefined : Math.max(0, ports.clock.now() - askedAt);
  const writer = path.findLast(({ role, modelId }) => role === 'assistant' && modelId !== null);
  const switchedFrom = writer?.modelId === lease.modelId ? undefined : writer?.modelName;
  try {
    await job.takeOver();
    saveModel(db, job.answerId, lease.modelId, lease.modelName);
    const limit = promptLimit({ ...lease, ...lease.engine.info }, settings);
    const found = onlyBefore ? before : keepSources(before, sourcesFrom(hits, shapeFor(limit)));
    const fitting = {
      systemPrompt: conversation.systemPrompt,
      path,
      limit,
      contextSize: lease.engine.info.contextSize,
      block: limit <= 2048 ? 2 : 8,
      answers: tokensOf(db, path, lease.engine.info.vocabulary),
      tools: describeTools(offered),
      rounds: roundsOf(
        db,
        path.map(({ id }) => id),
      ),
      model: { modelId: lease.modelId, vocabulary: lease.engine.info.vocabulary },
      count: (prompt: ChatPrompt) => lease.engine.countTokens(prompt),
    };
    const fitted =
      whole === null
        ? await fitPrompt({ ...fitting, sources: found })
        : await fitWhole(whole, fitting);
    if (whole !== null) {
      written.whole = whole;
      beginSet(ports, whole, job.conversationId);
    } else if (withDocuments) {
      written.sources = fitted.sources;
      saveSources(db, job.answerId, fitted.sources);
      events.append({ type: 'sources', sources: fitted.sources, searched });
    }
    const beside = {
      ...(loadMs !== undefined && { loadMs }),
      ...(switchedFrom && { switchedFrom }),
      ...(whole && { wholeDocuments: whole.documents.length }),
    };
    const { scope } = conversation;
    const tools = createToolTurn(ports, job, {
      ...{ lease, scope, offered, limit },
      sources: () => written.sources,
      onSources(added) {
        written.sources = [...written.sources, ...added];
        saveSources(db, job.answerId, written.sources);
        events.append({ type: 'sources', sources: written.sources, searched });
      },
    });
    await write(ports, job, { lease, fitted, settings, written, beside, tools });
    if (whole !== null) endSet(ports, whole, conversation, lease.modelId);
  } catch (cause) {
    // The process of a model that memory ran out for says less than is known of it.
    throw (await lease.explain?.(cause)) ?? cause;
  } finally {
    lease.release();
  }
}

async function write(
  ports: TurnPorts,
  job: TurnJob,
  turn: {
    readonly lease: EngineLease;
    readonly fitted: FittedPrompt;
    readonly settings: Settings;
    readonly written: Written;
    readonly beside: Pick<TurnStats, 'loadMs' | 'switchedFrom' | 'wholeDocuments'>;
    readonly tools: ToolTurn;
  },
): Promise<void> {
  const { db, clock, log } = ports;
  const { lease, fitted, settings, written, beside, tools } = turn;
  let savedAt = clock.now();
  const pace = createPace(clock);
  const progressOf = (event: Extract<TurnEvent, { type: 'reading' }>): TurnEvent => {
    const isWhole = written.whole !== null && event.kept * 2 < event.total;
    return isWhole ? { ...pace(event), isWhole } : pace(event);
  };
  const batcher = createBatcher(batchMs, clock, (text) => {
    written.text += text;
    job.events.append({ type: 'text', text });
    const passed = clock.now() - savedAt;
    // Less than nothing: the clock was set back, and text must not stay unsaved until it catches up.
    if (passed >= 0 && passed < saveEveryMs) return;
    savedAt = clock.now();
    try {
      saveText(db, job.answerId, written.text);
    } catch (cause) {
      // The end of the turn tries again and then reports; the text on screen must not suffer.
      log.warn('turn.save', { turn: job.turnId, code: toErrorShape(cause).code });
    }
  });
  const { engine } = lease;
  const one = async (prompt: ChatPrompt): Promise<void> => {
    let isBreak = written.text !== '';
    const answers = engine.generate(
      {
        sessionId: job.conversationId,
        prompt,
        sampling: sampling(db, job, lease, settings),
        maxTokens: settings.maxAnswerTokens,
        ...(written.whole && { documentSet: written.whole.id }),
        ...(job.schema && { format: { type: 'json', schema: job.schema } }),
      },
      job.signal,
    );
    for await (const event of answers) {
      if (event.type === 'text') {
        // What was written before a call and behind it are two paragraphs.
        if (isBreak) batcher.add('\n\n');
        isBreak = false;
        tools.text(event.text);
        batcher.add(event.text);
        continue;
      }
      batcher.flush();
      if (event.type === 'thinking') tools.thinking(event.text);
      else if (event.type === 'tool-call') tools.call(event.call);
      else if (event.type === 'end') {
        tools.ended(event);
        // Of one stretch without markup; others are kept by `tools`.
        const isPlain = written.stats === null && event.raw === undefined;
        const { vocabulary } = lease.engine.info;
        written.answer = isPlain ? { vocabulary, tokens: event.tokens } : null;
        const stats = { ...statsOf(event.stats, event.reason, fitted), ...beside };
        written.stats = joined(written.stats, stats);
        if (event.reason === 'context') {
          throw new AppError('context-full', 'the context is full', {
            detail: { contextSize: event.stats.contextSize },
          });
        }
      } else {
        job.events.append(event.type === 'reading' ? progressOf(event) : event);
      }
    }
  };
  try {
    let { prompt } = fitted;
    for (;;) {
      await one(prompt);
      const { messages } = prompt;
      const more = await tools.run((added) =>
        engine.countTokens({ ...prompt, messages: [...messages, ...added] }),
      );
      if (more === null) break;
      prompt = { ...prompt, messages: [...messages, ...more] };
    }
  } finally {
    batcher.flush();
    tools.close();
  }
}

function end(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
  outcome: 'complete' | 'stopped' | 'failed',
  error: ErrorShape | null,
): void {
  const save = (): Message => {
    const { sources, ...fields } = check(ports, job, written);
    return ports.db.transaction(() => {
      if (sources !== undefined) saveSources(ports.db, job.answerId, sources);
      const saved = getMessage(ports.db, job.answerId);
      finishMessage(ports.db, job.answerId, {
        text: written.text,
        status: outcome,
        error,
        stats: written.stats,
        ...fields,
      });
      if (written.text !== '' && written.answer !== null && written.answer.tokens.length > 0) {
        saveMessageTokens(ports.db, job.answerId, { ...written.answer, text: written.text });
      }
      updateConversation(ports.db, saved.conversationId, { updatedAt: ports.clock.now() });
      return getMessage(ports.db, job.answerId);
    });
  };
  try {
    const message = save();
    if (error !== null) job.events.append({ type: 'failed', error, message });
    else job.events.append({ type: outcome === 'stopped' ? 'stopped' : 'done', message });
  } catch (cause) {
    const shape = toErrorShape(cause);
    ports.log.error('turn.unsaved', { turn: job.turnId, code: shape.code });
    ports.unsaved(job, () => void save());
    job.events.append({ type: 'failed', error: shape, message: null });
  }
}

function check(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
): Pick<Message, 'claims' | 'support'> & { readonly sources?: readonly Source[] } {
  if (written.nothingFound) return { claims: [], support: 'not-in-documents' };
  const question = getMessage(ports.db, job.questionId).text;
  const isUnchecked = job.schema !== undefined || isSmallTalk(question);
  if (written.whole !== null && written.text !== '' && !isUnchecked) {
    const sources = wholeSources(ports.db, written.whole.documentIds);
    const { claims, support } = checkSafely(written.text, sources, question, ports.log);
    return { support, ...citedOnly(claims, sources) };
  }
  if (written.sources.length === 0 || written.text === '' || isUnchecked) {
    return { claims: [], support: null };
  }
  return checkSafely(written.text, written.sources, question, ports.log);
}

function sampling(db: Writer, job: TurnJob, lease: EngineLease, settings: Settings): Sampling {
  const { temperature, topP, topK } = settings;
  if (temperature > 0) return { temperature, topP, topK };
  const others = siblingsOf(db, getMessage(db, job.answerId)).filter(
    ({ id, modelId, text }) => id !== job.answerId && modelId === lease.modelId && text !== '',
  );
  return { temperature: others.length > 0 ? againTemperature : 0, topP, topK };
}
