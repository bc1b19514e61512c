import { headingWeight } from '../../storage/repositories/passage-search.ts';
import type { IndexTotals, TermCount } from '../../storage/repositories/passage-search.ts';
import { isFrameWord } from './frame.ts';
import { isStopStem } from '../../storage/terms/stems.ts';
import type { Sought } from './question.ts';

/** A passage as the index holds it. */
export interface Indexed {
  readonly rowid: number;
  readonly heading: readonly string[];
  readonly body: readonly string[];
  /** How often each stem stands in it; one in the heading path counts as much as headings weigh. */
  readonly times: ReadonlyMap<string, number>;
}

/** @param heading stems parted by spaces, as the index keeps them; so is the body */
export function indexed(row: { rowid: number; heading: string; body: string }): Indexed {
  const heading = row.heading === '' ? [] : row.heading.split(' ');
  const body = row.body.split(' ');
  const times = new Map<string, number>();
  for (const stem of body) times.set(stem, (times.get(stem) ?? 0) + 1);
  for (const stem of heading) times.set(stem, (times.get(stem) ?? 0) + headingWeight);
  return { rowid: row.rowid, heading, body, times };
}

/** Something to look for: any of the stems, or a phrase; and what it counts. */
export interface Wanted {
  readonly stems: readonly string[];
  readonly phrase?: readonly (readonly string[])[] | null;
  readonly weight: number;
}

/** What is known of the whole index. */
export interface Knowledge {
  readonly totals: IndexTotals;
  count(stem: string): TermCount | undefined;
}

/** Parts of the ranking, to be left out one at a time by the bench. All of them where not given. */
export interface Parts {
  readonly likelihood?: boolean;
  readonly earlier?: boolean;
  readonly subject?: boolean;
  readonly told?: boolean;
  readonly order?: boolean;
  readonly kindred?: boolean;
  readonly units?: boolean;
}

/** Robertson and Zaragoza 2009: usual values. */
const [k1, b] = [1.5, 0.75];
/** Query likelihood reaches this many mean lengths with nothing found before it counts as zero. */
const likelihoodFloor = 4;
/** The subject multiplies a score by its share of the best one's, to this power; nothing of it leaves a rest. */
const subjectPower = 0.2;
const subjectRest = 0.02;
/** What an earlier answer was taken from moves down, at most by this share: it was told already. */
const toldLoss = 0.5;
const fewestPairs = 8;
/** A passage with all of the question's neighbouring words as neighbours moves up by this share. */
const orderGain = 0.7;
/** A passage with words of earlier questions only. */
const notAsked = 0.8;
/** Kindred words (pseudo relevance feedback): from how many passages, how many, and what the best one counts. */
export const kindredFrom = 5;
const kindredWords = 10;
const kindredWeight = 0.3;

/** What a word of which any question is made counts where the question stands alone. */
const frameShare = 0.4;

export interface Weighing {
  /** Scores in the order of the passages, the best possible one of the likelihoods alone being 1. */
  scores(extra?: readonly Wanted[]): number[];
  /** Words that the best passages share and that were not asked. */
  kindred(scores: readonly number[]): Wanted[];
}

/**
 * Ranks passages for a question within its conversation. The base is the mean of two rankings that err
 * differently, bm25 and query likelihood with Dirichlet smoothing (Zhai and Lafferty 2001), each divided by its
 * best; then factors, so that nothing comes up by its conversation alone.
 */
