import type { Clock, Tasks } from '../core/ports.ts';
import type { EngineLook, EngineProvider } from '../engine/port.ts';
import { AppError } from '../ipc/app-error.ts';
import type { DocumentScope, Settings, WholeDocuments } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import type { ConversationRecord } from '../storage/repositories/conversations.ts';
import { findTitle, getConversation } from '../storage/repositories/conversations.ts';
import {
  endDocumentSets,
  isDocumentSet,
  isSetRead,
  noteSetRead,
  useDocumentSet,
  wholeSize,
} from '../storage/repositories/whole-documents.ts';
import type { Writer } from '../storage/sql.ts';
import { promptLimit } from './prompt-limit.ts';
import { instructionsHash, readWholeSet, wholeLimit, wholePrompt } from './whole-document.ts';
import type { WholeSet } from './whole-document.ts';

interface SetPorts {
  readonly db: Writer;
  readonly clock: Clock;
  readonly provider: Pick<EngineProvider, 'forget'>;
}

/** Before a prompt with the set is read: what will be kept of it belongs to the set from now on. */
export function beginSet({ db, clock }: SetPorts, set: WholeSet, conversationId: string): void {
  useDocumentSet(db, set, conversationId, clock.now());
}

/** After it was read: remembered, or forgotten again where the set has ended meanwhile. */
export function endSet(
  { db, clock, provider }: SetPorts,
  set: WholeSet,
  { id, systemPrompt }: Pick<ConversationRecord, 'id' | 'systemPrompt'>,
  modelId: string,
): void {
  if (!isDocumentSet(db, set.id)) {
    provider.forget(set.id);
    provider.forget(id);
    return;
  }
  const instructions = instructionsHash(systemPrompt);
  noteSetRead(db, { setId: set.id, modelId, instructions }, clock.now());
}

/** Removes what is kept of documents that are gone or hold other text now. */
export function endSets({ db, provider }: Pick<SetPorts, 'db' | 'provider'>): void {
  for (const { id, conversationIds } of endDocumentSets(db)) {
    provider.forget(id);
    // The states of the conversations on it hold its text as well.
    for (const conversationId of conversationIds) provider.forget(conversationId);
  }
}

export interface WholeReads {
  readonly handlers: Pick<HandlersOf<'chat'>, 'chat.whole' | 'chat.readNow'>;
  /** Stops reading for a conversation; what was read so far counts. Resolves when it has ended. */
  stop(conversationId: string): Promise<void> | null;
  close(): Promise<void>;
}

export interface WholeReadPorts {
  readonly db: Writer;
  readonly clock: Clock;
  readonly tasks: Tasks;
  readonly provider: EngineProvider;
  readonly settings: { get(): Settings };
  /** An answer is being written in this conversation. */
  readonly isRunning: (conversationId: string) => boolean;
}

/** English text has about this many characters to a token; said as "about", and counted before it is used. */
const charactersPerToken = 4;
/** More than a token ever stands for in prose: texts longer than that many contexts are not even counted. */
const mostCharactersPerToken = 12;
/** Contexts are offered in whole multiples of this. */
const contextStep = 1024;
/** Exact counts that are remembered. */
const mostCounts = 50;

