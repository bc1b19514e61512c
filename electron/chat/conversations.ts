import type { Announcer, Clock, Ids } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import type { ArgsOf, Conversation, ConversationActivity } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import { searchConversations } from '../storage/repositories/conversation-search.ts';
import type { ConversationChange } from '../storage/repositories/conversations.ts';
import {
  createConversation,
  getConversation,
  getWholeConversation,
  listConversations,
  markSeen,
  removeConversation,
  restoreConversation,
  updateConversation,
} from '../storage/repositories/conversations.ts';
import { getMessage, listMessages, newestLeafBelow } from '../storage/repositories/messages.ts';
import type { Writer } from '../storage/sql.ts';
import { titleFrom } from './title.ts';

const longestTitle = 200;

/** @param turns what they do, and what removing a conversation does to its turn and to what engines hold of it. */
export function createConversationHandlers(
  ports: {
    readonly db: Writer;
    readonly clock: Clock;
    readonly ids: Ids;
    readonly announcer: Announcer;
  },
  turns: {
    stop(conversationId: string): void;
    forget(conversationId: string): void;
    activity(conversationId: string): ConversationActivity | undefined;
  },
): HandlersOf<'conversations'> {
  const { db, clock, ids, announcer } = ports;
  const changed = (conversationId: string): void =>
    announcer.push('conversations.changed', { conversationId });

  const update = ({ id, ...args }: ArgsOf<'conversations.update'>): Conversation => {
    db.transaction(() => {
      getConversation(db, id);
      updateConversation(db, id, changeOf(db, id, args));
    });
    changed(id);
    return getWholeConversation(db, id);
  };

  return {
    'conversations.list': () =>
      listConversations(db).map((summary) => {
        const activity = turns.activity(summary.id);
        if (activity === undefined) return summary;
        // While the next answer is written the one before is not what is new.
        const { hasNewAnswer: _, ...rest } = summary;
        return { ...rest, activity };
      }),
    'conversations.get': ({ id }) => getWholeConversation(db, id),
    'conversations.create': ({ modelId, scope, use }) => {
      const id = ids.next();
      createConversation(db, {
        id,
        modelId: modelId ?? null,
        scope: scope ?? { kind: 'none' },
        use: use ?? 'auto',
        at: clock.now(),
      });
      changed(id);
      return getWholeConversation(db, id);
    },
    'conversations.update': update,
    'conversations.remove': ({ id }) => {
      removeConversation(db, id, clock.now());
      turns.stop(id);
      // A removed conversation leaves the engine's memory at once; undo costs reading it again.
      turns.forget(id);
      changed(id);
      return null;
    },
    'conversations.restore': ({ id }) => {
      restoreConversation(db, id);
      changed(id);
      return null;
    },
    'conversations.seen': ({ id }) => {
      if (markSeen(db, id)) changed(id);
      return null;
    },
    'conversations.search': ({ query }) => searchConversations(db, query),
  };
}

function changeOf(
  db: Writer,
  id: string,
  args: Omit<ArgsOf<'conversations.update'>, 'id'>,
): ConversationChange {
  const { title, showMessageId, systemPrompt, modelId, scope, use, pinned } = args;
  return {
    ...(systemPrompt === undefined ? {} : { systemPrompt }),
    ...(modelId === undefined ? {} : { modelId }),
    ...(scope === undefined ? {} : { scope }),
    ...(use === undefined ? {} : { use }),
    ...(pinned === undefined ? {} : { pinned }),
    ...(title === undefined ? {} : titleChange(db, id, title)),
    ...(showMessageId === undefined ? {} : { leafId: leafThrough(db, id, showMessageId) }),
  };
}

/** A title of one's own, kept from then on; an empty one goes back to the title made from the first question. */
function titleChange(db: Writer, id: string, title: string): ConversationChange {
  const own = title.replaceAll(/\s+/g, ' ').trim().slice(0, longestTitle);
  if (own !== '') return { title: own, titledByUser: true };
  const first = listMessages(db, id)[0];
  return { title: first === undefined ? '' : titleFrom(first.text), titledByUser: false };
}

function leafThrough(db: Writer, id: string, messageId: string): string {
  if (getMessage(db, messageId).conversationId !== id) {
    throw new AppError('invalid-argument', 'the message is of another conversation');
  }
  return newestLeafBelow(db, messageId);
}
