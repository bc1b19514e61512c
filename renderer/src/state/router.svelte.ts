export const viewNames = ['chat', 'library', 'models', 'memory', 'settings', 'welcome'] as const;
export type ViewName = (typeof viewNames)[number];

/** Which view is on screen, and what it shows. Kept in memory only: a start begins at the chat. */
export class Router {
  #view = $state<ViewName>('chat');
  #conversationId = $state<string | null>(null);
  #target = $state<string | null>(null);
  #opened = 0;

  get view(): ViewName {
    return this.#view;
  }

  /** The open conversation; null = the empty page for a new one. */
  get conversationId(): string | null {
    return this.#conversationId;
  }

  /** What the view was asked to show: a collection, document or model id. */
  get target(): string | null {
    return this.#target;
  }

  go(view: ViewName, target: string | null = null): void {
    this.#view = view;
    this.#target = target;
  }

  /** How often a conversation, or the empty page for one, was opened: tells one empty page from the next. */
  get opened(): number {
    return this.#opened;
  }

  /** The empty page has become this conversation. Whoever has opened anything since stays there. */
  began(id: string, opened: number): void {
    if (opened === this.#opened) this.#conversationId ??= id;
  }

  openConversation(id: string | null): void {
    this.#opened += 1;
    this.#conversationId = id;
    this.go('chat');
  }
}
