import { SvelteMap } from 'svelte/reactivity';
import type { DocumentScope } from '../../../../electron/ipc/contract/index.ts';
import type { Client } from '../../api.ts';
import { Turns } from './turns.svelte.ts';

/** What a new conversation will start with; null = what the app chooses. */
export interface Draft {
  readonly modelId: string | null;
  readonly scope: DocumentScope | null;
  readonly systemPrompt: string;
}

const emptyDraft: Draft = { modelId: null, scope: null, systemPrompt: '' };

/** What the chat keeps while other views are on screen: running turns, unsent words, the draft. */
export class ChatState {
  readonly turns: Turns;
  readonly #words = new SvelteMap<string, string>();
  #draft = $state.raw<Draft>(emptyDraft);
  /** A message that the conversation scrolls to when it is next shown (a search hit). */
  jumpTo: string | null = null;

  constructor(api: Client) {
    this.turns = new Turns(api);
  }

  get draft(): Draft {
    return this.#draft;
  }

  change(values: Partial<Draft>): void {
    this.#draft = { ...this.#draft, ...values };
  }

  clearDraft(): void {
    this.#draft = emptyDraft;
  }

  /** Words typed but not sent, by conversation ('' = the new one). */
  unsent(conversationId: string | null): string {
    return this.#words.get(conversationId ?? '') ?? '';
  }

  keep(conversationId: string | null, words: string): void {
    this.#words.set(conversationId ?? '', words);
  }

  close(): void {
    this.turns.close();
  }
}
