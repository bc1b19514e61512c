import type { DocumentScope } from '../../../../electron/ipc/contract/index.ts';
import type { App } from '../../state/app.svelte.ts';
import { withCollection } from '../../state/chat/mentions.ts';

/** What is dropped over the conversation is added, and the conversation looks into it. @returns how to stop. */
export function takeDrops(
  { drops }: Pick<App, 'drops'>,
  pane: {
    readonly title: string;
    readonly scope: DocumentScope;
    change(values: { scope: DocumentScope }): void;
  },
): () => void {
  return drops.offer({
    name: pane.title,
    use: (collectionId) => pane.change({ scope: withCollection(pane.scope, collectionId) }),
  });
}
