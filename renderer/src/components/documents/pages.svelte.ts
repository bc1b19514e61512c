import { SvelteMap } from 'svelte/reactivity';
import type { DocumentPage, ErrorShape } from '../../../../electron/ipc/contract/index.ts';
import { shapeOf } from '../../api.ts';
import type { Client } from '../../api.ts';

/** Pages kept in the window; those asked for longest ago go first. */
const mostKept = 400;

/** The texts of a document's pages, each asked for when it is about to be seen. */
export class Pages {
  readonly #api: Client;
  readonly #documentId: string;
  readonly #kept = new SvelteMap<number, DocumentPage>();
  readonly #asked = new Set<number>();
  #error = $state.raw<ErrorShape | null>(null);

  constructor(api: Client, documentId: string) {
    this.#api = api;
    this.#documentId = documentId;
  }

  get error(): ErrorShape | null {
    return this.#error;
  }

  /** undefined while it is on its way. */
  get(page: number): DocumentPage | undefined {
    return this.#kept.get(page);
  }

  /** Asks for a page unless it is there or on its way. */
  want(page: number): void {
    // What failed is asked for again only when somebody wants it so.
    if (this.#error !== null || this.#asked.has(page)) return;
    this.#asked.add(page);
    this.#api.documents.page({ documentId: this.#documentId, page }).then(
      (answer) => {
        this.#kept.set(page, answer);
        for (const oldest of this.#kept.keys()) {
          if (this.#kept.size <= mostKept) break;
          this.#kept.delete(oldest);
          this.#asked.delete(oldest);
        }
      },
      (error: unknown) => {
        this.#asked.delete(page);
        this.#error = shapeOf(error);
      },
    );
  }

  /** After a failure: what is seen asks again. */
  again(): void {
    this.#error = null;
  }
}
