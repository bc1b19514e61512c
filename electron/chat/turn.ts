import type { Clock, Log } from '../core/ports.ts';
import type { ChatPrompt, EngineLease, EngineProvider } from '../engine/port.ts';
import type { Finder } from '../documents/retrieve/fused.ts';
import type { RetrievedPassage } from '../documents/retrieve/index.ts';
import { toErrorShape } from '../ipc/app-error.ts';
import type {
  AnswerMode,
  ErrorShape,
  Message,
  ModeChoice,
  Settings,
  Source,
  TurnEvent,
  TurnStats,
} from '../ipc/contract/index.ts';
import type { StreamLog } from '../ipc/stream-log.ts';
import { getConversation, updateConversation } from '../storage/repositories/conversations.ts';
import type { ConversationRecord } from '../storage/repositories/conversations.ts';
import {
  finishMessage,
  getMessage,
  pathTo,
  saveFacts,
  saveSources,
} from '../storage/repositories/messages.ts';
import { saveMessageTokens, tokensOf } from '../storage/repositories/message-tokens.ts';
import { roundsOf } from '../storage/repositories/message-steps.ts';
import type { Writer } from '../storage/sql.ts';
import { prepareAcross } from './across/index.ts';
import { checkWritten, readParaphrases } from './check.ts';
import { evidenceOf } from './answerable.ts';
import {
  askedWithin,
  earlierSources,
  findPassages,
  standingBefore,
  withoutMentions,
} from './evidence.ts';
import { anew, layOut } from './layout.ts';
import type { LaidOut } from './layout.ts';
import { leftOutOf } from './left-out.ts';
import { lendTo } from './lending.ts';
import type { Lending } from './lending.ts';
import { chooseFor } from './modes/evidence.ts';
import {
  isFollowUp,
  isSmallTalk,
  keepSources,
  searchQuery,
  shapeFor,
  sourcesFrom,
} from './passages.ts';
import type { TextSimilarity } from '../documents/retrieve/fused.ts';
import { promptLimit } from './prompt-limit.ts';
import type { Rewriting, SearchedWith } from './rewrite/index.ts';
import { fitPrompt } from './prompt.ts';
import { fitWhole, readWholeSet } from './whole-document.ts';
import type { WholeSet } from './whole-document.ts';
import { beginSet, endSet } from './whole-read.ts';
import { describeTools, offeredTools } from './tools/builtin.ts';
import type { ConsentDesk } from './tools/consent.ts';
import { createToolTurn } from './tools/rounds.ts';
import { write } from './writing.ts';
import { nothingWritten } from './written.ts';
import type { Written } from './written.ts';

export interface TurnPorts {
  readonly db: Writer;
  readonly provider: EngineProvider;
  readonly retriever: Pick<Finder, 'search' | 'searchable' | 'find'>;
  readonly settings: { get(): Settings; set(values: Partial<Settings>): Settings };
  readonly consent: ConsentDesk;
  readonly rewriting: Pick<Rewriting, 'searchWith'>;
  /** Tells how alike texts are in meaning; without it words alone decide. */
  readonly similarity?: () => TextSimilarity | null;
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
  /** How this question uses the documents, where a person chose it for the question alone. */
  readonly mode?: AnswerMode;
  /** Resolves when the turn before it in the same conversation has ended. */
  readonly turn: Promise<void> | null;
  /**
   * Ends what else is read for the conversation; called once the model is lent, so that a load which
   * both wait for goes on.
   */
  readonly takeOver: () => Promise<void>;
}

/**
 * Runs one turn from the saved question to the last event. Never throws: whatever goes wrong ends
 * the turn as failed, with the text written so far kept.
 */
