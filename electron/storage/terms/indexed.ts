import { createWordNumbers, hashed, hashSeed, languages, mostBytes } from './numbers.ts';
import { capital, foreign, kindOf, longest, other, parts, runAt, sign, small } from './split.ts';
import type { Piece } from './split.ts';
import { hasSpanishSigns, sampled } from './stems.ts';

/** What the full-text index holds of a passage: stems parted by spaces. */
export interface IndexTexts {
  readonly heading: string;
  readonly body: string;
}

/**
 * What the full-text index holds of a passage: what `indexText` gives of each part (a test compares them), in one walk
 * over the text's codes, because every word of every document goes through here.
 *
 * @param lead stands before the text, as a line of its own
 */
export function indexTexts(heading: string | null, lead: string, text: string): IndexTexts {
  if (words.count > mostKnown) forget();
  const own = numbersIn(text, ofText);
  const language = languageOf(own, hasSpanishSigns(text));
  begin();
  if (lead !== '') put(kept(lead), language);
  put(own, language);
  const body = written();
  if (heading === null || heading === '') return { heading: '', body };
  begin();
  put(kept(heading), language);
  return { heading: written(), body };
}

const words = createWordNumbers();
const mostKnown = 50_000;

function forget(): void {
  words.forget();
  keptTexts.clear();
  keptRuns.clear();
}

/** Numbers of words, in a list that grows and is used again. */
interface Numbers {
  list: Int32Array;
  length: number;
}

const numbers = (room: number): Numbers => ({ list: new Int32Array(room), length: 0 });
const ofText = numbers(1024);

function add(into: Numbers, word: number): void {
  if (into.length === into.list.length) {
    const larger = new Int32Array(2 * into.length);
    larger.set(into.list);
    into.list = larger;
  }
  into.list[into.length] = word;
  into.length += 1;
}

/** As `stems.ts` tells it, a language by its place in `languages`. */
function languageOf({ list, length }: Numbers, signs: boolean): number {
  const found = [0, signs ? 1 : 0];
  for (let at = 0; at < Math.min(length, sampled); at += 1) {
    const says = words.says(list[at] ?? 0);
    if (says >= 0) found[says] = (found[says] ?? 0) + 1;
  }
  const [english = 0, spanish = 0] = found;
  return languages.indexOf(spanish > english ? 'es' : 'en');
}

let out = Buffer.alloc(1 << 14);
let outEnd = 0;

const begin = (): void => void (outEnd = 0);
const written = (): string => out.toString('utf8', 0, Math.max(0, outEnd - 1));

/** Adds the stems of words, each with a space behind it. */
function put({ list, length }: Numbers, language: number): void {
  for (let at = 0; at < length; at += 1) {
    if (outEnd + mostBytes + 1 > out.length) {
      const larger = Buffer.alloc(2 * out.length);
      larger.set(out);
      out = larger;
    }
    outEnd = words.write(list[at] ?? 0, language, out, outEnd);
    out[outEnd] = 0x20;
    outEnd += 1;
  }
}

/** Headings and leads stand above many passages in a row. */
const keptTexts = new Map<string, Numbers>();
const mostTexts = 64;

function kept(text: string): Numbers {
  const found = keptTexts.get(text);
  if (found !== undefined) return found;
  if (keptTexts.size >= mostTexts) keptTexts.clear();
  const made = numbersIn(text, numbers(16));
  keptTexts.set(text, made);
  return made;
}

let codes = new Uint16Array(4096);

/** The entries of a text in their order, as `split` cuts it. */
function numbersIn(text: string, into: Numbers): Numbers {
  into.length = 0;
  const { length } = text;
  if (length > codes.length) codes = new Uint16Array(2 * length);
  Buffer.from(codes.buffer).write(text, 'utf16le');
  let at = 0;
  while (at < length) {
    let kind = kindOf(codes[at] ?? 0);
    if (kind === sign) {
      at += 1;
      continue;
    }
    const start = at;
    let hash = hashSeed;
    let upper = false;
    let lower = false;
    let humped = false;
    while (kind === small || kind === capital) {
      let code = codes[at] ?? 0;
      if (kind === capital) {
        humped ||= lower || (upper && at + 1 < length && kindOf(codes[at + 1] ?? 0) === small);
        upper = true;
        code += 0x20;
      } else lower = true;
      hash = hashed(hash, code);
      at += 1;
      kind = at < length ? kindOf(codes[at] ?? 0) : sign;
    }
    if (kind === other) {
      const run = runAt(text, start);
      at = run === undefined ? at + 1 : start + run.length;
      if (run !== undefined) for (const word of foreignNumbers(run)) add(into, word);
    } else if (humped || at - start > longest) {
      const word = text.slice(start, at);
      const pieces: Piece[] = [];
      if (at - start < longest) parts(pieces, word, 0);
      for (const piece of pieces) add(into, words.of(piece.text));
      add(into, words.of(word.slice(0, longest).toLowerCase()));
    } else add(into, words.at(codes, start, at, hash));
  }
  return into;
}

/** Runs with other letters than ASCII: folding takes long, and most come again. */
const keptRuns = new Map<string, readonly number[]>();
const mostRuns = 20_000;
const longestRun = 12;

function foreignNumbers(run: string): readonly number[] {
  const found = keptRuns.get(run);
  if (found !== undefined) return found;
  const pieces: Piece[] = [];
  foreign(pieces, run, 0);
  const made = pieces.map(({ text }) => words.of(text));
  if (run.length <= longestRun) {
    if (keptRuns.size >= mostRuns) keptRuns.clear();
    keptRuns.set(run, made);
  }
  return made;
}
