import { untrack } from 'svelte';
import type {
  DocumentPart,
  DocumentView,
  ErrorShape,
  QuotePlace,
} from '../../../../electron/ipc/contract/index.ts';
import type { Client } from '../../api.ts';
import { Asked } from '../../state/asked.svelte.ts';
import type { Aim } from './aim.ts';
import { pageAt } from './mark.ts';
import type { Mark } from './mark.ts';

/** What a viewer is to show. */
export interface Wanted {
  readonly documentId: string;
  /** 1-based; null = the page on which the mark begins, else the first. */
  readonly page: number | null;
  /** Offsets into the document's whole extracted text, when it was cited. */
  readonly mark: Mark | null;
  /** The cited words. */
  readonly quote: string | null;
}

interface Read {
  readonly view: DocumentView;
  readonly parts: readonly DocumentPart[];
}

/** A document without parts still has a first page, if only to say that it is empty. */
const plainParts = (of: DocumentView): readonly DocumentPart[] =>
  Array.from({ length: Math.max(1, of.pageStarts.length) }, (_, index) => ({
    page: index + 1,
    kind: of.hasImage ? 'page' : 'section',
    title: null,
    start: of.pageStarts[index] ?? 0,
    characters: 1000,
    lines: 1,
    width: null,
    height: null,
  }));

/**
 * The document of a viewer, kept fresh, and where in it one is sent: to the quote where it stands by
 * now. To be made while a component is.
 */
export class Opened {
  readonly #api: Client;
  readonly #wanted: () => Wanted;
  #asked = $state.raw<Asked<Read>>();
  #located = $state.raw<QuotePlace | null>(null);
  #aim = $state.raw<Aim | null>(null);
  readonly #documentId = $derived.by(() => this.#wanted().documentId);
  readonly #shown = $derived.by(() => {
    const read = this.#asked?.value;
    return read?.view.document.id === this.#documentId ? read : undefined;
  });
  readonly #version = $derived.by(() => {
    const document = this.#shown?.view.document;
    return document ? `${document.id} ${document.sha256}` : '';
  });

  constructor(api: Client, wanted: () => Wanted) {
    this.#api = api;
    this.#wanted = wanted;
    $effect(() => this.#open(this.#documentId));
    $effect(() => this.#locate());
  }

  /** undefined until it is read. */
  get view(): DocumentView | undefined {
    return this.#shown?.view;
  }

  get parts(): readonly DocumentPart[] {
    return this.#shown?.parts ?? [];
  }

  get error(): ErrorShape | null {
    return this.#asked?.error ?? null;
  }

  /** Changes with the text, not with other news of the document; '' until it is read. */
  get version(): string {
    return this.#version;
  }

  /** Where the quote stands by now; null while that is not known, or where there is none. */
  get located(): QuotePlace | null {
    return this.#located;
  }

  /** null until there is something to show. */
  get aim(): Aim | null {
    return this.#aim;
  }

  again(): void {
    void this.#asked?.refresh();
  }

  /** Sends to a page, or to that on which an offset of the text lies, which goes before it. */
  go(page: number | null, mark: Mark | null, start?: number): void {
    const starts = untrack(() => this.parts.map((part) => part.start));
    const found = start === undefined ? (page ?? 1) : pageAt(starts, start);
    this.#aim = { page: Math.min(Math.max(1, found), Math.max(1, starts.length)), mark };
  }

  #open(id: string): () => void {
    const next = new Asked(() => this.#read(id)).follow(
      this.#api,
      'documents.changed',
      ({ collectionId }) =>
        !this.view || collectionId === null || collectionId === this.view.document.collectionId,
    );
    this.#asked = next;
    void next.refresh();
    return () => next.close();
  }

  async #read(documentId: string): Promise<Read> {
    const view = await this.#api.documents.view({ documentId });
    // Parts change only with the text.
    const known = this.#asked?.value;
    const same =
      known?.view.document.id === documentId && known.view.document.sha256 === view.document.sha256;
    const parts = same && known ? known.parts : await this.#api.documents.parts({ documentId });
    return { view, parts: parts.length > 0 ? parts : plainParts(view) };
  }

  #locate(): (() => void) | undefined {
    if (this.#version === '') return undefined;
    const { documentId, page, mark, quote } = this.#wanted();
    let current = true;
    this.#located = null;
    const settle = (found: QuotePlace | null) => {
      if (!current) return;
      this.#located = found;
      this.go(page, found && found.state !== 'gone' ? found : null, found?.start);
    };
    if (!mark) settle(null);
    else if (!quote) settle({ state: 'same', ...mark });
    else {
      this.#api.documents
        .locate({ documentId, ...mark, quote })
        .then(settle, () => settle({ state: 'same', ...mark }));
    }
    return () => (current = false);
  }
}
