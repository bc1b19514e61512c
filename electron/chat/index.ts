import type { Announcer, Clock, Ids, Log, Tasks } from '../core/ports.ts';
import type { Finder } from '../documents/retrieve/fused.ts';
import type { EngineProvider } from '../engine/port.ts';
import { AppError, toErrorShape } from '../ipc/app-error.ts';
import type {
  AnswerMode,
  Message,
  Settings,
  TurnEvent,
  TurnStarted,
} from '../ipc/contract/index.ts';
import type { HandlersOf, StreamHandlers } from '../ipc/handlers.ts';
import { createStreamLogs } from '../ipc/stream-log.ts';
import type { StreamLog } from '../ipc/stream-log.ts';
import { readSchema } from '../ipc/json-schema.ts';
import {
  findTitle,
  getConversation,
  purgeConversations,
  updateConversation,
} from '../storage/repositories/conversations.ts';
import {
  addMessage,
  finishMessage,
  getMessage,
  listStreaming,
  messageOfTurn,
} from '../storage/repositories/messages.ts';
import { settleSteps } from '../storage/repositories/message-steps.ts';
import type { Writer } from '../storage/sql.ts';
import { createActivities } from './activity.ts';
import { createNaming } from './background.ts';
import { createRewriting } from './rewrite/index.ts';
import { checkSafely } from './check.ts';
import { createConversationHandlers } from './conversations.ts';
import type { TextSimilarity } from '../documents/retrieve/fused.ts';
import { titleFrom } from './title.ts';
import { createConsentDesk } from './tools/consent.ts';
import { runTurn } from './turn.ts';
import type { TurnPorts } from './turn.ts';
import { createUnsaved } from './unsaved.ts';
import { createWholeReads, endSets } from './whole-read.ts';

export interface ChatPorts {
  readonly db: Writer;
  readonly provider: EngineProvider;
  readonly retriever: Pick<Finder, 'search' | 'searchable' | 'find'>;
  readonly settings: { get(): Settings; set(values: Partial<Settings>): Settings };
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly announcer: Announcer;
  readonly tasks: Tasks;
  /** Tells machines apart. */
  readonly machine: string;
  /** Tells how alike texts are in meaning; without it words alone decide what supports an answer. */
  readonly similarity?: () => TextSimilarity | null;
}

export interface Chat {
  readonly handlers: HandlersOf<'chat' | 'conversations'>;
  readonly turnStream: StreamHandlers['turn'];
  /** Once at the start, before the first call: ends what a crash left open, erases what was removed. */
  recover(): void;
  /** A question is being read or an answer written. */
  isAnswering(): boolean;
  /** Documents came, went or changed: what is kept of those that are no more is removed. */
  documentsChanged(): void;
  /** Stops every turn, keeping its text, and waits until it is saved. */
  close(): Promise<void>;
}

interface NewTurn {
  readonly turnId: string;
  readonly question: Message;
  readonly answerId: string;
}

interface RunningTurn {
  readonly turnId: string;
  readonly answerId: string;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
}

/**
 * Conversations and turns. Turns of different conversations run side by side. A new question in a
 * conversation whose answer is still being written stops that answer first (its text is kept):
 * whoever asks again no longer waits for the old answer, and nothing is refused or lost.
 */
