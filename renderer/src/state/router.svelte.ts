export const viewNames = ['chat', 'library', 'models', 'memory', 'settings', 'welcome'] as const;
export type ViewName = (typeof viewNames)[number];

/** Which view is on screen, and what it shows. Kept in memory only: a start begins at the chat. */
export class Router {
  #view = $state<ViewName>('chat');
  #conversationId = $state<string | null>(null);
  #target = $state<string | null>(null);

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

  /** The empty page has become this conversation. Whoever has gone elsewhere meanwhile stays there. */
  began(id: string): void {
    this.#conversationId ??= id;
  }

  openConversation(id: string | null): void {
    this.#conversationId = id;
    this.go('chat');
  }
}
