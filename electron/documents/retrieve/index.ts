import type { DocumentScope, PassageHit } from '../../ipc/contract/index.ts';
import { documentsRepository } from '../../storage/repositories/documents.ts';
import type { NewPassage } from '../../storage/repositories/documents.ts';
import {
  countMatching,
  documentsMatching,
  indexedTerms,
  passagesOf,
  rowsHolding,
  searchWithin,
  textsOf,
} from '../../storage/repositories/passage-search.ts';
import type { FoundPassage, SearchFilters } from '../../storage/repositories/passage-search.ts';
import { fold } from '../../storage/terms/split.ts';
import type { Writer } from '../../storage/sql.ts';
import { candidatesOf, createKnowledge, grownTerm } from './candidates.ts';
import { createVocabulary } from './indexed.ts';
import type { Seen, Vocabulary } from './indexed.ts';
import { byScores, createCloser } from './closer.ts';
import type { Order } from './closer.ts';
import { holds, lookingFor } from './marks.ts';
import { nothingSaid, standAlone } from './question.ts';
import type { Said, Sought } from './question.ts';
import { anyOf, termsOf } from './terms.ts';
import type { Term } from './terms.ts';
import { sayingOf } from './units.ts';
import { kindredFrom, numberSought, wantedOf, weighing } from './weigh.ts';
import type { Parts } from './weigh.ts';

export type { Said } from './question.ts';
export type { SearchFilters } from '../../storage/repositories/passage-search.ts';

export interface RetrievedPassage extends PassageHit {
  /**
   * Share of the question's distinct words (function words left out) that the passage with its headings
   * and its document's name holds, 0 to 1. Comparable between searches, unlike `score`.
   */
  readonly coverage: number;
  /** Place of the passage within its document. */
  readonly ordinal: number;
  /** Found by meaning, and more alike than chance makes anything: it counts whatever words it holds. */
  readonly near?: true;
  /** Passages of other documents with the same text, which were found as well and are not given. Missing for none. */
  readonly elsewhere?: readonly Elsewhere[];
}

/** Where an equal passage stands. */
export interface Elsewhere {
  readonly documentId: string;
  readonly page: number | null;
  readonly start: number;
  readonly end: number;
}

export const elsewhereOf = ({ documentId, page, start, end }: Elsewhere): Elsewhere => ({
  ...{ documentId, page, start, end },
});

export interface SearchOptions {
  readonly scope: DocumentScope;
  /** Most passages given back. */
  readonly limit: number;
  /** Searching while typing: the last word also matches as a beginning, quoted phrases must stand in the passage. */
  readonly prefixLast?: boolean;
  /** The conversation that the question goes on. */
  readonly said?: Said;
  readonly filters?: SearchFilters;
  /** Words and phrases that must not stand in a passage. */
  readonly without?: readonly string[];
  /** Passages of the same text are given each: the bench, whose judgements name one of them. */
  readonly copies?: boolean;
  /** Parts of the ranking left out: the bench. */
  readonly parts?: Parts;
  /** Other limits than the usual ones: the bench. */
  readonly limits?: Partial<Limits>;
}

/** Finds passages. What chat sees of the documents. */
export interface Retriever {
  /** Best passages first; one passage of several that have the same text. Empty for a query without words. */
  search(query: string, options: SearchOptions): readonly RetrievedPassage[];
  /** Passages that were found otherwise, in their order, as `search` would show them. What is gone is left out. */
  shown(
    query: string,
    options: SearchOptions,
    rows: readonly { readonly rowid: number; readonly score: number }[],
  ): readonly (RetrievedPassage & { readonly rowid: number })[];
  /** The passages around one, itself included, in reading order. Empty if it is gone. */
  neighbours(
    passage: { readonly documentId: string; readonly passageId: string },
    reach: { readonly before: number; readonly after: number },
  ): readonly NewPassage[];
  /** How many documents a search with this scope and these filters looks through. */
  searchable(scope: DocumentScope, filters?: SearchFilters): number;
  /** Their ids. */
  passing(scope: DocumentScope, filters: SearchFilters): readonly string[];
}

/** How many passages each step of the ranking looks at. */
export interface Limits {
  /** Passages that full text gives the ranking to choose from: for the question, in its conversation, by kindred words. */
  readonly candidates: number;
  readonly candidatesEarlier: number;
  readonly candidatesKindred: number;
  /**
   * Passages that full text scores for the question's own list, and for each of the others. Scoring takes about a
   * microsecond each: what a question's common words would add to its rare ones costs more time than it finds.
   */
  readonly mostScored: number;
  readonly fewScored: number;
  /** Passages that the words of the question's own list may stand in together: to count them takes a fraction of that. */
  readonly mostWeighed: number;
  /** Passages whose texts the ranking reads. */
  readonly mostRead: number;
}