export function createChat(ports: ChatPorts): Chat {
  const { db, clock, ids, log, announcer } = ports;
  const logs = createStreamLogs<TurnEvent>();
  /** The newest turn of each conversation that has one. */
  const running = new Map<string, RunningTurn>();
  let closed = false;

  const changed = (conversationId: string): void =>
    announcer.push('conversations.changed', { conversationId });
  const activities = createActivities(changed);
  const unsaved = createUnsaved(log);
  const wholes = createWholeReads({ ...ports, isRunning: (id) => running.has(id) });
  const consent = createConsentDesk();
  const rewriting = createRewriting(ports);
  const turnPorts: TurnPorts = {
    ...ports,
    rewriting,
    consent,
    unsaved: ({ turnId, conversationId }, save) =>
      unsaved.keep(turnId, save, () => changed(conversationId)),
  };

  const naming = createNaming({ ...ports, onNamed: changed });

  /** Saves the empty answer below the question. */
  const addAnswer = (question: Message): NewTurn => {
    if (closed) throw new AppError('cancelled', 'the program is closing');
    const { conversationId } = question;
    const turnId = ids.next();
    const answerId = ids.next();
    const at = clock.now();
    const conversation = getConversation(db, conversationId);
    addMessage(db, {
      id: answerId,
      conversationId,
      parentId: question.id,
      role: 'assistant',
      text: '',
      status: 'streaming',
      at,
      turnId,
      modelId: conversation.modelId,
    });
    const untitled = !conversation.titledByUser && conversation.title === '';
    updateConversation(db, conversationId, {
      leafId: answerId,
      updatedAt: at,
      ...(untitled ? { title: titleFrom(question.text) } : {}),
    });
    return { turnId, question, answerId };
  };

  const nameAfter = (answerId: string): void => {
    try {
      naming.after(answerId);
      rewriting.after(answerId);
    } catch {
      // Removed in the meantime.
    }
  };

  /** Only after what it needs is on disk. */
  const start = (
    { turnId, question, answerId }: NewTurn,
    {
      schema,
      mode,
    }: { readonly schema?: object | undefined; readonly mode?: AnswerMode | undefined },
  ): TurnStarted => {
    const { conversationId } = question;
    const controller = new AbortController();
    const before = running.get(conversationId) ?? null;
    before?.controller.abort();
    naming.giveWay();
    rewriting.giveWay();
    const events = activities.begin(conversationId, turnId, logs.create(turnId));
    const ended = runTurn(turnPorts, {
      turnId,
      conversationId,
      questionId: question.id,
      answerId,
      events,
      signal: controller.signal,
      ...(schema && { schema }),
      ...(mode && { mode }),
      turn: before?.ended ?? null,
      // A question need not wait for the whole document to be read in advance: it reads on from there.
      takeOver: async () => void (await wholes.stop(conversationId)),
    }).then(() => {
      if (running.get(conversationId)?.turnId === turnId) running.delete(conversationId);
      activities.end(conversationId, turnId);
      // Removed meanwhile: what the engine kept at the end goes too.
      if (findTitle(db, conversationId) === null) ports.provider.forget(conversationId);
      changed(conversationId);
      // Whoever asks in another conversation goes first; its answer's end brings the next chance.
      if (running.size === 0) nameAfter(answerId);
    });
    running.set(conversationId, { turnId, answerId, controller, ended });
    changed(conversationId);
    return { turnId, userMessageId: question.id, assistantMessageId: answerId };
  };

  const send: Chat['handlers']['chat.send'] = ({
    conversationId,
    parentId,
    text,
    schema,
    mode,
    scope,
  }) => {
    const form = schema === undefined ? undefined : readSchema(schema);
    const question = text.trim();
    if (question === '') throw new AppError('invalid-argument', 'the message is empty');
    if (parentId !== null) {
      const parent = getMessage(db, parentId);
      if (parent.conversationId !== conversationId || parent.role !== 'assistant') {
        throw new AppError('invalid-argument', 'the parent is no answer of this conversation');
      }
    }
    const id = ids.next();
    const turn = db.transaction(() => {
      getConversation(db, conversationId);
      const at = clock.now();
      addMessage(db, {
        id,
        conversationId,
        parentId,
        role: 'user',
        text: question,
        status: 'complete',
        at,
        ...(scope && { scope }),
      });
      return addAnswer(getMessage(db, id));
    });
    return start(turn, { schema: form, mode });
  };

  const regenerate: Chat['handlers']['chat.regenerate'] = ({ messageId, mode }) => {
    const old = getMessage(db, messageId);
    if (old.role !== 'assistant' || old.parentId === null) {
      throw new AppError('invalid-argument', 'only an answer can be written again');
    }
    const question = getMessage(db, old.parentId);
    return start(
      db.transaction(() => addAnswer(question)),
      { mode },
    );
  };

  const liveLog = (turnId: string): StreamLog<TurnEvent> | undefined => {
    try {
      return logs.get(turnId);
    } catch {
      return undefined;
    }
  };

  const findRunning = (turnId: string): RunningTurn | undefined =>
    [...running.values()].find((turn) => turn.turnId === turnId);

  const stop: Chat['handlers']['chat.stop'] = ({ turnId }) => {
    const turn = findRunning(turnId);
    if (turn !== undefined) turn.controller.abort();
    else if (messageOfTurn(db, turnId) === undefined) throw noTurn(turnId);
    return null;
  };

  async function* turnStream(
    { turnId, after }: { turnId: string; after: number },
    signal: AbortSignal,
  ): ReturnType<StreamHandlers['turn']> {
    const live = liveLog(turnId);
    if (live !== undefined) {
      yield* live.read(after, signal);
      return;
    }
    // The events are gone (CORE was started again, or minutes have passed): the outcome is not.
    const message = messageOfTurn(db, turnId);
    if (message === undefined) throw noTurn(turnId);
    yield { seq: after + 1, event: outcomeOf(message) };
  }

  return {
    isAnswering: () => running.size > 0,
    handlers: {
      ...createConversationHandlers(ports, {
        stop(conversationId) {
          running.get(conversationId)?.controller.abort();
          void wholes.stop(conversationId);
        },
        forget: (conversationId) => ports.provider.forget(conversationId),
        activity: activities.of,
      }),
      ...wholes.handlers,
      ...rewriting.handlers,
      'chat.send': send,
      'chat.regenerate': regenerate,
      'chat.stop': stop,
      'chat.allowTool': ({ useId, answer }) => {
        consent.answer(useId, answer);
        return null;
      },
    },
    turnStream,
    recover() {
      db.transaction(() => {
        for (const message of listStreaming(db)) closeLeftOver(ports, message);
        const erased = purgeConversations(db);
        if (erased.length > 0) log.info('conversations.erased', { count: erased.length });
      });
      endSets(ports);
    },
    documentsChanged: () => endSets(ports),
    async close() {
      closed = true;
      const cutOff = [...running];
      for (const [, turn] of cutOff) turn.controller.abort();
      await Promise.all([...cutOff.map(([, turn]) => turn.ended), wholes.close(), naming.close()]);
      for (const [conversationId, { answerId }] of cutOff) {
        markCutOff(ports, conversationId, answerId);
      }
      await rewriting.close();
      unsaved.close();
      logs.close();
    },
  };
}