export function weighing(
  passages: readonly Indexed[],
  sought: Sought,
  knowledge: Knowledge,
  parts: Parts = {},
): Weighing {
  const asked = wantedOf(sought, parts.earlier !== false);
  const subject: Wanted[] = parts.subject === false ? [] : [...sought.subject.values()];
  const factors = factorsOf(passages, sought, parts);
  if (subject.length > 0) {
    const near = bm25(passages, find(passages, subject), subject, knowledge);
    const best = Math.max(...near, 0);
    if (best > 0) {
      near.forEach((each, at) => {
        factors[at] = (factors[at] ?? 1) * (each / best + subjectRest) ** subjectPower;
      });
    }
  }

  // Nothing comes up by its conversation or by kindred words alone.
  const own = sought.asked.length;
  find(passages, asked).forEach((found, at) => {
    if (found.length === 0) factors[at] = 0;
    else if (!found.some(([index]) => index < own)) factors[at] = (factors[at] ?? 1) * notAsked;
  });

  const scores = (extra: readonly Wanted[] = []): number[] => {
    const wanted = [...asked, ...extra];
    const found = find(passages, wanted);
    const first = bm25(passages, found, wanted, knowledge);
    const bestFirst = Math.max(...first, Number.MIN_VALUE);
    if (parts.likelihood === false) {
      return first.map((each, at) => (each / bestFirst) * (factors[at] ?? 1));
    }
    const second = likelihood(passages, found, wanted, knowledge);
    const bestSecond = Math.max(...second, Number.MIN_VALUE);
    return first.map((each, at) => {
      const both = each / bestFirst + (each > 0 ? (second[at] ?? 0) / bestSecond : 0);
      return (both / 2) * (factors[at] ?? 1);
    });
  };

  const kindred = (given: readonly number[]): Wanted[] => {
    const best = given
      .map((score, at) => ({ score, at }))
      .filter(({ score }) => score > 0)
      .sort((x, y) => y.score - x.score || x.at - y.at)
      .slice(0, kindredFrom);
    const worth = new Map<string, number>();
    for (const { score, at } of best) {
      const { body } = passages[at] ?? { body: [] };
      for (const stem of body) {
        if (stem.length < 2 || (stem.length < 3 && /^[a-z0-9]+$/.test(stem))) continue;
        worth.set(stem, (worth.get(stem) ?? 0) + score / body.length);
      }
    }
    const chosen = [...worth]
      .filter(([stem]) => !isStopStem(stem))
      .map(([stem, each]) => ({ stem, worth: each * rarity(knowledge, [stem]) }))
      .sort((x, y) => y.worth - x.worth || (x.stem < y.stem ? -1 : 1))
      .slice(0, kindredWords);
    const most = chosen[0]?.worth ?? 0;
    return chosen
      .filter(({ worth: each }) => each > 0)
      .map(({ stem, worth: each }) => ({ stems: [stem], weight: (kindredWeight * each) / most }));
  };

  return { scores, kindred };
}

/** What the question asks and what it takes from earlier ones, with weights. */
export function wantedOf({ asked, earlier, subject }: Sought, withEarlier: boolean): Wanted[] {
  return [
    ...asked.map(({ stems, phrase, share, text }) => ({
      stems,
      phrase,
      weight: subject.size === 0 && isFrameWord(text) ? share * frameShare : share,
    })),
    ...(withEarlier
      ? earlier.map(({ term, weight }) => ({ stems: term.stems, weight: weight * term.share }))
      : []),
  ];
}

/** How often each thing wanted stands in each passage, by its number: only what stands there. */
type Found = readonly (readonly (readonly [wanted: number, times: number])[])[];

function find(passages: readonly Indexed[], wanted: readonly Wanted[]): Found {
  const single = new Map<string, number[]>();
  const phrases: number[] = [];
  wanted.forEach(({ stems, phrase }, index) => {
    if (phrase !== undefined && phrase !== null) phrases.push(index);
    for (const stem of stems) {
      const known = single.get(stem);
      if (known === undefined) single.set(stem, [index]);
      else known.push(index);
    }
  });
  return passages.map(({ heading, body, times }) => {
    const found = new Map<number, number>();
    const note = (index: number, count: number): void => {
      if (count > 0) found.set(index, (found.get(index) ?? 0) + count);
    };
    // The shorter of the two lists is walked.
    if (single.size < times.size) {
      for (const [stem, indexes] of single) {
        const count = times.get(stem);
        if (count !== undefined) for (const index of indexes) note(index, count);
      }
    } else {
      for (const [stem, count] of times) {
        for (const index of single.get(stem) ?? []) note(index, count);
      }
    }
    for (const index of phrases) {
      const counts = (wanted[index]?.phrase ?? []).map(
        (words) => sequences(body, words) + headingWeight * sequences(heading, words),
      );
      note(index, Math.max(0, ...counts));
    }
    return [...found];
  });
}

function sequences(within: readonly string[], words: readonly string[]): number {
  let found = 0;
  for (let at = 0; at + words.length <= within.length; at += 1) {
    if (words.every((word, index) => within[at + index] === word)) found += 1;
  }
  return found;
}

