import type { App } from '../../state/app.svelte.ts';
import { tellLeftOut } from '../documents/left-out.ts';

/** Lets the person choose files or a folder and starts reading them. The new collection's id, null if none. */
export async function addDocuments(app: App, what: 'files' | 'folder'): Promise<string | null> {
  const { api, toasts } = app;
  try {
    const paths = await (what === 'files'
      ? api.shell.pickDocuments()
      : api.shell.pickFolder({ purpose: 'documents' }));
    if (paths.length === 0) return null;
    const { collectionId, leftOut } = await api.documents.add({ paths });
    tellLeftOut(toasts, leftOut);
    await app.collections.refresh();
    return collectionId;
  } catch (error) {
    toasts.error(error);
    return null;
  }
}
