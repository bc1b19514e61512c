import type { IndexTotals, TermCount } from '../../storage/repositories/passage-search.ts';
import { isFrameWord } from './frame.ts';
import { find, holding, none } from './indexed.ts';
import type { Found, Seen, Vocabulary, Wanted } from './indexed.ts';
import { isStopStem } from '../../storage/terms/stems.ts';
import type { Sought } from './question.ts';

/** What is known of the whole index. */
export interface Knowledge {
  readonly totals: IndexTotals;
  /** Makes known how common stems are. To count a common one takes long: ask for those that matter. */
  learn(stems: Iterable<string>): void;
  /** Nothing for a stem that stands nowhere, or was not learned. */
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
/** How many words' counts are asked for at once. */
const kindredStep = 16;

/** What a word of which any question is made counts where the question stands alone. */
const frameShare = 0.4;

export interface Weighing {
  /** Passages to be ranked with those that are there. */
  add(passages: readonly Seen[]): void;
  /**
   * Scores in the order of the passages, the best possible one of the likelihoods alone being 1.
   *
   * @param extra words that count as well, and the passages, where they were seen again for them
   */
  scores(extra?: {
    readonly wanted: readonly Wanted[];
    readonly passages: readonly Seen[];
  }): number[];
  /** Words that the best passages share and that were not asked. Learns how common those are. */
  kindred(scores: readonly number[]): Wanted[];
}

/**
 * Ranks passages for a question within its conversation. The base is the mean of two rankings that err
 * differently, bm25 and query likelihood with Dirichlet smoothing (Zhai and Lafferty 2001), each divided by its
 * best; then factors, so that nothing comes up by its conversation alone. What it finds in a passage it finds once,
 * however many are added.
 */
export function weighing(
  sought: Sought,
  knowledge: Knowledge,
  vocabulary: Vocabulary,
  parts: Parts = {},
): Weighing {
  const asked = wantedOf(sought, parts.earlier !== false);
  const subject: Wanted[] = parts.subject === false ? [] : [...sought.subject.values()];
  const own = sought.asked.length;
  const ordered = ordering(sought, vocabulary, parts);
  const passages: Seen[] = [];
  /** What of the question stands in each. */
  const held: Found[number][] = [];
  /** The factor of each, but for its subject; and what that gives. */
  const plain: number[] = [];
  const near: number[] = [];

  const add = (more: readonly Seen[]): void => {
    const found = find(more, asked, vocabulary);
    found.forEach((each, at) => {
      const passage = more[at];
      if (passage === undefined) return;
      held.push(each);
      // Nothing comes up by its conversation or by kindred words alone.
      const isAsked = each.some(([index]) => index < own);
      plain.push(each.length === 0 ? 0 : ordered(passage) * (isAsked ? 1 : notAsked));
      passages.push(passage);
    });
    if (subject.length > 0)
      near.push(...bm25(more, find(more, subject, vocabulary), subject, knowledge));
  };

  const factors = (): number[] => {
    const best = Math.max(...near, 0);
    if (best <= 0) return plain;
    return plain.map((each, at) => each * ((near[at] ?? 0) / best + subjectRest) ** subjectPower);
  };

  const scores: Weighing['scores'] = (extra) => {
    const wanted = [...asked, ...(extra?.wanted ?? [])];
    const found =
      extra === undefined
        ? held
        : find(extra.passages, extra.wanted, vocabulary).map((more, at) => [
            ...(held[at] ?? []),
            ...more.map(([index, times]) => [index + asked.length, times] as const),
          ]);
    const by = factors();
    const first = bm25(passages, found, wanted, knowledge);
    const bestFirst = Math.max(...first, Number.MIN_VALUE);
    if (parts.likelihood === false) {
      return first.map((each, at) => (each / bestFirst) * (by[at] ?? 1));
    }
    const second = likelihood(passages, found, wanted, knowledge);
    const bestSecond = Math.max(...second, Number.MIN_VALUE);
    return first.map((each, at) => {
      const both = each / bestFirst + (each > 0 ? (second[at] ?? 0) / bestSecond : 0);
      return (both / 2) * (by[at] ?? 1);
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
      const body = (passages[at]?.body ?? '').split(' ');
      for (const stem of body) {
        if (!mayBeKindred(stem)) continue;
        worth.set(stem, (worth.get(stem) ?? 0) + score / body.length);
      }
    }
    // A stem stands in no fewer passages than in these: what it can be worth at most.
    const stems = [...worth.keys()];
    const seen = holding(passages, stems);
    const likely = stems
      .map((stem, at) => {
        const each = worth.get(stem) ?? 0;
        return { stem, worth: each, most: each * rarityOfCount(knowledge, seen[at] ?? 0) };
      })
      .sort((x, y) => y.most - x.most || (x.stem < y.stem ? -1 : 1));
    let chosen: { readonly stem: string; readonly worth: number }[] = [];
    for (let from = 0; from < likely.length; from += kindredStep) {
      const least = chosen[kindredWords - 1]?.worth ?? 0;
      const next = likely.slice(from, from + kindredStep).filter((each) => each.most >= least);
      if (next.length === 0) break;
      knowledge.learn(next.map(({ stem }) => stem));
      const weighed = next.map(({ stem, worth: each }) => ({
        stem,
        worth: each * rarity(knowledge, [stem]),
      }));
      chosen = [...chosen, ...weighed]
        .sort((x, y) => y.worth - x.worth || (x.stem < y.stem ? -1 : 1))
        .slice(0, kindredWords);
    }
    const most = chosen[0]?.worth ?? 0;
    return chosen
      .filter(({ worth: each }) => each > 0)
      .map(({ stem, worth: each }) => ({ stems: [stem], weight: (kindredWeight * each) / most }));
  };

  return { add, scores, kindred };
}

/** Function words and single letters bring up anything; how common they are takes longest to count. */
const mayBeKindred = (stem: string): boolean =>
  stem.length >= (/^[a-z0-9]+$/.test(stem) ? 3 : 2) && !isStopStem(stem);

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

function bm25(
  passages: readonly Seen[],
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
  passages: readonly Seen[],
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

const lengthOf = ({ headingNumbers, bodyNumbers }: Seen): number =>
  headingNumbers.length + bodyNumbers.length;
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
  return holding === 0 ? 0 : rarityOfCount(knowledge, holding);
}

const rarityOfCount = ({ totals: { passages } }: Knowledge, holding: number): number =>
  Math.log(1 + (passages - holding + 0.5) / (holding + 0.5));

/**
 * Numbers all that the weighing looks for, so that passages are seen with it: a stem that gets its number later
 * stands in none that was seen before.
 */
export function numberSought(
  { asked, order, earlier, subject, told }: Sought,
  vocabulary: Vocabulary,
): void {
  const note = (stems: readonly string[]): void => {
    for (const stem of stems) vocabulary.number(stem);
  };
  for (const { stems, phrase } of asked) [stems, ...(phrase ?? [])].forEach(note);
  for (const { term } of earlier) note(term.stems);
  for (const { stems } of subject.values()) note(stems);
  [order, ...told].forEach(note);
}

/** Neighbouring stems as one number each. */
const pairOf = (x: number, y: number): number => x * 65_536 + y;
/** A prime, so that pairs of the same word lie apart. */
const mostKept = 16_381;

/** Tells the factor of a passage for what was told already and for the question's words in its order. */
function ordering(sought: Sought, vocabulary: Vocabulary, parts: Parts): (passage: Seen) => number {
  // Each pair with the texts that hold it: 0 is the question, the others are earlier answers.
  const textsOf = new Map<number, number[]>();
  const sizes: number[] = [];
  /** Where a pair is kept by its remainder: most neighbours are none, and need not be looked up. */
  const kept = new Uint8Array(mostKept);
  const add = (
    text: number,
    stems: readonly string[],
    keeps: (x: string, y: string) => boolean,
  ) => {
    sizes[text] = 0;
    for (let at = 1; at < stems.length; at += 1) {
      const [x = '', y = ''] = [stems[at - 1], stems[at]];
      if (!keeps(x, y)) continue;
      const first = vocabulary.number(x);
      const pair = pairOf(first, vocabulary.number(y));
      kept[pair % mostKept] = 1;
      const texts = textsOf.get(pair);
      if (texts?.at(-1) === text) continue;
      if (texts === undefined) textsOf.set(pair, [text]);
      else texts.push(text);
      sizes[text] += 1;
    }
  };
  if (parts.order !== false) {
    add(0, sought.order, (x, y) => !(isStopStem(x) && isStopStem(y)));
  }
  if (parts.told !== false) sought.told.forEach((stems, at) => add(at + 1, stems, () => true));
  if (textsOf.size === 0) return () => 1;
  const [asked = 0, ...told] = sizes;
  const shared = new Float64Array(sizes.length);
  return ({ bodyNumbers }) => {
    shared.fill(0);
    const counted = new Set<number>();
    let before = none;
    for (let at = 0; at < bodyNumbers.length; at += 1) {
      const number = bodyNumbers[at] ?? none;
      if (number !== none && before !== none && kept[pairOf(before, number) % mostKept] === 1) {
        const pair = pairOf(before, number);
        const texts = textsOf.get(pair);
        if (texts !== undefined && !counted.has(pair)) {
          counted.add(pair);
          for (const text of texts) shared[text] = (shared[text] ?? 0) + 1;
        }
      }
      before = number;
    }
    const inOrder = asked > 0 ? 1 + orderGain * ((shared[0] ?? 0) / asked) : 1;
    let used = 0;
    told.forEach((size, at) => {
      used = Math.max(used, (shared[at + 1] ?? 0) / Math.max(fewestPairs, size));
    });
    return inOrder * (1 - Math.min(toldLoss, used));
  };
}