export async function runTurn(ports: TurnPorts, job: TurnJob): Promise<void> {
  const written = nothingWritten();
  let outcome: 'complete' | 'stopped' | 'failed' = 'complete';
  let error: ErrorShape | null = null;
  try {
    job.events.append({ type: 'queued', position: job.turn === null ? 0 : 1 });
    if (job.turn !== null) await job.turn;
    job.signal.throwIfAborted();
    await answer(ports, job, written);
    await readParaphrases(ports, job, written);
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
  const { db } = ports;
  const path = pathTo(db, job.questionId);
  const conversation = askedWithin(getConversation(db, job.conversationId), path);
  const lending = lendTo(ports, job, { conversation, path });
  try {
    const choice =
      conversation.scope.kind === 'none'
        ? null
        : await chooseFor(ports, {
            ...{ conversation, path, asked: job.mode },
            lend: () => lending.lend(),
          });
    if (choice !== null) {
      written.facts = { mode: choice };
      saveFacts(db, job.answerId, written.facts);
      job.events.append({ type: 'mode', choice });
    }
    const turn = { conversation, path, choice, lending };
    const whole = choice?.mode === 'whole' ? readWholeSet(db, conversation.scope) : null;
    if (choice?.mode === 'across') await answerAcross(ports, job, written, { ...turn, choice });
    else if (whole !== null) await answerWhole(ports, job, written, { ...turn, whole });
    else await answerFound(ports, job, written, turn);
  } catch (cause) {
    // The process of a model that memory ran out for says less than is known of it.
    throw (await lending.explain(cause)) ?? cause;
  } finally {
    lending.release();
  }
}

interface Turn {
  readonly conversation: ConversationRecord;
  readonly path: readonly Message[];
  /** null in a conversation without documents. */
  readonly choice: ModeChoice | null;
  readonly lending: Lending;
}

/** From passages that a search finds, or without documents. */
async function answerFound(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
  turn: Turn,
): Promise<void> {
  const { db, events } = { ...ports, ...job };
  const { conversation, path, choice, lending } = turn;
  const { scope } = conversation;
  const search = choice !== null;
  const sought = withoutMentions(db, path);
  const isWhole = choice?.mode === 'whole';
  const searched = search && !isWhole ? await searchedWith(ports, job, turn, sought) : null;
  const { hits, nearest } =
    searched === null
      ? { hits: [], nearest: [] }
      : await findPassages(ports.retriever, scope, sought, job.signal, searched.said);
  written.nearest = nearest;
  if (searched?.sought) written.facts = { ...written.facts, sought: searched.sought };
  const earlier = search ? earlierSources(db, conversation, path) : [];
  const documents = ports.retriever.searchable(scope);
  const question = path.at(-1)?.text ?? '';
  const onlyBefore =
    hits.length === 0 && earlier.length > 0 && (isFollowUp(question) || isSmallTalk(question));
  const offered = job.schema ? [] : offeredTools(ports.settings.get().tools, scope);
  const isEmpty = search && hits.length === 0 && !onlyBefore;
  // With tools it may still find something, or need no document at all.
  if (isEmpty && offered.length === 0 && !isSmallTalk(question)) {
    // Nothing to answer from: the model is not asked, so that it cannot invent. The window says so.
    events.append({ type: 'sources', sources: [], searched: documents });
    written.nothingFound = true;
    return;
  }
  const lease = await lending.begin();
  const fitting = fittingFor(ports, turn, lease, offered);
  const shaped = sourcesFrom(hits, shapeFor(fitting.limit));
  const found = onlyBefore ? earlier : keepSources(earlier, shaped);
  // A model of short prompts knows documents in their own block only, and reads them in a moment.
  const before = lease.promptLimit === null ? standingBefore(db, scope, path) : null;
  const laid =
    before === null
      ? await laidAnew({ ...fitting, sources: found })
      : await layOut({ ...fitting, sources: onlyBefore ? [] : shaped, before });
  if (search) {
    const evidence = onlyBefore ? 'strong' : evidenceOf(searchQuery(sought), hits);
    written.facts = { ...written.facts, evidence };
    written.sources = laid.sources;
    saveSources(db, job.answerId, laid.sources);
    events.append({ type: 'sources', sources: laid.sources, searched: documents });
  }
  await writeLaid(ports, job, written, turn, {
    ...{ lease, laid, hits, offered, searched: documents },
  });
}

/** The question's conversation as the search takes it, with the model's own wording where it is asked for one. */
const searchedWith = (
  { rewriting }: TurnPorts,
  { conversationId, events, signal }: TurnJob,
  { conversation, lending }: Turn,
  path: readonly Message[],
): Promise<SearchedWith> =>
  rewriting.searchWith({
    ...{ path, conversationId, signal, modelId: conversation.modelId },
    lend: () => lending.lend(),
    onAsking: () => events.append({ type: 'wording' }),
  });

async function laidAnew(options: Parameters<typeof fitPrompt>[0]): Promise<LaidOut> {
  const fitted = await fitPrompt(options);
  return { ...fitted, ...anew(fitted, options.path.at(-1)?.id ?? '', options.sources) };
}

/** From all of the documents' text. */
async function answerWhole(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
  turn: Turn & { readonly whole: WholeSet },
): Promise<void> {
  const { whole, conversation, path, lending } = turn;
  const offered = job.schema ? [] : offeredTools(ports.settings.get().tools, conversation.scope);
  const lease = await lending.begin();
  const fitted = await fitWhole(whole, fittingFor(ports, turn, lease, offered));
  written.whole = whole;
  beginSet(ports, whole, job.conversationId);
  const laid = { ...fitted, ...anew(fitted, path.at(-1)?.id ?? '', []) };
  await writeLaid(ports, job, written, turn, {
    ...{ lease, laid, hits: [], offered, searched: whole.documents.length },
    wholeDocuments: whole.documents.length,
  });
  endSet(ports, whole, conversation, lease.modelId);
}

/** From what each document answers by itself. */
async function answerAcross(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
  turn: Turn & { readonly choice: ModeChoice },
): Promise<void> {
  const { conversation, path, choice, lending } = turn;
  const lease = await lending.begin();
  const fitting = fittingFor(ports, turn, lease, []);
  const laid = await prepareAcross(ports, job, {
    ...{ lease, conversation, path, choice, fitting, written },
    before: lease.promptLimit === null ? standingBefore(ports.db, conversation.scope, path) : null,
    settings: ports.settings.get(),
  });
  if (laid === null) return;
  await writeLaid(ports, job, written, turn, {
    ...{ lease, laid, hits: [], offered: [], searched: choice.documents },
  });
}

function fittingFor(
  { db, settings }: TurnPorts,
  { conversation, path }: Turn,
  { engine, promptLimit: mostPrompt, modelId }: EngineLease,
  offered: Parameters<typeof describeTools>[0],
) {
  const { contextSize, vocabulary } = engine.info;
  const limit = promptLimit({ contextSize, promptLimit: mostPrompt }, settings.get());
  return {
    systemPrompt: conversation.systemPrompt,
    path,
    limit,
    contextSize,
    block: limit <= 2048 ? 2 : 8,
    answers: tokensOf(db, path, vocabulary),
    tools: describeTools(offered),
    rounds: roundsOf(
      db,
      path.map(({ id }) => id),
    ),
    model: { modelId, vocabulary },
    count: (prompt: ChatPrompt) => engine.countTokens(prompt),
  };
}

async function writeLaid(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
  { conversation, path, lending }: Turn,
  options: {
    readonly lease: EngineLease;
    readonly laid: LaidOut;
    readonly hits: readonly RetrievedPassage[];
    readonly offered: Parameters<typeof describeTools>[0];
    readonly searched: number;
    readonly wholeDocuments?: number;
  },
): Promise<void> {
  const { lease, laid, hits, offered, searched, wholeDocuments } = options;
  const settings = ports.settings.get();
  const leftOut = leftOutOf(path, laid, hits);
  written.facts = {
    ...written.facts,
    layout: laid.layout,
    ...(leftOut.length > 0 && { leftOut }),
  };
  saveFacts(ports.db, job.answerId, written.facts);
  const tools = createToolTurn(ports, job, {
    ...{ lease, scope: conversation.scope, offered },
    limit: promptLimit({ ...lease, ...lease.engine.info }, settings),
    sources: () => written.sources,
    onSources(added: readonly Source[]) {
      written.sources = [...written.sources, ...added];
      saveSources(ports.db, job.answerId, written.sources);
      job.events.append({ type: 'sources', sources: written.sources, searched });
    },
  });
  const beside: Pick<TurnStats, 'loadMs' | 'switchedFrom' | 'wholeDocuments'> = {
    ...lending.told(),
    ...(wholeDocuments !== undefined && { wholeDocuments }),
  };
  await write(ports, job, { lease, fitted: laid, settings, written, beside, tools });
}

function end(
  ports: TurnPorts,
  job: TurnJob,
  written: Written,
  outcome: 'complete' | 'stopped' | 'failed',
  error: ErrorShape | null,
): void {
  const save = (): Message => {
    const { sources, facts, ...fields } = checkWritten(ports, job, written, outcome);
    return ports.db.transaction(() => {
      if (sources !== undefined) saveSources(ports.db, job.answerId, sources);
      if (Object.keys(facts).length > 0) saveFacts(ports.db, job.answerId, facts);
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
      updateConversation(ports.db, saved.conversationId, {
        updatedAt: ports.clock.now(),
        // Whoever stopped it was there; of those that quitting stops, `close` tells.
        ...(outcome !== 'stopped' && { hasNewAnswer: true }),
      });
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
