import type { Collection } from '../../../../electron/ipc/contract/index.ts';
import type { Client } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { matching, mentionAt } from './mentions.ts';
import type { Mention } from './mentions.ts';

/** Names are asked for again when the list opens, but no more often than this. */
const freshMs = 10_000;

/** The list of names while `@` is being typed. */
export class Mentioning {
  readonly #api: Client;
  readonly #collections: () => readonly Collection[];
  #documents = $state.raw<readonly Mention[]>([]);
  #askedAt = -Infinity;
  #at = $state.raw<{ readonly start: number; readonly query: string } | null>(null);
  /** An `@` that a person closed the list of: it stays closed until another one is begun. */
  #closed: number | null = null;
  #active = $state(0);

  constructor(api: Client, collections: () => readonly Collection[]) {
    this.#api = api;
    this.#collections = collections;
  }

  readonly list = $derived.by((): readonly Mention[] => {
    if (this.#at === null) return [];
    const collections = this.#collections().map(({ id, name, documentCount }) => ({
      ...{ kind: 'collection' as const, id, name },
      note: t('mention.collection', { count: documentCount }),
    }));
    return matching([...collections, ...this.#documents], this.#at.query);
  });

  /** Text with a space that nothing is called is prose, not a name. */
  readonly isOpen = $derived.by(
    (): boolean => this.#at !== null && (this.list.length > 0 || !/\s/.test(this.#at.query)),
  );

  get query(): string {
    return this.#at?.query ?? '';
  }

  get active(): number {
    return Math.min(this.#active, Math.max(0, this.list.length - 1));
  }

  /** Looks at the text after each change of it or of the cursor. */
  look(text: string, caret: number): void {
    const at = mentionAt(text, caret);
    if (at === null || at.start !== this.#at?.start) this.#active = 0;
    if (at?.start !== this.#closed) this.#closed = null;
    if (at !== null && this.#at === null) void this.#ask();
    this.#at = at !== null && at.start === this.#closed ? null : at;
  }

  move(step: 1 | -1): void {
    const { length } = this.list;
    if (length > 0) this.#active = (this.active + step + length) % length;
  }

  point(index: number): void {
    this.#active = index;
  }

  close(): void {
    this.#closed = this.#at?.start ?? null;
    this.#at = null;
  }

  /** The text and cursor after a name was chosen. */
  choose(mention: Mention, text: string): { readonly text: string; readonly caret: number } {
    const { start, query } = this.#at ?? { start: text.length, query: '' };
    const before = `${text.slice(0, start)}@${mention.name} `;
    const after = text.slice(start + 1 + query.length).replace(/^ /, '');
    this.#at = null;
    this.#closed = start;
    return { text: before + after, caret: before.length };
  }

  async #ask(): Promise<void> {
    const now = Date.now();
    if (now - this.#askedAt < freshMs) return;
    this.#askedAt = now;
    const found = await this.#api.documents.list({}).catch(() => []);
    const names = new Map(this.#collections().map(({ id, name }) => [id, name]));
    this.#documents = found
      .filter(({ passages }) => passages > 0)
      .map(({ id, name, collectionId }) => {
        const collection = names.get(collectionId);
        const note = collection
          ? t('mention.document', { collection })
          : t('mention.documentAlone');
        return { kind: 'document', id, name, note };
      });
  }
}
