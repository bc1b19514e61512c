import type { DocumentScope } from '../../../../electron/ipc/contract/index.ts';
import type { Client } from '../../api.ts';

/** The name of the document that a conversation looks into; null where it looks elsewhere, or it is gone. */
export class DocumentName {
  #api: Client;
  #wanted: string | null = null;
  value = $state.raw<string | null>(null);

  constructor(api: Client) {
    this.#api = api;
  }

  of(scope: DocumentScope): void {
    const wanted = scope.kind === 'document' ? scope.documentId : null;
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.value = null;
    if (wanted === null) return;
    this.#api.documents.view({ documentId: wanted }).then(
      ({ document }) => {
        if (this.#wanted === wanted) this.value = document.name;
      },
      () => undefined,
    );
  }
}
