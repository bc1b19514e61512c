import { createFullText } from '../../storage/repositories/full-text.ts';
import type { FullText } from '../../storage/repositories/full-text.ts';
import { bestRows, stemsFrom, termCounts } from '../../storage/repositories/passage-search.ts';
import type { TermCount, Within } from '../../storage/repositories/passage-search.ts';
import type { Reader } from '../../storage/sql.ts';
import { matchOf } from './terms.ts';
import type { Term } from './terms.ts';
import type { Knowledge } from './weigh.ts';

/**
 * How common stems are, remembered while the index stays about as large as it was; that a stem stands nowhere, only
 * while nothing was written: the next file may hold it, and it would never be looked for.
 */
export function createKnowledge(db: Reader): { now(): Knowledge & { readonly index: FullText } } {
  const fullText = createFullText(db);
  const known = new Map<string, TermCount>();
  const absent = new Set<string>();
  const mostKnown = 100_000;
  let at = 0;
  let seen = '';
  return {
    now() {
      const index = fullText.now();
      const { totals } = index;
      if (Math.abs(totals.passages - at) > at / 50 || known.size > mostKnown) {
        known.clear();
        at = totals.passages;
      }
      if (totals.version !== seen || absent.size > mostKnown) {
        absent.clear();
        seen = totals.version;
      }
      return {
        ...{ totals, index },
        learn(stems) {
          const missing = [...new Set(stems)].filter(
            (stem) => !known.has(stem) && !absent.has(stem),
          );
          if (missing.length === 0) return;
          const counts = termCounts(db, missing);
          for (const stem of missing) {
            const count = counts.get(stem);
            if (count === undefined) absent.add(stem);
            else known.set(stem, count);
          }
        },
        count: (stem) => known.get(stem),
      };
    },
  };
}

const mostGrown = 60;

/** A term that is being typed with the words it may become: stems that begin so, or that it is growing from. */
export function grownTerm(db: Reader, term: Term): Term {
  const { start, stems } = term;
  if (start === null) return term;
  const shorter = [];
  // A number is no shorter one that grows: only words have stems.
  const least = /\d/.test(start) ? start.length : Math.max(3, start.length - 5);
  for (let length = start.length - 1; length >= least; length -= 1) {
    shorter.push(start.slice(0, length));
  }
  const exist = termCounts(db, shorter);
  const longer = /^[ -~]$/.test(start) ? [] : stemsFrom(db, start, mostGrown);
  const grown = [...stems, ...longer, ...shorter.filter((each) => exist.has(each))];
  return { ...term, stems: [...new Set(grown)] };
}

/**
 * Rows for any of the terms, the rarest deciding: the best ones by full text.
 *
 * @param options.scored passages that are scored, unless even the rarest term stands in more
 * @param options.weighed terms that stand in so many passages together count in those that are scored
 */
export function candidatesOf(
  db: Reader,
  terms: readonly Term[],
  knowledge: Knowledge & { readonly index: FullText },
  {
    within,
    not = null,
    limit,
    scored: mostScored,
    weighed: mostWeighed = 0,
  }: { within: Within; not?: string | null; limit: number; scored: number; weighed?: number },
): number[] {
  const measured = terms
    .map((term) => known(term, knowledge))
    .map((term) => ({ term, match: matchOf(term), holding: holdingOf(term, knowledge) }))
    .flatMap(({ term, match, holding }) =>
      match === null || holding === 0 ? [] : [{ term, match, holding }],
    )
    .sort((x, y) => x.holding - y.holding);
  const [rarest, next] = measured;
  if (rarest === undefined) return [];
  /** Rows for any of the terms of each group. */
  const find = (...groups: (typeof measured)[]): number[] => {
    const isPlain = groups
      .flat()
      .every(({ term: { phrase, start } }) => phrase === null && start === null);
    const stems = groups.map((group) => group.flatMap(({ term }) => term.stems));
    const best = isPlain && not === null ? knowledge.index.best(stems, limit, within.inside) : null;
    if (best !== null) return best;
    const all = groups
      .map((group) => `(${group.map(({ match }) => match).join(' OR ')})`)
      .join(' AND ');
    return bestRows(db, { all, within, limit, not });
  };
  const upTo = (most: number): typeof measured => {
    let holding = 0;
    return measured.filter((each) => (holding += each.holding) <= most);
  };
  const driving = upTo(mostScored);
  if (driving.length > 0) {
    // Common words bring no passage up by themselves, but they tell which of the rare words' passages are meant.
    const weighing = upTo(Math.max(mostScored, mostWeighed));
    return weighing.length === driving.length ? find(driving) : find(driving, weighing);
  }
  // Even the rarest word stands in very many passages: those that hold two of them come first.
  const both = next === undefined ? [] : find([rarest], [next]);
  return both.length >= Math.min(limit, 20) ? both : find([rarest]);
}

/** The term with those of its stems that stand anywhere: each one looked for costs time for every passage. */
function known(term: Term, knowledge: Knowledge): Term {
  if (term.phrase !== null || term.start !== null) return term;
  return { ...term, stems: term.stems.filter((stem) => knowledge.count(stem) !== undefined) };
}

/** What one character begins is taken to stand in so many. */
const startHolding = 12_000;

function holdingOf({ stems, phrase, start }: Term, knowledge: Knowledge): number {
  if (phrase !== null) {
    // At most as many as its rarest word.
    return Math.max(
      ...phrase.map((words) =>
        Math.min(...words.map((word) => knowledge.count(word)?.passages ?? 0)),
      ),
    );
  }
  const sum = stems.reduce((all, stem) => all + (knowledge.count(stem)?.passages ?? 0), 0);
  // What one character begins is not counted: it may be much.
  return start !== null && stems.length === 0 ? startHolding : sum;
}
