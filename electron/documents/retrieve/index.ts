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
import { holds } from './marks.ts';
import { nothingSaid, standAlone } from './question.ts';
import type { Said, Sought } from './question.ts';
import { anyOf, termsOf } from './terms.ts';
import type { Term } from './terms.ts';
import { sayingOf, unitsOf } from './units.ts';
import type { Saying, Units } from './units.ts';
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
}

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
/** A question that one unit holds this share of is answered there: kindred words would only bring up others. */
const saidShare = 0.8;
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
  ): Ranked[] => {
    const limits = { ...usualLimits, ...options.limits };
    const { candidates, candidatesEarlier, candidatesKindred, mostScored, fewScored } = limits;
    const within = searchWithin(db, scope, filters);
    if (within === null) return [];
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
    if (rows.size === 0) return [];
    const vocabulary = createVocabulary();
    numberSought(sought, vocabulary);
    const first = vocabulary.see(indexedTerms(db, [...rows]));
    knowledge.learn(heldOf(sought, first, vocabulary));
    const saying = sayingOf(sought, query, knowledge, vocabulary);
    const units = new Map<number, Units>();
    const closer = (passages: readonly Seen[], scores: readonly number[]) =>
      parts.units === false || prefixLast
        ? { ranked: sorted(passages, scores), isSaid: false }
        : bySaying(sought, passages, scores, saying, units, limits.mostRead);
    const weighed = weighing(first, sought, knowledge, vocabulary, parts);
    const scores = weighed.scores();
    const { ranked, isSaid } = closer(first, scores);
    if (isSaid || parts.kindred === false || prefixLast || first.length <= kindredFrom) {
      return ranked;
    }
    const kindred = weighed.kindred(scores);
    const before = rows.size;
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
    for (const { stems: of } of kindred) of.forEach((stem) => vocabulary.number(stem));
    const known = new Set(first.map(({ rowid }) => rowid));
    const others = [...rows].filter((row) => !known.has(row));
    const all = vocabulary.see(
      rows.size === before ? first : [...first, ...indexedTerms(db, others)],
    );
    knowledge.learn(heldOf(sought, all.slice(first.length), vocabulary));
    return closer(all, weighing(all, sought, knowledge, vocabulary, parts).scores(kindred)).ranked;
  };

  /**
   * Ranks again by what single units say, reading the texts of those alone that can come up by it.
   *
   * @param units those found already, which the next ranking of the same question does not look for again
   */
  const bySaying = (
    sought: Sought,
    passages: readonly Seen[],
    scores: readonly number[],
    saying: Saying,
    units: Map<number, Units>,
    mostRead: number,
  ): { ranked: Ranked[]; isSaid: boolean } => {
    const bounds = passages.map(
      (passage, at) => (scores[at] ?? 0) * saying.factor(saying.bound(passage)),
    );
    const likely = new Set(
      sorted(passages, bounds)
        .slice(0, mostRead)
        .map(({ rowid }) => rowid),
    );
    const unread = [...likely].filter((rowid) => !units.has(rowid));
    for (const passage of textsOf(db, unread)) units.set(passage.rowid, unitsOf(passage));
    let most = 0;
    const ranked = sorted(
      passages,
      passages.map((passage, at) => {
        const own = likely.has(passage.rowid) ? units.get(passage.rowid) : undefined;
        const share = own === undefined ? 0 : saying.share(passage, own);
        most = Math.max(most, share);
        return (scores[at] ?? 0) * saying.factor(share);
      }),
    );
    return { ranked, isSaid: sought.alone && most >= saidShare };
  };

  return {
    shown(query, { prefixLast = false, said = nothingSaid, without = [] }, rows) {
      const sought = standAlone(query, said, prefixLast);
      const not = anyOf(without.flatMap((text) => termsOf(`"${text}"`)));
      const ids = rows.map(({ rowid }) => rowid);
      const left = not === null ? new Set<number>() : rowsHolding(db, ids, not);
      const found = new Map(passagesOf(db, ids).map((each) => [each.rowid, each]));
      return rows.flatMap(({ rowid, score }) => {
        const passage = found.get(rowid);
        return passage === undefined || left.has(rowid)
          ? []
          : [{ ...hitOf(passage, score, sought), rowid }];
      });
    },
    search(query, options) {
      const { limit, prefixLast = false, said = nothingSaid } = options;
      const plain = standAlone(query, said, prefixLast);
      const sought = { ...plain, asked: plain.asked.map((term) => grownTerm(db, term)) };
      if (sought.asked.length === 0 || limit <= 0) return [];
      const ranked = rank(query, sought, options).slice(0, limit * 3);
      const found = new Map(
        passagesOf(
          db,
          ranked.map(({ rowid }) => rowid),
        ).map((each) => [each.rowid, each]),
      );
      const seen = new Set<string>();
      const hits: RetrievedPassage[] = [];
      for (const { rowid, score } of ranked) {
        if (hits.length >= limit) break;
        const passage = found.get(rowid);
        // Copies of one file stand in several folders: the same words twice help nobody.
        if (passage === undefined || (seen.has(passage.text) && options.copies !== true)) continue;
        const hit = hitOf(passage, score, sought);
        if (prefixLast && !isMeant(hit, sought)) continue;
        seen.add(passage.text);
        hits.push(hit);
      }
      return hits;
    },
    neighbours({ documentId, passageId }, { before, after }) {
      const ordinal = documents.passageOrdinal(documentId, passageId);
      return ordinal === undefined ? [] : documents.neighbours(documentId, ordinal, before, after);
    },
    searchable: (scope, filters = {}) => countMatching(db, scope, filters),
    passing: (scope, filters) => documentsMatching(db, scope, filters),
  };
}

