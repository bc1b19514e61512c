import type { DocumentScope, DocumentUse } from '../../../../electron/ipc/contract/index.ts';
import type { App } from '../../state/app.svelte.ts';

/** The first question of a conversation, written on the empty page. */
interface First {
  readonly text: string;
  readonly scope: DocumentScope;
  /** Of this question alone: what it names with `@`. */
  readonly asked: DocumentScope | undefined;
  readonly use: DocumentUse;
  readonly modelId: string | undefined;
}

/** Makes a conversation and sends its first question. Its words come back to the empty page where it is refused. */
export async function begin(
  { api, chat, router }: Pick<App, 'api' | 'chat' | 'router'>,
  { text, scope, asked, use, modelId }: First,
): Promise<void> {
  const { opened } = router;
  // At once: the next empty page may be opened and written in before this one is sent.
  chat.keep(null, '');
  try {
    const conversationId = await chat.create(scope, use, modelId);
    const question = { conversationId, parentId: null, text };
    await api.chat.send(asked ? { ...question, scope: asked } : question);
    if (opened === router.opened) chat.clearDraft();
    router.began(conversationId, opened);
  } catch (error) {
    if (chat.unsent(null) === '') chat.keep(null, text);
    throw error;
  }
}
