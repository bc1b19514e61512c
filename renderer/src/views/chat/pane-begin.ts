import type {
  DocumentScope,
  DocumentUse,
  Message,
} from '../../../../electron/ipc/contract/index.ts';
import type { App } from '../../state/app.svelte.ts';
import type { ConversationState } from '../../state/chat/conversation.svelte.ts';

/** The first question of a conversation, written on the empty page. */
interface First {
  readonly text: string;
  readonly scope: DocumentScope;
  /** Of this question alone: what it names with `@`. */
  readonly asked: DocumentScope | undefined;
  readonly use: DocumentUse;
  readonly modelId: string | undefined;
}

/**
 * Makes a conversation and sends its first question. Its words come back to the empty page where it is
 * refused; what was written on that page meanwhile goes along to the conversation.
 */
export async function begin(
  { api, chat, router }: Pick<App, 'api' | 'chat' | 'router'>,
  { text, scope, asked, use, modelId }: First,
): Promise<void> {
  const { opened } = router;
  // At once: the next empty page may be opened and written in before this one is sent.
  chat.keep(null, '');
  let made: string | null = null;
  try {
    const conversationId = await chat.create(scope, use, modelId);
    made = conversationId;
    const question = { conversationId, parentId: null, text };
    await api.chat.send(asked ? { ...question, scope: asked } : question);
    if (opened === router.opened) chat.moveWords(conversationId);
    router.began(conversationId, opened);
  } catch (error) {
    chat.giveBack(null, text);
    if (made !== null) await removeEmpty(api, made).catch(() => {});
    throw error;
  }
}

/** A conversation without a question would stand in the list, and one more after each try. */
async function removeEmpty(api: App['api'], id: string): Promise<void> {
  const { messages } = await api.conversations.get({ id });
  if (messages.length === 0) await api.conversations.remove({ id });
}

/**
 * Sends a further question, or another version of an earlier one. Its words come back where it is refused, and
 * `editAgain` is called if nothing was written since.
 */
export async function goOn(
  { chat }: Pick<App, 'chat'>,
  state: ConversationState,
  question: {
    readonly text: string;
    readonly editOf: Message | null;
    readonly asked: DocumentScope | undefined;
  },
  editAgain: () => void,
): Promise<void> {
  const { text, editOf, asked } = question;
  // At once: what is written from here on is another question.
  chat.keep(state.id, '');
  try {
    await state.send(text, editOf, asked);
  } catch (error) {
    chat.giveBack(state.id, text);
    if (editOf && chat.unsent(state.id) === text) editAgain();
    throw error;
  }
}
