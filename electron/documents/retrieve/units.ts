import type { Term } from './terms.ts';
import { rarityOf } from './weigh.ts';
import type { Indexed, Knowledge } from './weigh.ts';
import type { Sought } from './question.ts';
import { isFrameWord } from './frame.ts';
import { split } from '../../storage/terms/split.ts';
import { languageOf, termOf } from '../../storage/terms/stems.ts';

/** What a passage says at once: a sentence, a row of a table, an entry of a list. */
export interface Units {
  /** Stems of each unit. */
  readonly own: readonly ReadonlySet<string>[];
  /** Stems that hold for all of them: heading path and lead (a table's header). */
  readonly above: ReadonlySet<string>;
}

/** Longer units are cut: what stands so far apart is not said at once. */
const longestUnit = 80;

const sentenceEnd = /(?<=[.!?…。！？][)"'”’»\]]*)\s+|(?<=[。！？])/u;
const isRow = (line: string): boolean => /\t|\|.*\|/.test(line);
const isEntry = (line: string): boolean => /^\s*([-*+•·‣]|\(?\d{1,3}[.)]|[a-z][.)])\s/i.test(line);
/** A line at least this long goes on in the next one unless it ends a sentence. */
const wrapped = 45;

/** Cuts a text into what is said at once. */
export function unitTexts(text: string): string[] {
  const units: string[] = [];
  let prose = '';
  const flush = (): void => {
    for (const sentence of prose.split(sentenceEnd)) {
      if (sentence.trim() !== '') units.push(sentence);
    }
    prose = '';
  };
  let before = '';
  let header = '';
  for (const line of text.split('\n')) {
    if (isRow(line)) {
      flush();
      // A table's first row tells what stands in the others, unless it holds values itself.
      if (!isRow(before)) header = /\p{N}/u.test(line) ? '' : line;
      units.push(line === header ? line : `${header} ${line}`);
    } else {
      if (line.trim() === '' || isEntry(line) || before.trim().length < wrapped) flush();
      prose = prose === '' ? line : `${prose} ${line}`;
    }
    before = line;
  }
  flush();
  return units;
}

export function unitsOf(passage: {
  readonly text: string;
  readonly lead: string;
  readonly heading: string | null;
}): Units {
  const language = languageOf(passage.text);
  const stems = (text: string): string[] => split(text).map((piece) => termOf(piece, language));
  const own: ReadonlySet<string>[] = [];
  for (const unit of unitTexts(passage.text)) {
    const all = stems(unit);
    for (let from = 0; from < all.length; from += longestUnit) {
      own.push(new Set(all.slice(from, from + longestUnit)));
    }
  }
  return { own, above: new Set(stems(`${passage.heading ?? ''}\n${passage.lead}`)) };
}

/** What a word counts that stands above the unit, or elsewhere in its passage. */
const aboveShare = 0.95;
const elsewhereShare = 0.3;
/** Names and anything with a digit must be the very ones that were asked for. */
const exactWeight = 4;
/** Words that every question of a kind has say little of what it is about. */
const frameWeight = 0.2;
/**
 * A unit that holds all that is asked multiplies the score by about this; one that lacks a word or two hardly moves
 * it. A follow-up leaves words out, so what it holds of them says less.
 */
const alone = { gain: 50, power: 12 };
const followUp = { gain: 2, power: 8 };

interface Weighed {
  readonly stems: readonly string[];
  readonly weight: number;
}

/** Tells how much of a question is said at once. */
export interface Saying {
  /** At most what the best unit of the passage can give: all of the words anywhere in it. */
  bound(passage: Indexed): number;
  /** Share of what is asked that the best unit holds, 0 to 1. */
  share(units: Units): number;
  /** What a passage's score is multiplied by, at least 1. */
  factor(share: number): number;
}

export function sayingOf(
  sought: Sought,
  question: string,
  knowledge: Knowledge,
  withEarlier: boolean,
): Saying {
  const wanted = weighed(sought, question, knowledge, withEarlier);
  const whole = wanted.reduce((sum, { weight }) => sum + weight, 0);
  const { gain, power } = sought.subject.size > 0 ? followUp : alone;
  const shareOf = (held: number): number => (whole === 0 ? 0 : held / whole);
  return {
    bound: ({ times }) =>
      shareOf(
        wanted.reduce(
          (sum, { stems, weight }) => (stems.some((stem) => times.has(stem)) ? sum + weight : sum),
          0,
        ),
      ),
    factor: (share) => 1 + gain * share ** power,
    share({ own, above }) {
      let rest = 0;
      const held = own.map(() => 0);
      for (const { stems, weight } of wanted) {
        const isIn = (unit: ReadonlySet<string>): boolean => stems.some((stem) => unit.has(stem));
        const inUnit = own.map(isIn);
        const share = isIn(above) ? aboveShare : inUnit.includes(true) ? elsewhereShare : 0;
        rest += share * weight;
        inUnit.forEach((is, at) => {
          if (is) held[at] = (held[at] ?? 0) + (1 - share) * weight;
        });
      }
      return shareOf(rest + Math.max(0, ...held));
    },
  };
}

function weighed(
  { asked, earlier }: Sought,
  question: string,
  knowledge: Knowledge,
  withEarlier: boolean,
): Weighed[] {
  const of = (term: Term, weight: number): Weighed => {
    const { stems, phrase, share, text } = term;
    const kind = isFrameWord(text) ? frameWeight : isExact(text, question) ? exactWeight : 1;
    return {
      stems: stems.length > 0 ? stems : (phrase?.[0] ?? []),
      weight: kind * weight * rarityOf(knowledge, { stems, phrase, weight: share }) * share,
    };
  };
  return [
    ...asked.map((term) => of(term, 1)),
    ...(withEarlier ? earlier.map(({ term, weight }) => of(term, weight)) : []),
  ].filter(({ weight }) => weight > 0);
}

/** A word with a digit, or one with a capital that no sentence begins with. */
const isExact = (word: string, question: string): boolean =>
  /\p{N}/u.test(word) ||
  (/^\p{Lu}/u.test(word) && question.search(/[\p{L}\p{N}]/u) !== question.indexOf(word));
