/** A place in a document. Offsets are into the document's whole extracted text (UTF-16). */
export interface Evidence {
  readonly documentId: string;
  readonly documentName?: string;
  /** 1-based; null or absent = the page that holds `start`, which the viewer finds itself. */
  readonly page?: number | null;
  readonly start?: number;
  readonly end?: number;
  readonly quote?: string;
  /** Where the quote stands, in words. */
  readonly place?: string;
}

/** What the pane on the right shows. Any view may open it. */
export class EvidenceState {
  #shown = $state.raw<Evidence | null>(null);
  #opener: HTMLElement | null = null;

  get shown(): Evidence | null {
    return this.#shown;
  }

  open(evidence: Evidence): void {
    if (!this.#shown && document.activeElement instanceof HTMLElement) {
      this.#opener = document.activeElement;
    }
    this.#shown = evidence;
  }

  /** Closes it and gives the focus back to what opened it. */
  close(): void {
    this.#shown = null;
    const opener = this.#opener;
    this.#opener = null;
    if (opener?.isConnected) opener.focus();
  }
}
