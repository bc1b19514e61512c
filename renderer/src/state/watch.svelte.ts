import type { IgnoreRules, Relocated, WatchState } from '../../../electron/ipc/contract/index.ts';
import type { Client } from '../api.ts';
import { asked } from './asked.svelte.ts';
import type { Asked } from './asked.svelte.ts';

/** How collections made from folders stand to them. Made by the part that shows it, closed with it. */
export class WatchList {
  #api: Client;
  #asked: Asked<readonly WatchState[]>;

  constructor(api: Client) {
    this.#api = api;
    this.#asked = asked(api, 'documents.watch', () => api.documents.watchState({}));
    this.#asked.follow(api, 'documents.changed');
  }

  get all(): readonly WatchState[] {
    return this.#asked.value ?? [];
  }

  of(collectionId: string): WatchState | undefined {
    return this.all.find((one) => one.collectionId === collectionId);
  }

  /** Without a collection: everywhere. */
  async setPaused(paused: boolean, collectionId?: string): Promise<void> {
    const where = collectionId === undefined ? {} : { collectionId };
    await (paused ? this.#api.documents.pause(where) : this.#api.documents.resume(where));
    await this.#asked.refresh();
  }

  async look(collectionId: string): Promise<void> {
    await this.#api.documents.rescan({ collectionId });
  }

  /** @returns how many are tried. */
  async tryAgain(collectionId: string, documentId?: string): Promise<number> {
    const { documents } = await this.#api.documents.tryAgain({
      collectionId,
      ...(documentId === undefined ? {} : { documentId }),
    });
    return documents;
  }

  /** Shows a collection where its folder lies now. `anyway`: also where documents are missing there. */
  relocate(collectionId: string, folder: string, anyway: boolean): Promise<Relocated> {
    return this.#api.documents.relocate({
      ...{ collectionId, paths: [folder] },
      ...(anyway && { anyway }),
    });
  }

  rules(collectionId: string): Promise<IgnoreRules> {
    return this.#api.documents.ignoreRules({ collectionId });
  }

  async setRules(collectionId: string, own: string): Promise<void> {
    await this.#api.documents.setIgnoreRules({ collectionId, own });
  }

  close(): void {
    this.#asked.close();
  }
}
