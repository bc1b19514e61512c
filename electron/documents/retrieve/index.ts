import type { DocumentScope, PassageHit } from '../../ipc/contract/index.ts';
import type { Writer } from '../../storage/sql.ts';
import { documentsRepository } from '../../storage/repositories/documents.ts';
import type { NewPassage } from '../../storage/repositories/documents.ts';
import { rank } from './rank.ts';
import { anyOf, termsOf } from './terms.ts';

export interface RetrievedPassage extends PassageHit {
  /**
   * Share of the question's distinct terms (stop words left out) that the passage with its headings
   * and its document's name holds, 0 to 1. Comparable between searches, unlike `score`.
   */
  readonly coverage: number;
  /** Place of the passage within its document. */
  readonly ordinal: number;
}

export interface SearchOptions {
  readonly scope: DocumentScope;
  /** Most passages given back. */
  readonly limit: number;
  /** The last word also matches as a beginning: searching while typing. */
  readonly prefixLast?: boolean;
}

/** Finds passages. What chat sees of the documents. */
export interface Retriever {
  /** Best passages first; one passage of several that have the same text. Empty for a query without words. */
  search(query: string, options: SearchOptions): readonly RetrievedPassage[];
  /** The passages around one, itself included, in reading order. Empty if it is gone. */
  neighbours(
    passage: { readonly documentId: string; readonly passageId: string },
    reach: { readonly before: number; readonly after: number },
  ): readonly NewPassage[];
  /** How many documents a search with this scope looks through. */
  searchable(scope: DocumentScope): number;
}

/** Passages that full text ranks for the second pass to choose from. */
const candidatesPerHit = 4;
const leastCandidates = 40;

export function createRetriever(db: Writer): Retriever {
  const documents = documentsRepository(db);
  return {
    search(query, { scope, limit, prefixLast = false }) {
      const terms = termsOf(query, prefixLast);
      const expression = anyOf(terms);
      if (expression === null || limit <= 0) return [];
      const candidates = Math.max(leastCandidates, limit * candidatesPerHit);
      const seen = new Set<string>();
      return rank(documents.match(expression, scope, candidates), terms)
        .filter(({ match }) => {
          // Copies of one file stand in several folders: the same words twice help nobody.
          if (seen.has(match.text)) return false;
          seen.add(match.text);
          return true;
        })
        .slice(0, limit)
        .map(({ match, marks, coverage, score }) => ({
          passageId: match.id,
          documentId: match.documentId,
          documentName: match.documentName,
          collectionId: match.collectionId,
          page: match.page,
          heading: match.heading,
          place: match.place,
          ...(match.lead !== '' && { lead: match.lead }),
          text: match.text,
          start: match.start,
          end: match.end,
          score,
          marks,
          coverage,
          ordinal: match.ordinal,
        }));
    },
    neighbours({ documentId, passageId }, { before, after }) {
      const ordinal = documents.passageOrdinal(documentId, passageId);
      return ordinal === undefined ? [] : documents.neighbours(documentId, ordinal, before, after);
    },
    searchable: (scope) => documents.searchable(scope),
  };
}
