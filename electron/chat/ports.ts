import type { DocumentScope, PassageHit } from '../ipc/contract/index.ts';

/** What a turn asks of the documents; `documents/retrieve` implements it. */
export interface Retriever {
  /** Best first. Never throws for odd queries: it finds nothing. */
  search(
    query: string,
    options: { readonly scope: DocumentScope; readonly limit: number },
  ): readonly PassageHit[] | Promise<readonly PassageHit[]>;
}