/** `npm run bench retrieval -- --limits=100k` compares what they find with what far larger ones find. */
export const usualLimits: Limits = {
  candidates: 200,
  candidatesEarlier: 60,
  candidatesKindred: 40,
  mostScored: 12_000,
  fewScored: 4000,
  mostWeighed: 24_000,
  mostRead: 60,
};
/** A term that stands only above the passage counts, but less than one in it. */
const headingShare = 0.7;
const nameShare = 0.5;

export function createRetriever(db: Writer): Retriever {
  const documents = documentsRepository(db);
  const knowledgeOf = createKnowledge(db);

  const rank = (
    query: string,
    sought: Sought,
    {
      scope,
      filters,
      without = [],
      prefixLast = false,
      parts = {},
      limit,
      ...options
    }: SearchOptions,
  ): Order => {
    const limits = { ...usualLimits, ...options.limits };
    const { candidates, candidatesEarlier, candidatesKindred, mostScored, fewScored } = limits;
    const within = searchWithin(db, scope, filters);
    if (within === null) return nothing;
    const earlier = parts.earlier === false ? [] : sought.earlier.map(({ term }) => term);
    const knowledge = knowledgeOf.now();
    knowledge.learn(stemsIn([...sought.asked, ...earlier]));
    const not = anyOf(without.flatMap((text) => termsOf(`"${text}"`)));
    const rows = new Set<number>();
    const look = (terms: readonly Term[], most: number, scored: number, weighed = 0): void => {
      const found = { within, not, limit: most, scored, weighed };
      for (const row of candidatesOf(db, terms, knowledge, found)) rows.add(row);
    };
    look(sought.asked, Math.max(candidates, limit * 2), mostScored, limits.mostWeighed);
    if (earlier.length > 0) look([...sought.asked, ...earlier], candidatesEarlier, fewScored);
    if (rows.size === 0) return nothing;
    const vocabulary = createVocabulary();
    numberSought(sought, vocabulary);
    const see = (of: readonly number[]): Seen[] => {
      const passages = vocabulary.see(indexedTerms(db, of));
      for (const { rowid, headingNumbers, bodyNumbers } of passages)
        knowledge.index.learnLength(rowid, headingNumbers.length + bodyNumbers.length);
      return passages;
    };
    const first = see([...rows]);
    knowledge.learn(heldOf(sought, first, vocabulary));
    const byUnits = parts.units !== false && !prefixLast;
    const saying = sayingOf(sought, query, knowledge, vocabulary);
    const closer = createCloser(saying, limits.mostRead, (of) => textsOf(db, of));
    const weighed = weighing(sought, knowledge, vocabulary, parts);
    weighed.add(first);
    const scores = weighed.scores();
    // Where one unit says it, kindred words would only bring up others.
    if (
      parts.kindred === false ||
      prefixLast ||
      first.length <= kindredFrom ||
      (byUnits && sought.alone && closer.isSaid(first, scores))
    ) {
      return byUnits ? closer.order(first, scores) : byScores(first, scores);
    }
    const kindred = weighed.kindred(scores);
    look(
      kindred.map(({ stems: of }, word) => ({
        text: of[0] ?? '',
        word,
        share: 1,
        stems: of,
        phrase: null,
        start: null,
      })),
      candidatesKindred,
      fewScored,
    );
    const { size } = vocabulary;
    for (const { stems: of } of kindred) of.forEach((stem) => vocabulary.number(stem));
    const known = new Set(first.map(({ rowid }) => rowid));
    const others = see([...rows].filter((row) => !known.has(row)));
    knowledge.learn(heldOf(sought, others, vocabulary));
    weighed.add(others);
    const all = [...vocabulary.seeAgain(first, size), ...others];
    const both = weighed.scores({ wanted: kindred, passages: all });
    return byUnits ? closer.order(all, both) : byScores(all, both);
  };

  return {
    shown(query, { prefixLast = false, said = nothingSaid, without = [] }, rows) {
      const sought = standAlone(query, said, prefixLast);
      const not = anyOf(without.flatMap((text) => termsOf(`"${text}"`)));
      const ids = rows.map(({ rowid }) => rowid);
      const left = not === null ? new Set<number>() : rowsHolding(db, ids, not);
      const found = new Map(passagesOf(db, ids).map((each) => [each.rowid, each]));
      const show = hitsOf(sought);
      return rows.flatMap(({ rowid, score }) => {
        const passage = found.get(rowid);
        return passage === undefined || left.has(rowid) ? [] : [{ ...show(passage, score), rowid }];
      });
    },
    search(query, options) {
      const { limit, prefixLast = false, said = nothingSaid } = options;
      const plain = standAlone(query, said, prefixLast);
      const sought = { ...plain, asked: plain.asked.map((term) => grownTerm(db, term)) };
      if (sought.asked.length === 0 || limit <= 0) return [];
      const order = rank(query, sought, options);
      const show = hitsOf(sought);
      const seen = new Map<string, Elsewhere[]>();
      const hits: RetrievedPassage[] = [];
      // Most often the first ones are all that is shown; some may be copies of others.
      for (
        let from = 0, to = limit;
        hits.length < limit && from < limit * 3;
        from = to, to += limit
      ) {
        const ranked = order.first(to).slice(from);
        if (ranked.length === 0) break;
        const rows = ranked.map(({ rowid }) => rowid);
        const found = new Map(passagesOf(db, rows).map((each) => [each.rowid, each]));
        for (const { rowid, score } of ranked) {
          const passage = found.get(rowid);
          if (passage === undefined) continue;
          const copies = options.copies === true ? undefined : seen.get(passage.text);
          if (copies !== undefined) {
            // Copies of one file stand in several folders: the same words twice help nobody.
            copies.push(elsewhereOf(passage));
            continue;
          }
          if (hits.length >= limit) continue;
          const hit = show(passage, score);
          if (prefixLast && !isMeant(hit, sought)) continue;
          seen.set(passage.text, []);
          hits.push(hit);
        }
      }
      return hits.map((hit) => {
        const elsewhere = seen.get(hit.text) ?? [];
        return elsewhere.length === 0 ? hit : { ...hit, elsewhere };
      });
    },
    neighbours({ documentId, passageId }, { before, after }) {
      const ordinal = documents.passageOrdinal(documentId, passageId);
      return ordinal === undefined ? [] : documents.neighbours(documentId, ordinal, before, after);
    },
    searchable: (scope, filters = {}) => countMatching(db, scope, filters),
    passing: (scope, filters) => documentsMatching(db, scope, filters),
  };
}