/** Reading whole documents before the first question, and telling what that takes. */
export function createWholeReads(ports: WholeReadPorts): WholeReads {
  const { db, tasks, provider, settings } = ports;
  const reading = new Map<string, { readonly taskId: string; readonly ended: Promise<void> }>();
  const counts = new Map<string, number>();

  const count = async (
    set: WholeSet,
    systemPrompt: string,
    look: EngineLook,
  ): Promise<number | null> => {
    const key = `${look.modelId} ${set.id} ${instructionsHash(systemPrompt)}`;
    const known = counts.get(key);
    if (known !== undefined) return known;
    if (!look.isLoaded) return null;
    const lease = await provider.acquire(look.modelId, { signal: AbortSignal.timeout(60_000) });
    try {
      const tokens = await lease.engine.countTokens(wholePrompt(set, systemPrompt));
      counts.set(key, tokens);
      const oldest = counts.keys().next().value;
      if (counts.size > mostCounts && oldest !== undefined) counts.delete(oldest);
      return tokens;
    } finally {
      lease.release();
    }
  };

  /** The smallest context that leaves as much room as this one does; null where that is beyond the model. */
  const contextFor = (tokens: number, look: EngineLook): number | null => {
    if (look.promptLimit !== null) return null;
    const most = look.contextLimit ?? Infinity;
    for (let context = look.contextSize; ;) {
      if (wholeLimit(promptLimit({ ...look, contextSize: context }, settings.get())) >= tokens) {
        return context;
      }
      if (context >= most) return null;
      context = Math.min(most, (Math.floor(context / contextStep) + 1) * contextStep);
    }
  };

  const whole = async ({
    scope,
    modelId = null,
    systemPrompt = '',
  }: {
    readonly scope: DocumentScope;
    readonly modelId?: string | null;
    readonly systemPrompt?: string;
  }): Promise<WholeDocuments> => {
    const look = await provider.look(modelId);
    const { documents, missing, characters } = wholeSize(db, scope);
    const isCountable = characters <= look.contextSize * mostCharactersPerToken;
    const set = isCountable ? readWholeSet(db, scope) : null;
    const counted = set === null ? null : await count(set, systemPrompt, look);
    const tokens = counted ?? Math.ceil(characters / charactersPerToken);
    const limit = wholeLimit(promptLimit(look, settings.get()));
    const fits = tokens <= limit;
    const read = set && {
      setId: set.id,
      modelId: look.modelId,
      instructions: instructionsHash(systemPrompt),
    };
    return {
      documentSet: set?.id ?? null,
      documents,
      missing,
      tokens,
      isExact: counted !== null,
      contextSize: look.contextSize,
      limit,
      fits,
      neededContext: fits ? null : contextFor(tokens, look),
      modelId: look.modelId,
      isLoaded: look.isLoaded,
      isReadBefore:
        read !== null &&
        isSetRead(db, read) &&
        (await provider.keepsDocuments(read.modelId, read.setId)),
    };
  };

  const read = async (
    conversationId: string,
    signal: AbortSignal,
    done: (share: number) => void,
  ) => {
    const conversation = getConversation(db, conversationId);
    const { scope, systemPrompt } = conversation;
    const lease = await provider.acquire(conversation.modelId, { signal });
    try {
      // Read only now: loading takes time, and documents may change meanwhile.
      const set = readWholeSet(db, scope);
      if (set === null) throw new AppError('document-empty', 'the scope holds no text');
      const prompt = wholePrompt(set, systemPrompt);
      const { contextSize } = lease.engine.info;
      const most = wholeLimit(promptLimit({ ...lease, contextSize }, settings.get()));
      const tokens = await lease.engine.countTokens(prompt);
      if (tokens > most) {
        throw new AppError('whole-too-large', 'the documents do not fit into the context', {
          detail: { tokens, most, context: contextSize },
        });
      }
      beginSet(ports, set, conversationId);
      const events = lease.engine.generate(
        {
          sessionId: conversationId,
          prompt,
          sampling: { temperature: 0, topP: 1, topK: 0 },
          maxTokens: 0,
          priority: 'background',
          documentSet: set.id,
        },
        signal,
      );
      for await (const event of events) {
        if (event.type === 'reading' && event.total > 0) done(event.done / event.total);
        if (event.type === 'end' && event.reason !== 'aborted') {
          endSet(ports, set, conversation, lease.modelId);
        }
      }
      if (findTitle(db, conversationId) === null) provider.forget(conversationId);
      signal.throwIfAborted();
    } catch (error) {
      throw (await lease.explain?.(error)) ?? error;
    } finally {
      lease.release();
    }
  };

  const subjectOf = (set: WholeSet): string =>
    set.documents
      .map(({ title }) => title ?? '')
      .join(', ')
      .slice(0, 120);

  return {
    handlers: {
      'chat.whole': whole,
      'chat.readNow': ({ conversationId }) => {
        const { scope } = getConversation(db, conversationId);
        const running = reading.get(conversationId);
        if (running !== undefined) return { taskId: running.taskId };
        if (ports.isRunning(conversationId)) {
          throw new AppError('model-busy', 'an answer is being written');
        }
        const set = readWholeSet(db, scope);
        if (set === null) throw new AppError('document-empty', 'the scope holds no text');
        const task = tasks.start(
          {
            kind: 'read',
            subject: subjectOf(set),
            unit: 'fraction',
            total: 1,
            targetId: conversationId,
          },
          ({ signal, progress }) =>
            read(conversationId, signal, (share) => progress({ done: share })),
        );
        const ended = tasks
          .finished(task.id)
          .catch(() => undefined)
          .then(() => {
            if (reading.get(conversationId)?.taskId === task.id) reading.delete(conversationId);
          });
        reading.set(conversationId, { taskId: task.id, ended });
        return { taskId: task.id };
      },
    },
    stop(conversationId) {
      const running = reading.get(conversationId);
      if (running === undefined) return null;
      tasks.cancel(running.taskId);
      return running.ended;
    },
    async close() {
      const all = [...reading.values()];
      for (const { taskId } of all) tasks.cancel(taskId);
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