/** An answer that the end of the program has stopped: nobody pressed Stop, and it may not have been on screen. */
function markCutOff(
  { db, log }: Pick<ChatPorts, 'db' | 'log'>,
  conversationId: string,
  answerId: string,
): void {
  try {
    if (getMessage(db, answerId).text === '') return;
    updateConversation(db, conversationId, { hasNewAnswer: true });
  } catch (error) {
    // Removed since then, or the disk is full: the answer itself was saved, or kept for later, before.
    log.warn('conversation.unmarked', { code: toErrorShape(error).code });
  }
}

/** An answer that CORE was writing when it died: failed, with the text that had been saved. */
function closeLeftOver({ db, log }: Pick<ChatPorts, 'db' | 'log'>, message: Message): void {
  const question = message.parentId === null ? '' : getMessage(db, message.parentId).text;
  const checked =
    message.text === '' || message.sources.length === 0
      ? { claims: [], support: null }
      : checkSafely(message.text, message.sources, question, log);
  settleSteps(db, message);
  finishMessage(db, message.id, {
    text: message.text,
    status: 'failed',
    error: { code: 'turn-interrupted', message: 'the program ended while this was being written' },
    stats: null,
    ...checked,
  });
  updateConversation(db, message.conversationId, { hasNewAnswer: true });
}

function outcomeOf(message: Message): TurnEvent {
  if (message.status === 'complete') return { type: 'done', message };
  if (message.status === 'stopped') return { type: 'stopped', message };
  const error = message.error ?? { code: 'internal', message: 'the turn left no outcome' };
  return { type: 'failed', error, message };
}

function noTurn(turnId: string): AppError {
  return new AppError('not-found', 'no such turn', { detail: { id: turnId } });
}