interface Ranked {
  readonly rowid: number;
  readonly score: number;
}

const stemsIn = (terms: readonly Term[]): string[] =>
  terms.flatMap(({ stems, phrase }) => [...stems, ...(phrase ?? []).flat()]);

const sorted = (passages: readonly Seen[], scores: readonly number[]): Ranked[] =>
  passages
    .map(({ rowid }, at) => ({ rowid, score: scores[at] ?? 0 }))
    .filter(({ score }) => score > 0)
    .sort((x, y) => y.score - x.score || x.rowid - y.rowid);

/**
 * Stems of the conversation's subject that stand in any of the passages. To count a stem takes long, and what a
 * conversation said holds many that stand in none of them.
 */
function heldOf({ subject }: Sought, passages: readonly Seen[], vocabulary: Vocabulary): string[] {
  const held = new Set<number>();
  for (const passage of passages) for (const number of passage.held) held.add(number);
  return [...subject.values()].flatMap(({ stems }) =>
    stems.some((stem) => held.has(vocabulary.number(stem))) ? stems : [],
  );
}

/** While typing a word may match only as a stem it is growing from, and a phrase must be there. */
function isMeant({ marks, text, heading }: RetrievedPassage, { asked }: Sought): boolean {
  const phrases = asked.filter(({ phrase }) => phrase !== null);
  if (
    phrases.length > 0 &&
    holds(`${heading ?? ''}\n${text}`, phrases, text).terms.size < phrases.length
  ) {
    return false;
  }
  return marks.length > 0 || holds(heading ?? '', asked, text).marks.length > 0;
}

function hitOf(passage: FoundPassage, score: number, sought: Sought): RetrievedPassage {
  const terms = [...sought.asked, ...sought.earlier.map(({ term }) => term)];
  const inText = holds(passage.text, terms);
  const above = [passage.heading ?? '', passage.lead].join('\n');
  const inHeading = holds(above, terms, passage.text);
  const inName = holds(fold(passage.documentName), terms, passage.text);
  const wanted = wantedOf(sought, true);
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
}
