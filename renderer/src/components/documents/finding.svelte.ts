import type { FoundInDocument, FoundSpan } from '../../../../electron/ipc/contract/index.ts';
import type { Client } from '../../api.ts';

/** Rests this long after the last key before it looks. */
const restMs = 140;

/** Looking for words within one document: what was found and which of it is looked at. */
export class Finding {
  readonly #api: Client;
  readonly #documentId: string;
  #isOpen = $state(false);
  #query = $state('');
  #found = $state.raw<FoundInDocument | null>(null);
  #at = $state(-1);
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Where reading is: the first hit from there on is looked at first. */
  #from: () => number;

  constructor(api: Client, documentId: string, from: () => number) {
    this.#api = api;
    this.#documentId = documentId;
    this.#from = from;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get query(): string {
    return this.#query;
  }

  /** null while nothing is looked for, or the answer is on its way. */
  get found(): FoundInDocument | null {
    return this.#found;
  }

  get spans(): readonly FoundSpan[] {
    return (this.#isOpen && this.#found?.spans) || [];
  }

  /** Number of the hit looked at, from 1; 0 = none. */
  get number(): number {
    return this.#at + 1;
  }

  get current(): FoundSpan | null {
    return this.spans[this.#at] ?? null;
  }

  open(): void {
    this.#isOpen = true;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#isOpen = false;
  }

  search(query: string): void {
    this.#query = query;
    clearTimeout(this.#timer);
    if (query.trim() === '') {
      this.#found = null;
      this.#at = -1;
    } else this.#timer = setTimeout(() => void this.#run(), restMs);
  }

  /** Once more, for a document whose text has changed. */
  again(): void {
    if (this.#isOpen) this.search(this.#query);
  }

  /** The next hit (1) or the one before (-1); from the last one it goes on at the first. */
  step(by: 1 | -1): void {
    const { length } = this.spans;
    if (length > 0) this.#at = (this.#at + by + length) % length;
  }

  async #run(): Promise<void> {
    const query = this.#query;
    const documentId = this.#documentId;
    const found = await this.#api.documents.find({ documentId, query }).catch(() => null);
    if (query !== this.#query) return;
    this.#found = found ?? { spans: [], total: 0 };
    const from = this.#from();
    const next = this.#found.spans.findIndex(({ start }) => start >= from);
    this.#at = this.#found.spans.length === 0 ? -1 : Math.max(0, next);
  }
}
