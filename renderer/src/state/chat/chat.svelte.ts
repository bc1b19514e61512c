import { SvelteMap } from 'svelte/reactivity';
import type { DocumentScope, DocumentUse } from '../../../../electron/ipc/contract/index.ts';
import type { Client } from '../../api.ts';
import { mentioned } from './mentions.ts';
import type { Mention } from './mentions.ts';
import { Unread } from './unread.svelte.ts';
import { Turns } from './turns.svelte.ts';

/** What a new conversation will start with; null = what the app chooses. */
export interface Draft {
  readonly modelId: string | null;
  readonly scope: DocumentScope | null;
  readonly use: DocumentUse;
  readonly systemPrompt: string;
}

const emptyDraft: Draft = { modelId: null, scope: null, use: 'auto', systemPrompt: '' };

/** What the chat keeps while other views are on screen: running turns, unsent words, the draft. */
export class ChatState {
  readonly turns: Turns;
  readonly unread: Unread;
  readonly #words = new SvelteMap<string, string>();
  readonly #mentions = new SvelteMap<string, readonly Mention[]>();
  #draft = $state.raw<Draft>(emptyDraft);
  /** A message that the conversation scrolls to when it is next shown (a search hit). */
  jumpTo: string | null = null;

  #api: Client;

  constructor(api: Client) {
    this.#api = api;
    this.unread = new Unread(api);
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

  /** Makes a conversation of the draft. @returns its id. */
  async create(scope: DocumentScope, use: DocumentUse, modelId?: string): Promise<string> {
    const { systemPrompt } = this.#draft;
    const { id } = await this.#api.conversations.create({
      ...{ scope, use },
      ...(modelId === undefined ? {} : { modelId }),
    });
    if (systemPrompt !== '') await this.#api.conversations.update({ id, systemPrompt });
    return id;
  }

  /** The draft has become a conversation without a question: what was typed goes along. */
  moveWords(conversationId: string): void {
    this.keep(conversationId, this.unsent(null));
    for (const one of this.mentions(null)) this.mention(conversationId, one);
    this.keep(null, '');
    this.clearDraft();
  }

  /** Words typed but not sent, by conversation ('' = the new one). */
  unsent(conversationId: string | null): string {
    return this.#words.get(conversationId ?? '') ?? '';
  }

  /** Documents and collections that were named with `@` in the words not sent yet. */
  mentions(conversationId: string | null): readonly Mention[] {
    return mentioned(this.unsent(conversationId), this.#mentions.get(conversationId ?? '') ?? []);
  }

  mention(conversationId: string | null, mention: Mention): void {
    const key = conversationId ?? '';
    const before = (this.#mentions.get(key) ?? []).filter(
      ({ kind, id }) => kind !== mention.kind || id !== mention.id,
    );
    this.#mentions.set(key, [...before, mention]);
  }

  keep(conversationId: string | null, words: string): void {
    this.#words.set(conversationId ?? '', words);
  }

  /** What could not be sent is unsent again, before whatever was written since. */
  giveBack(conversationId: string | null, words: string): void {
    const since = this.unsent(conversationId);
    this.keep(conversationId, since.trim() === '' ? words : `${words}\n\n${since}`);
  }

  close(): void {
    this.turns.close();
  }
}
