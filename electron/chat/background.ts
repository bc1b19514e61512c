import type { Log } from '../core/ports.ts';
import type { EngineProvider } from '../engine/port.ts';
import { toErrorShape } from '../ipc/app-error.ts';
import type { Message, Settings } from '../ipc/contract/index.ts';
import { getConversation, updateConversation } from '../storage/repositories/conversations.ts';
import { pathTo } from '../storage/repositories/messages.ts';
import type { Writer } from '../storage/sql.ts';
import { titleFrom } from './title.ts';

export interface NamingPorts {
  readonly db: Writer;
  readonly provider: EngineProvider;
  readonly settings: { get(): Settings };
  readonly log: Log;
  readonly onNamed: (conversationId: string) => void;
}

/** Names conversations by the model that answered in them, where the setting says so. */
export interface Naming {
  /** After an answer. Does nothing where a person, or the model before, has named the conversation. */
  after(answerId: string): void;
  /** Somebody asks something: what runs is given up, and tried again after the next answer. */
  giveWay(): void;
  /** Resolves when nothing runs any more. */
  close(): Promise<void>;
}

/** Characters of the question and of the answer that a name is made from. */
const mostText = 600;
const mostTokens = 24;
/** Messages after which a conversation keeps the name it has. */
const lastTry = 8;

export function createNaming(ports: NamingPorts): Naming {
  const { db, provider, settings, log } = ports;
  const running = new Map<string, { controller: AbortController; ended: Promise<void> }>();
  let closed = false;

  /** Named by the first line of its question, as every conversation is at first. */
  const isByRule = (question: Message): boolean => {
    const { title, titledByUser } = getConversation(db, question.conversationId);
    return !titledByUser && title === titleFrom(question.text);
  };

  const name = async (question: Message, answer: Message, signal: AbortSignal): Promise<void> => {
    const { conversationId } = question;
    const lease = await provider.acquire(answer.modelId, { signal });
    // Of its own and thrown away: the conversation's session stays as it is.
    const sessionId = `name:${conversationId}`;
    try {
      let text = '';
      const events = lease.engine.generate(
        {
          sessionId,
          priority: 'background',
          purpose: { kind: 'title', conversationId },
          prompt: { messages: [{ role: 'user', content: request(question.text, answer.text) }] },
          sampling: { temperature: 0, topP: 1, topK: 0 },
          maxTokens: mostTokens,
        },
        signal,
      );
      for await (const event of events) {
        if (event.type === 'text') text += event.text;
        // No name is worth waiting for with a model lent.
        if (event.type === 'queued') return;
        if (event.type === 'end' && event.reason !== 'stop') return;
      }
      // Models like to quote what they name.
      const title = titleFrom(text.trim().replace(/["“”'.\s]+$/u, ''));
      if (signal.aborted || title === '' || !isByRule(question)) return;
      updateConversation(db, conversationId, { title });
      ports.onNamed(conversationId);
    } finally {
      lease.engine.forget(sessionId).catch(() => undefined);
      lease.release();
    }
  };

  return {
    after(answerId) {
      const path = pathTo(db, answerId);
      const [question, answer] = path;
      if (closed || question === undefined || path.length > lastTry) return;
      if (answer?.status !== 'complete' || answer.text === '') return;
      const { conversationId } = question;
      if (!settings.get().nameByModel || running.has(conversationId) || !isByRule(question)) return;
      const controller = new AbortController();
      const ended = name(question, answer, controller.signal)
        .catch((error: unknown) => {
          if (controller.signal.aborted) return;
          log.warn('conversation.unnamed', {
            conversation: conversationId,
            code: toErrorShape(error).code,
          });
        })
        .finally(() => running.delete(conversationId));
      running.set(conversationId, { controller, ended });
    },
    giveWay() {
      for (const { controller } of running.values()) controller.abort();
    },
    async close() {
      closed = true;
      this.giveWay();
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
  };
}

function request(question: string, answer: string): string {
  const cut = (text: string): string => [...text].slice(0, mostText).join('');
  return (
    'Give this conversation a title of two to six words. Write the title only.\n\n' +
    `Question: ${cut(question)}\n\nAnswer: ${cut(answer)}`
  );
}
