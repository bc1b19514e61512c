import type { DocumentScope, Message } from '../../../../electron/ipc/contract/index.ts';
import { t } from '../../i18n/index.ts';
import type { App } from '../../state/app.svelte.ts';
import type { Mention } from '../../state/chat/mentions.ts';

/** The documents and collections of a question's scope with their names; removed ones are said to be so. */
export async function mentionsOf(
  { api, collections }: Pick<App, 'api' | 'collections'>,
  scope: DocumentScope,
): Promise<readonly Mention[]> {
  if (scope.kind !== 'some') return [];
  const known = collections.value ?? [];
  const documents = await Promise.all(
    scope.documentIds.map(async (id): Promise<Mention> => {
      const found = await api.documents.view({ documentId: id }).catch(() => null);
      const name = found?.document.name ?? t('use.scope.gone');
      return { kind: 'document', id, name, note: '' };
    }),
  );
  const folders = scope.collectionIds.map((id): Mention => {
    const name = known.find((one) => one.id === id)?.name ?? t('chat.scope.gone');
    return { kind: 'collection', id, name, note: '' };
  });
  return [...folders, ...documents];
}

/** A question that is edited names again what it asked. */
export async function recallMentions(app: App, { scope, conversationId }: Message): Promise<void> {
  if (!scope) return;
  for (const mention of await mentionsOf(app, scope)) app.chat.mention(conversationId, mention);
}
