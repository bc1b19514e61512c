import { SvelteSet } from 'svelte/reactivity';
import type { ConversationSummary } from '../../../../electron/ipc/contract/index.ts';
import type { Client } from '../../api.ts';

/** Conversations whose answer ended while another one, or another view, was on screen. CORE keeps them. */
export class Unread {
  readonly #api: Client;
  readonly #ids = new SvelteSet<string>();

  constructor(api: Client) {
    this.#api = api;
  }

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** @param onScreen the conversation that can be seen now; null for none. */
  look(list: readonly ConversationSummary[], onScreen: string | null): void {
    const marked = new Set(list.filter(({ hasNewAnswer }) => hasNewAnswer).map(({ id }) => id));
    if (onScreen !== null && marked.delete(onScreen)) {
      // Not told, it stays new for CORE, and is told at the next look.
      this.#api.conversations.seen({ id: onScreen }).catch(() => undefined);
    }
    for (const id of marked) this.#ids.add(id);
    for (const id of [...this.#ids]) if (!marked.has(id)) this.#ids.delete(id);
  }
}
