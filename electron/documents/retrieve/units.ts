import { entriesIn, split } from '../../storage/terms/split.ts';
import { exactWords, isFrameWord } from './frame.ts';
import { none } from './indexed.ts';
import type { Seen, Vocabulary } from './indexed.ts';
import type { Sought } from './question.ts';
import type { Term } from './terms.ts';
import { rarityOf } from './weigh.ts';
import type { Knowledge } from './weigh.ts';

/** Entries of the index from one number to another, the second not among them. */
type Range = readonly [from: number, to: number];

/**
 * What a passage says at once: a sentence, a row of a table, an entry of a list; as the places of its entries in the
 * passage's body as the index holds it. The index was made from the same text, so nothing is stemmed again.
 */
export interface Units {
  /** The ranges of each unit: a row has its table's first row and its own. */
  readonly own: readonly (readonly Range[])[];
  /** For each unit that is a row: the entries of each of its cells that holds words alone, which may be its name. */
  readonly named: readonly (readonly (readonly number[])[])[];
  /** Entries of the lead, which holds for all of them as the heading path does. */
  readonly lead: number;
}

/** Longer units are cut: what stands so far apart is not said at once. */
const longestUnit = 80;

const sentenceEnd = /(?<=[.!?…。！？][)"'”’»\]]*)(?<!^\s*\p{N}{1,3}\.)\s+|(?<=[。！？])/u;
/** Whether a text may hold rows of a table: told without looking at its lines. */
export const mayHoldRows = (text: string): boolean => text.includes('\t') || text.includes('|');
const isRow = (line: string): boolean => /\t|\|.*\|/.test(line);
const isEntry = (line: string): boolean => /^\s*([-*+•·‣]|\(?\d{1,3}[.)]|[a-z][.)])\s/i.test(line);
/** A line at least this long goes on in the next one unless it ends a sentence. */
const wrapped = 45;

/** What is said at once, in the order of the text; `header` for a row of a table: which unit is its first row. */
export interface UnitText {
  readonly text: string;
  readonly header: number | null;
}

/** Cuts a text into what is said at once: every word of it stands in one unit. */
export function unitTexts(text: string): UnitText[] {
  const units: UnitText[] = [];
  let prose = '';
  const flush = (): void => {
    for (const sentence of prose.split(sentenceEnd)) {
      if (sentence.trim() !== '') units.push({ text: sentence, header: null });
    }
    prose = '';
  };
  let before = '';
  let header: number | null = null;
  for (const line of text.split('\n')) {
    if (isRow(line)) {
      flush();
      // A table's first row tells what stands in the others, unless it holds values itself.
      const isFirst = !isRow(before);
      if (isFirst) header = null;
      units.push({ text: line, header });
      if (isFirst && !/\p{N}/u.test(line)) header = units.length - 1;
    } else {
      if (line.trim() === '' || isEntry(line) || before.trim().length < wrapped) flush();
      prose = prose === '' ? line : `${prose} ${line}`;
    }
    before = line;
  }
  flush();
  return units;
}

/** Where the units of a passage stand in its body. */
export function unitsOf({ text, lead }: { readonly text: string; readonly lead: string }): Units {
  const inLead = entriesIn(lead);
  let at = inLead;
  const ranges: Range[] = [];
  const own: (readonly Range[])[] = [];
  const named: (readonly (readonly number[])[])[] = [];
  for (const unit of unitTexts(text)) {
    const range: Range = [at, at + entriesIn(unit.text)];
    at = range[1];
    ranges.push(range);
    const header = unit.header === null ? undefined : ranges[unit.header];
    const cut = cutRanges(header === undefined ? [range] : [header, range]);
    const names = isRow(unit.text) ? namesIn(unit.text, range[0]) : [];
    own.push(...cut);
    named.push(...cut.map(() => names));
  }
  return { own, named, lead: inLead };
}

/** @param from the number of the row's first entry */
function namesIn(row: string, from: number): (readonly number[])[] {
  const names: (readonly number[])[] = [];
  let at = from;
  for (const cell of row.split(/\t|\|/)) {
    const pieces = split(cell);
    // The last character of a run of pairs is no entry of a question's.
    const entries = pieces.flatMap(({ kind }, index) => (kind === 'last' ? [] : [at + index]));
    at += pieces.length;
    if (entries.length > 0 && !/\p{N}/u.test(cell)) names.push(entries);
  }
  return names;
}

function cutRanges(ranges: readonly Range[]): (readonly Range[])[] {
  const cut: Range[][] = [];
  let room = 0;
  for (const [begin, to] of ranges) {
    for (let from = begin; from < to;) {
      if (room === 0) {
        cut.push([]);
        room = longestUnit;
      }
      const end = Math.min(to, from + room);
      cut.at(-1)?.push([from, end]);
      room -= end - from;
      from = end;
    }
  }
  return cut;
}

/** Names, what stands beside one, and anything with a digit must be the very ones that were asked for. */
const exactWeight = 8;
/** Words that every question of a kind has say little of what it is about. */
const frameWeight = 0.2;
/**
 * A unit that holds all that is asked multiplies the score by about this; one that lacks a word or two hardly moves
 * it. A follow-up leaves words out, so what it holds of them says less.
 */
