import type { ConversationActivity, TurnEvent } from '../ipc/contract/index.ts';
import { lastEventTypes } from '../ipc/contract/index.ts';
import type { StreamLog } from '../ipc/stream-log.ts';

/** What the newest turn of each conversation does, as its events tell, for the list of conversations. */
export interface Activities {
  of(conversationId: string): ConversationActivity | undefined;
  /** A turn begins. @returns its events, looked at as they come. */
  begin(conversationId: string, turnId: string, events: StreamLog<TurnEvent>): StreamLog<TurnEvent>;
  end(conversationId: string, turnId: string): void;
}

/** @param onChanged called when a turn waits, goes on, or has told its end; its begin others announce. */
export function createActivities(onChanged: (conversationId: string) => void): Activities {
  const newest = new Map<string, { readonly turnId: string; activity: ConversationActivity }>();
  return {
    of: (conversationId) => newest.get(conversationId)?.activity,
    begin(conversationId, turnId, events) {
      const mine = { turnId, activity: 'answering' as ConversationActivity };
      newest.set(conversationId, mine);
      return {
        ...events,
        get ended() {
          return events.ended;
        },
        get length() {
          return events.length;
        },
        append(event) {
          events.append(event);
          const activity = activityOf(event);
          if (newest.get(conversationId) !== mine || activity === mine.activity) return;
          // Its copying and saving goes on; whoever reads it has all of it.
          if (activity === null) newest.delete(conversationId);
          else mine.activity = activity;
          onChanged(conversationId);
        },
      };
    },
    end(conversationId, turnId) {
      if (newest.get(conversationId)?.turnId === turnId) newest.delete(conversationId);
    },
  };
}

/** null: it has ended. */
function activityOf(event: TurnEvent): ConversationActivity | null {
  if ((lastEventTypes as readonly string[]).includes(event.type)) return null;
  // Every turn begins with place 0, which is no waiting.
  if (event.type === 'queued' && event.position > 0) return 'waiting';
  if (event.type === 'tool' && event.use.state === 'asking') return 'asking';
  return 'answering';
}
