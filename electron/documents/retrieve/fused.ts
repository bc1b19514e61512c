import type { VectorSearch } from '../vectors/index.ts';
import type { AskedVector, WordsOnly } from '../vectors/asking.ts';
import { elsewhereOf } from './index.ts';
import type { Elsewhere, RetrievedPassage, Retriever, SearchOptions } from './index.ts';
import { standAlone } from './question.ts';

export type { TextSimilarity } from '../vectors/similarity.ts';

/** What a search found, and by what. */
export interface Found {
  /** Best first. */
  readonly passages: readonly RetrievedPassage[];
  readonly by: 'words' | 'words-and-meaning';
  /** Why by words alone; null where meaning counted too. */
  readonly why: WordsOnly | null;
}

export interface FindOptions extends SearchOptions {
  /** Passages near by meaning alone are given whether they stand out or not: the bench. */
  readonly allNear?: boolean;
  /** Without it words alone count: the bench. */
  readonly lists?: { readonly words: boolean; readonly vectors: boolean };
}

/** Finds passages by words and, where an embedding model has made vectors, by meaning. */
export interface Finder extends Retriever {
  /**
   * As `search`, with passages that say it in other words. Words never wait longer than about a second for
   * meaning. Throws the signal's reason where it aborts.
   */
  find(query: string, options: FindOptions, signal: AbortSignal): Promise<Found>;
}

/**
 * Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009): a passage counts 1 / (60 + its rank) in each list.
 * 60 is that paper's; both lists count the same. Neither was chosen by any questions of ours.
 */
const rankConstant = 60;
/** Passages of each list. */
const mostOfList = 50;
/** Milliseconds that a search waits for meaning while somebody types: the next key asks again. */
const whileTyping = 250;
/** Less than that is no sentence to find a meaning in. */
const fewestCharacters = 3;

export function createFinder(retriever: Retriever, vectors: VectorSearch | null): Finder {
  const asked = async (
    query: string,
    { said, prefixLast = false, lists }: FindOptions,
    signal: AbortSignal,
  ): Promise<AskedVector | WordsOnly> => {
    if (vectors === null || lists?.vectors === false) return 'no-model';
    // What a person types between double quotes is meant to the letter.
    const toTheLetter = prefixLast && /["“”„]/.test(query);
    if (toTheLetter || query.trim().length < fewestCharacters) return 'no-vectors';
    const { text } = standAlone(query, said);
    return prefixLast ? vectors.ask(text, signal, whileTyping) : vectors.ask(text, signal);
  };

  return {
    ...retriever,
    async find(query, options, signal) {
      const { limit, lists } = options;
      // Asked first: the model works on it while words are looked for.
      const asking = asked(query, options, signal);
      asking.catch(() => {});
      const most = Math.max(limit, mostOfList);
      const byWords =
        lists?.words === false ? [] : retriever.search(query, { ...options, limit: most });
      const answer = await asking;
      signal.throwIfAborted();
      const words = (why: WordsOnly): Found => ({
        passages: byWords.slice(0, limit),
        by: 'words',
        why,
      });
      if (vectors === null || typeof answer === 'string') {
        return words(typeof answer === 'string' ? answer : 'no-model');
      }
      if (limit <= 0) return words('no-vectors');
      const { scope, filters } = options;
      const near = vectors.near(answer, { scope, filters, limit: most });
      if (near === null) return words('no-vectors');
      const standing = new Set(near.flatMap((each) => (each.standsOut ? [each.rowid] : [])));
      const byMeaning = retriever
        .shown(
          query,
          options,
          near.map(({ rowid, likeness }) => ({ rowid, score: likeness })),
        )
        .map(({ rowid, ...passage }) => ({ passage, stands: standing.has(rowid) }));
      const having = vectors.having(answer.fingerprint, byWords);
      return {
        passages: fused(byWords, byMeaning, having, options).slice(0, limit),
        by: 'words-and-meaning',
        why: null,
      };
    },
  };
}

interface NearHit {
  readonly passage: RetrievedPassage;
  readonly stands: boolean;
}

/**
 * Both lists as one. A passage that has no vector yet could not come up by meaning: its place among words counts for
 * both, so that it loses nothing. One that words did not find at all is given only where it stands out.
 */
export function fused(
  byWords: readonly RetrievedPassage[],
  byMeaning: readonly NearHit[],
  having: 'all' | ReadonlySet<string>,
  { copies = false, allNear = false }: Pick<FindOptions, 'copies' | 'allNear'> = {},
): RetrievedPassage[] {
  const keyOf = ({ documentId, passageId }: RetrievedPassage): string =>
    `${documentId} ${passageId}`;
  const worth = new Map<string, { passage: RetrievedPassage; worth: number }>();
  const places = new Set(byWords.map(keyOf));
  // Of passages with the same text words gave one: meaning gives that one, too.
  const texts = new Map(copies ? [] : byWords.map((each) => [each.text, keyOf(each)]));
  byWords.forEach((passage, rank) => {
    const counted = having === 'all' || having.has(passage.passageId) ? 1 : 2;
    worth.set(keyOf(passage), { passage, worth: counted / (rankConstant + rank + 1) });
  });
  const met = new Set<string>();
  const copied = new Map<string, Elsewhere[]>();
  byMeaning.forEach(({ passage, stands }, rank) => {
    const key = texts.get(passage.text) ?? keyOf(passage);
    if (key !== keyOf(passage)) copied.set(key, [...(copied.get(key) ?? []), elsewhereOf(passage)]);
    if (met.has(key) || (!places.has(key) && !stands && !allNear)) return;
    met.add(key);
    if (!copies) texts.set(passage.text, key);
    const before = worth.get(key);
    const counts =
      having !== 'all' && before !== undefined && !having.has(before.passage.passageId);
    worth.set(key, {
      passage: { ...(before?.passage ?? passage), ...(stands && { near: true as const }) },
      worth: (before?.worth ?? 0) + (counts ? 0 : 1 / (rankConstant + rank + 1)),
    });
  });
  // What follows a search cuts by its scores, and those of words are what it was made for: they are dealt out
  // again, best first, in the new order.
  const scores = byWords.map(({ score }) => score).sort((x, y) => y - x);
  return [...worth.values()]
    .sort((x, y) => y.worth - x.worth)
    .map(({ passage }, at) => ({
      ...passage,
      ...withCopies(passage, copied.get(keyOf(passage))),
      score: scores[at] ?? scores.at(-1) ?? passage.score,
    }));
}

const withCopies = (
  { elsewhere = [] }: RetrievedPassage,
  copies: readonly Elsewhere[] = [],
): Pick<RetrievedPassage, 'elsewhere'> =>
  copies.length === 0 ? {} : { elsewhere: [...elsewhere, ...copies] };
