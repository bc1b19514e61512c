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
  for (const line of text.split('\n')) {
    if (isRow(line)) {
      flush();
      units.push(line);
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
const aboveShare = Number(process.env['ABOVE'] ?? 0.8);
const elsewhereShare = Number(process.env['ELSE'] ?? 0.3);
/** Names and anything with a digit must be the very ones that were asked for. */
const exactWeight = Number(process.env['EXACT'] ?? 2);
/** Words that every question of a kind has say little of what it is about. */
const frameWeight = Number(process.env['FRAME'] ?? 0.2);
const gain = Number(process.env['GAIN'] ?? 10);
const power = Number(process.env['POWER'] ?? 8);

interface Weighed {
  readonly stems: readonly string[];
  readonly weight: number;
}

/** Tells how much of a question is said at once. */
export interface Saying {
  /** At most what the best unit of the passage can give: all of the words anywhere in it. */
  bound(passage: Indexed): number;
  /** The factor of a passage whose units are known, at least 1. */
  factor(units: Units): number;
}

export function sayingOf(sought: Sought, question: string, knowledge: Knowledge, withEarlier: boolean): Saying {
  const wanted = weighed(sought, question, knowledge, withEarlier);
  const whole = wanted.reduce((sum, { weight }) => sum + weight, 0);
  const factorOf = (held: number): number => (whole === 0 ? 1 : 1 + gain * (held / whole) ** power);
  return {
    bound: ({ times }) =>
      factorOf(
        wanted.reduce(
          (sum, { stems, weight }) => (stems.some((stem) => times.has(stem)) ? sum + weight : sum),
          0,
        ),
      ),
    factor({ own, above }) {
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
      return factorOf(rest + Math.max(0, ...held));
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
