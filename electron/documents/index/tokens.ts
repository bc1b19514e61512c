/**
 * How many tokens an embedding model makes of a text, estimated without a model. Counted by script, because
 * a vocabulary's pieces are long where it has read much: a Latin word is one token and one more for every
 * six letters (so "the" is one and "responsibilities" three; runs of more than 24 letters are no words and
 * count by two), accented and other alphabets cost half as much again, digits go by two, other signs one
 * each (a line of one sign by four), a Hangul syllable or a kana 0.8, a Chinese character one, letters of
 * other scripts 0.6, what lies beyond the basic plane (emoji) two, a line end or a tab one half.
 */
const space = 0;
const latin = 1;
const alphabet = 2;
const digit = 3;
const sign = 4;
const hangul = 5;
const ideograph = 6;
const other = 7;
const beyond = 8;
const lineEnd = 9;

const ranges: readonly (readonly [from: number, to: number, kind: number])[] = [
  [0x0041, 0x005a, latin],
  [0x0061, 0x007a, latin],
  [0x0030, 0x0039, digit],
  [0x00c0, 0x058f, alphabet],
  [0x0590, 0x10ff, other],
  [0x1100, 0x11ff, hangul],
  [0x1200, 0x1dff, other],
  [0x1e00, 0x1fff, alphabet],
  [0x3040, 0x30ff, hangul],
  [0x3130, 0x318f, hangul],
  [0x3400, 0x9fff, ideograph],
  [0xa000, 0xabff, other],
  [0xac00, 0xd7ff, hangul],
  [0xd800, 0xdfff, beyond],
  [0xf900, 0xfaff, ideograph],
  [0xfb00, 0xfdff, other],
];

const kinds = new Uint8Array(0x10000).fill(sign);
for (const [from, to, kind] of ranges) kinds.fill(kind, from, to + 1);
for (const code of [0x20, 0xa0, 0x3000, 0x200b, 0x0d]) kinds[code] = space;
kinds.fill(space, 0x2000, 0x200b);
kinds[0x09] = lineEnd;
kinds[0x0a] = lineEnd;

/** A token, in what is counted: every cost is a whole number of twentieths, which add up fast and exactly. */
const token = 20;

/** A run's costs come again with every two units from here on. */
const longestRun = 32;

/** Cost of one more unit of a kind, the `run`th (from 0) of the same kind without a break. */
function costIn(kind: number, run: number): number {
  switch (kind) {
    case space:
      return 0;
    case latin:
      return run > 24 ? (run % 2 === 0 ? token : 0) : run % 6 === 0 ? token : 0;
    case alphabet:
      return run === 0 ? token : 10;
    case digit:
      return run % 2 === 0 ? token : 0;
    case hangul:
      return 16;
    case other:
      return 12;
    case lineEnd:
      return 10;
    default:
      return token;
  }
}

const costs = Uint8Array.from({ length: 10 * longestRun }, (_, index) =>
  costIn(Math.floor(index / longestRun), index % longestRun),
);
const repeatedSign = 5;

/** Letters with and without marks make one word. */
const wordOf = (kind: number): number => (kind === alphabet ? latin : kind);
const kindAt = (text: string, at: number): number => kinds[text.charCodeAt(at)] ?? sign;

/** Estimated tokens of `text.slice(from, to)`, rounded up. Additive to within a token for each part. */
export function tokensIn(text: string, from = 0, to = text.length): number {
  return Math.ceil(walk(text, from, to, Infinity).counted / token);
}

/** The furthest end so that `text.slice(from, end)` takes at most `budget` tokens; never inside a character. */
export function reach(text: string, from: number, to: number, budget: number): number {
  const { end } = walk(text, from, to, budget * token);
  const inside = end > from && end < to && (text.charCodeAt(end - 1) & 0xfc00) === 0xd800;
  return inside ? end - 1 : end;
}

function walk(
  text: string,
  from: number,
  to: number,
  budget: number,
): { readonly counted: number; readonly end: number } {
  let counted = 0;
  let run = 0;
  let before = -1;
  let last = -1;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    const kind = kinds[code] ?? sign;
    const word = wordOf(kind);
    run = word !== before ? 0 : run < longestRun - 1 ? run + 1 : longestRun - 2;
    const next =
      counted +
      (kind === sign && code === last ? repeatedSign : (costs[kind * longestRun + run] ?? token));
    if (next > budget) return { counted, end: at };
    counted = next;
    before = word;
    last = code;
  }
  return { counted, end: to };
}

/** What a text costs up to each of its units. As `walk`, over codes: those of a string take longer to come by. */
function sumUp(codes: Uint16Array, length: number, sums: Int32Array): void {
  let counted = 0;
  let run = 0;
  let before = -1;
  let last = -1;
  for (let at = 0; at < length; at += 1) {
    const code = codes[at] ?? 0;
    const kind = kinds[code] ?? sign;
    const word = wordOf(kind);
    run = word !== before ? 0 : run < longestRun - 1 ? run + 1 : longestRun - 2;
    counted +=
      kind === sign && code === last ? repeatedSign : (costs[kind * longestRun + run] ?? token);
    before = word;
    last = code;
    sums[at + 1] = counted;
  }
}

/** Counts parts of one text that was walked once. */
export interface TokenMeter {
  readonly text: string;
  /** As `tokensIn(text, from, to)`. */
  tokens(from: number, to: number): number;
  /** As `reach(text, from, to, budget)`. */
  reach(from: number, to: number, budget: number): number;
}

/** Measures one text after the other; what it gave of the text before may be used no more. */
export function createMeters(): (text: string) => TokenMeter {
  let sums = new Int32Array(0);
  let codes = new Uint16Array(0);
  return (text) => {
    if (sums.length <= text.length) {
      sums = new Int32Array(2 * (text.length + 1));
      codes = new Uint16Array(2 * (text.length + 1));
    }
    Buffer.from(codes.buffer).write(text, 'utf16le');
    sumUp(codes, text.length, sums);
    const own = sums;
    // What begins within a run costs more than the run's sums say: such parts are walked.
    const begins = (from: number): boolean => {
      const kind = kindAt(text, from);
      return kind === sign
        ? text.charCodeAt(from) !== text.charCodeAt(from - 1)
        : wordOf(kind) !== wordOf(kindAt(text, from - 1));
    };
    const costOf = (from: number, to: number): number | null => {
      if (from >= to) return 0;
      if (from > 0 && !begins(from)) return null;
      return (own[to] ?? 0) - (from === 0 ? 0 : (own[from] ?? 0));
    };
    return {
      text,
      tokens(from, to) {
        const cost = costOf(from, to);
        return cost === null ? tokensIn(text, from, to) : Math.ceil(cost / token);
      },
      reach(from, to, budget) {
        const cost = costOf(from, to);
        return cost !== null && cost <= budget * token ? to : reach(text, from, to, budget);
      },
    };
  };
}