function bm25(
  passages: readonly Indexed[],
  found: Found,
  wanted: readonly Wanted[],
  knowledge: Knowledge,
): number[] {
  const rare = wanted.map((each) => each.weight * rarityOf(knowledge, each));
  const mean = meanLength(knowledge);
  return passages.map((passage, at) => {
    const long = k1 * (1 - b + (b * lengthOf(passage)) / mean);
    let sum = 0;
    for (const [index, times] of found[at] ?? []) {
      sum += ((rare[index] ?? 0) * times * (k1 + 1)) / (times + long);
    }
    return sum;
  });
}

function likelihood(
  passages: readonly Indexed[],
  found: Found,
  wanted: readonly Wanted[],
  knowledge: Knowledge,
): number[] {
  const total = Math.max(1, knowledge.totals.terms);
  const mean = meanLength(knowledge);
  const shares = wanted.map(({ stems, phrase }) => {
    const times = stems.reduce((sum, stem) => sum + (knowledge.count(stem)?.times ?? 0), 0);
    return Math.max(times, phrase === undefined || phrase === null ? 0 : 1) / total;
  });
  const weight = wanted.reduce((sum, each) => sum + each.weight, 0);
  return passages.map((passage, at) => {
    let sum = weight * Math.log((mean * likelihoodFloor) / (mean + lengthOf(passage)));
    for (const [index, times] of found[at] ?? []) {
      const share = shares[index] ?? 0;
      if (share > 0) sum += (wanted[index]?.weight ?? 0) * Math.log1p(times / (mean * share));
    }
    return Math.max(0, sum);
  });
}

const lengthOf = ({ heading, body }: Indexed): number => heading.length + body.length;
const meanLength = ({ totals }: Knowledge): number =>
  totals.passages === 0 ? 1 : Math.max(1, totals.terms / totals.passages);

export const rarityOf = (knowledge: Knowledge, { stems, phrase }: Wanted): number =>
  phrase === undefined || phrase === null
    ? rarity(knowledge, stems)
    : // As rare as its words together, which is what its parts would have brought.
      (phrase[0] ?? []).reduce((sum, stem) => sum + rarity(knowledge, [stem]), 0);

/** Inverse document frequency as in bm25, never below 0. */
function rarity(knowledge: Knowledge, stems: readonly string[]): number {
  const { passages } = knowledge.totals;
  const holding = Math.min(
    passages,
    stems.reduce((sum, stem) => sum + (knowledge.count(stem)?.passages ?? 0), 0),
  );
  return holding === 0 ? 0 : Math.log(1 + (passages - holding + 0.5) / (holding + 0.5));
}

/** Factors for what was told already and for the question's words in its order. */
function factorsOf(passages: readonly Indexed[], sought: Sought, parts: Parts): number[] {
  const numbers = new Map<string, number>();
  const pairOf = (x: string, y: string): number => numberOf(x) * 65_536 + numberOf(y);
  const numberOf = (stem: string): number => {
    const known = numbers.get(stem);
    if (known !== undefined) return known;
    numbers.set(stem, numbers.size);
    return numbers.size - 1;
  };
  const pairsOf = (stems: readonly string[], keeps: (x: string, y: string) => boolean) => {
    const pairs = new Set<number>();
    for (let at = 1; at < stems.length; at += 1) {
      const [x = '', y = ''] = [stems[at - 1], stems[at]];
      if (keeps(x, y)) pairs.add(pairOf(x, y));
    }
    return pairs;
  };
  const asked =
    parts.order === false
      ? new Set<number>()
      : pairsOf(sought.order, (x, y) => !(isStopStem(x) && isStopStem(y)));
  const told = parts.told === false ? [] : sought.told.map((stems) => pairsOf(stems, () => true));
  if (asked.size === 0 && told.length === 0) return passages.map(() => 1);
  return passages.map(({ body }) => {
    const held = new Set<number>();
    let before: number | undefined;
    for (const stem of body) {
      const number = numbers.get(stem);
      if (number !== undefined && before !== undefined) held.add(before * 65_536 + number);
      before = number;
    }
    let factor = 1;
    if (asked.size > 0) factor *= 1 + orderGain * (shared(asked, held) / asked.size);
    let used = 0;
    for (const pairs of told) {
      used = Math.max(used, shared(pairs, held) / Math.max(fewestPairs, pairs.size));
    }
    return factor * (1 - Math.min(toldLoss, used));
  });
}

function shared(x: ReadonlySet<number>, y: ReadonlySet<number>): number {
  const [small, large] = x.size < y.size ? [x, y] : [y, x];
  let count = 0;
  for (const each of small) if (large.has(each)) count += 1;
  return count;
}