const aloneGain = { gain: 50, power: 12 };
const followUpGain = { gain: 2, power: 8 };

interface Weighed {
  /** Numbers of its stems. */
  readonly numbers: readonly number[];
  readonly weight: number;
  /** A word of the question itself that is neither a name nor a number: a column may be called otherwise. */
  readonly isLoose: boolean;
  /** A name or a number. */
  readonly isExact: boolean;
}

/** Tells how much of a question is said at once. */
export interface Saying {
  /** At most what the best unit of the passage can give, columns' other names aside: all of the words anywhere in it. */
  bound(passage: Seen): number;
  /** At most what any unit of a passage with rows can give, columns' other names included. */
  rowsBound(passage: Seen): number;
  /** Share of what is asked that the best unit holds, 0 to 1. */
  share(passage: Seen, units: Units): number;
  /** What a passage's score is multiplied by, at least 1. */
  factor(share: number): number;
}

export function sayingOf(
  sought: Sought,
  question: string,
  knowledge: Knowledge,
  vocabulary: Vocabulary,
): Saying {
  const wanted = weighed(sought, question, knowledge, vocabulary);
  const whole = weightOf(wanted);
  const { gain, power } = sought.alone ? aloneGain : followUpGain;
  const shareOf = (held: number): number => (whole === 0 ? 0 : held / whole);
  // Which stretch of entries held each stem last: stretches are numbered, so that nothing is ever cleared.
  const seenIn = new Int32Array(vocabulary.size).fill(none);
  let stretch = none;
  const isHeld = ({ numbers }: Weighed): boolean =>
    numbers.some((number) => seenIn[number] === stretch);
  const inQuestion = new Set(
    [...sought.asked.flatMap(({ stems }) => stems), ...sought.order].map((stem) =>
      vocabulary.number(stem),
    ),
  );
  const look = (numbers: Int32Array, from: number, to: number): void => {
    for (let at = from; at < to; at += 1) {
      const number = numbers[at] ?? none;
      if (number !== none) seenIn[number] = stretch;
    }
  };
  /**
   * Weight of those words that stand in what was looked at last. A row is credited with others, too: what is asked
   * about it is often called otherwise than its column.
   */
  const heldOf = (words: readonly Weighed[], isRow: boolean): number => {
    let held = 0;
    let loose = 0;
    for (const each of words) {
      if (isHeld(each)) held += each.weight;
      else if (each.isExact) loose = -Infinity;
      else if (each.isLoose) loose += each.weight;
    }
    return isRow ? held + (1 - frameWeight) * Math.max(0, loose) : held;
  };
  const boundOf = ({ held }: Seen, isRow: boolean): number => {
    stretch += 1;
    for (const number of held) seenIn[number] = stretch;
    return shareOf(heldOf(wanted, isRow));
  };
  return {
    bound: (passage) => boundOf(passage, false),
    rowsBound: (passage) => boundOf(passage, true),
    factor: (share) => 1 + gain * share ** power,
    share({ headingNumbers, bodyNumbers }, { own, named, lead }) {
      stretch += 1;
      look(headingNumbers, 0, headingNumbers.length);
      look(bodyNumbers, 0, lead);
      let above = 0;
      const others: Weighed[] = [];
      for (const each of wanted) {
        if (isHeld(each)) above += each.weight;
        else others.push(each);
      }
      let best = 0;
      const isAsked = (entries: readonly number[]): boolean =>
        entries.every((at) => inQuestion.has(bodyNumbers[at] ?? none));
      for (let at = 0; at < own.length; at += 1) {
        stretch += 1;
        for (const [from, to] of own[at] ?? []) look(bodyNumbers, from, to);
        best = Math.max(best, heldOf(others, named[at]?.some(isAsked) === true));
      }
      return shareOf(above + best);
    },
  };
}

const weightOf = (all: readonly Weighed[]): number =>
  all.reduce((sum, { weight }) => sum + weight, 0);

function weighed(
  { asked, earlier }: Sought,
  question: string,
  knowledge: Knowledge,
  vocabulary: Vocabulary,
): Weighed[] {
  const exact = exactWords(question);
  const of = ({ stems, phrase, share, text }: Term, weight: number, isAsked: boolean): Weighed => {
    const kind = isFrameWord(text) ? frameWeight : exact.has(text) ? exactWeight : 1;
    return {
      numbers: (stems.length > 0 ? stems : (phrase?.[0] ?? [])).map((stem) =>
        vocabulary.number(stem),
      ),
      isExact: isAsked && exact.has(text),
      isLoose: isAsked && !exact.has(text),
      weight: kind * weight * rarityOf(knowledge, { stems, phrase, weight: share }) * share,
    };
  };
  return [
    ...asked.map((term) => of(term, 1, true)),
    ...earlier.map(({ term, weight }) => of(term, weight, false)),
  ].filter(({ weight }) => weight > 0);
}
