import { SvelteSet } from 'svelte/reactivity';
import type { ConversationSummary } from '../../../../electron/ipc/contract/index.ts';

/** Conversations whose answer ended while another one, or another view, was on screen. */
export class Unread {
  readonly #ids = new SvelteSet<string>();
  #busy: ReadonlySet<string> = new Set();

  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** @param onScreen the conversation that can be seen now; null for none. */
  look(list: readonly ConversationSummary[], onScreen: string | null): void {
    const busy = new Set(list.filter(({ activity }) => activity).map(({ id }) => id));
    const there = new Set(list.map(({ id }) => id));
    for (const id of this.#busy) if (!busy.has(id)) this.#ids.add(id);
    for (const id of [...this.#ids]) {
      if (id === onScreen || busy.has(id) || !there.has(id)) this.#ids.delete(id);
    }
    this.#busy = busy;
  }
}