const nothing: Order = { first: () => [] };

const stemsIn = (terms: readonly Term[]): string[] =>
  terms.flatMap(({ stems, phrase }) => [...stems, ...(phrase ?? []).flat()]);

/**
 * Stems of the conversation's subject that stand in any of the passages. To count a stem takes long, and what a
 * conversation said holds many that stand in none of them.
 */
function heldOf({ subject }: Sought, passages: readonly Seen[], vocabulary: Vocabulary): string[] {
  const held = new Uint8Array(vocabulary.size);
  for (const passage of passages) for (const number of passage.held) held[number] = 1;
  return [...subject.values()].flatMap(({ stems }) =>
    stems.some((stem) => held[vocabulary.number(stem)] === 1) ? stems : [],
  );
}

/** While typing a word may match only as a stem it is growing from, and a phrase must be there. */
function isMeant({ marks, text, heading }: RetrievedPassage, { asked }: Sought): boolean {
  const phrases = asked.filter(({ phrase }) => phrase !== null);
  if (
    phrases.length > 0 &&
    holds(`${heading ?? ''}\n${text}`, lookingFor(phrases), text).terms.size < phrases.length
  ) {
    return false;
  }
  return marks.length > 0 || holds(heading ?? '', lookingFor(asked), text).marks.length > 0;
}

/** Makes hits of passages: where the question's words stand in them, and how many of them do. */
function hitsOf(sought: Sought): (passage: FoundPassage, score: number) => RetrievedPassage {
  const terms = [...sought.asked, ...sought.earlier.map(({ term }) => term)];
  const looking = lookingFor(terms);
  const wanted = wantedOf(sought, true);
  return (passage, score) => {
    const inText = holds(passage.text, looking);
    const above = [passage.heading ?? '', passage.lead].join('\n');
    const inHeading = holds(above, looking, passage.text);
    const inName = holds(fold(passage.documentName), looking, passage.text);
    let all = 0;
    let held = 0;
    terms.forEach((_, index) => {
      const worth = wanted[index]?.weight ?? 0;
      all += worth;
      if (inText.terms.has(index)) held += worth;
      else if (inHeading.terms.has(index)) held += worth * headingShare;
      else if (inName.terms.has(index)) held += worth * nameShare;
    });
    const { id: passageId, documentId, documentName, collectionId, page, heading, place } = passage;
    const { text, start, end, ordinal, lead } = passage;
    return {
      ...{ passageId, documentId, documentName, collectionId, page, heading, place },
      ...{ text, start, end, ordinal, score },
      ...(lead !== '' && { lead }),
      marks: inText.marks,
      coverage: all === 0 ? 0 : held / all,
    };
  };
}
