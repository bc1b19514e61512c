import type {
  DocumentScope,
  DocumentSummary,
  ErrorShape,
  SearchReading,
} from '../../../electron/ipc/contract/index.ts';
import { shapeOf } from '../api.ts';
import type { Client } from '../api.ts';
import { asked } from './asked.svelte.ts';
import type { Asked } from './asked.svelte.ts';

/** Passages that a search gives at most. */
export const mostHits = 50;
/** Rests this long after the last key before it searches. */
const restMs = 160;

/** The documents of one collection (null = all) and the search over them. */
export class LibraryState {
  #api: Client;
  #collectionId = $state<string | null>(null);
  #documents: Asked<readonly DocumentSummary[]>;
  #query = $state('');
  #reading = $state.raw<SearchReading | null>(null);
  #answered = $state('');
  #error = $state.raw<ErrorShape | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #off: () => void;

  constructor(api: Client) {
    this.#api = api;
    this.#documents = asked(
      api,
      'documents.changed',
      () => api.documents.list(this.#collectionId ? { collectionId: this.#collectionId } : {}),
      ({ collectionId }) =>
        this.#collectionId === null || collectionId === null || collectionId === this.#collectionId,
    );
    this.#off = api.on('documents.changed', () => void (this.#query && this.#later()));
  }

  get collectionId(): string | null {
    return this.#collectionId;
  }

  get documents(): readonly DocumentSummary[] | undefined {
    const list = this.#documents.value;
    // While the next collection is on its way the last one must not stand under its name.
    return list?.filter(
      (d) => this.#collectionId === null || d.collectionId === this.#collectionId,
    );
  }

  get error(): ErrorShape | null {
    return this.#error ?? this.#documents.error;
  }

  get query(): string {
    return this.#query;
  }

  /** What was found and how it was understood; null while nothing is searched for or the first answer is on its way. */
  get reading(): SearchReading | null {
    return this.#reading;
  }

  /** The query that `reading` answers. */
  get answered(): string {
    return this.#answered;
  }

  choose(collectionId: string | null): void {
    this.#collectionId = collectionId;
    void this.#documents.refresh();
    if (this.#query) this.#later(0);
  }

  search(query: string): void {
    this.#query = query;
    if (query.trim() === '') {
      clearTimeout(this.#timer);
      this.#reading = null;
      this.#error = null;
    } else this.#later();
  }

  refresh(): void {
    this.#error = null;
    void this.#documents.refresh();
    if (this.#query) this.#later(0);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#off();
    this.#documents.close();
  }

  #later(ms = restMs): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#run(), ms);
  }

  async #run(): Promise<void> {
    // As it was typed: parts are told by where they stand in it.
    const query = this.#query;
    const collectionId = this.#collectionId;
    const scope: DocumentScope = collectionId
      ? { kind: 'collection', collectionId }
      : { kind: 'all' };
    const stale = () => query !== this.#query || collectionId !== this.#collectionId;
    try {
      const reading = await this.#api.documents.searchReading({ query, scope, limit: mostHits });
      if (stale()) return;
      this.#reading = reading;
      this.#answered = query;
      this.#error = null;
    } catch (error) {
      if (!stale()) this.#error = shapeOf(error);
    }
  }
}
