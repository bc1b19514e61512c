import { fold, split } from '../../storage/terms/split.ts';
import type { Piece } from '../../storage/terms/split.ts';
import { isStopWord, languageOf, stemOf, stemsOf } from '../../storage/terms/stems.ts';
import { bareHangul, isKoreanStopWord } from './korean.ts';

/** One thing to look for. Several of them make a word where its script is cut into pairs of characters. */
export interface Term {
  /** As it was typed. */
  readonly text: string;
  /** Number of the word among those asked: what belongs to one word counts as one. */
  readonly word: number;
  /** This term's part of its word, 0 to 1. */
  readonly share: number;
  /** Any of these stems is the term. Empty for a phrase. */
  readonly stems: readonly string[];
  /** A quoted phrase: its stems in their order, once for each language. */
  readonly phrase: readonly (readonly string[])[] | null;
  /** Also every word that begins so, folded: searching while typing, and one character of Korean or Chinese. */
  readonly start: string | null;
}

const mostTerms = 64;
const longestTerm = 64;
const longestQuery = 20_000;
const longestPhrase = 16;

/**
 * The terms of a question or a search, first ones first, each once. Function words of its language are left out
 * unless nothing would remain; numbers stay. Words between double quotes stay together.
 *
 * @param prefixLast the last word also matches as a beginning: searching while typing.
 * @param most terms given; the text is cut there
 */
export function termsOf(query: string, prefixLast = false, most = mostTerms): readonly Term[] {
  const text = query.slice(0, longestQuery).normalize('NFC');
  const language = languageOf(text);
  const asked = wordsOf(text);
  const says = ({ text: word, phrase }: Asked): boolean =>
    phrase || !(isStopWord(fold(word), language) || isKoreanStopWord(word));
  const meaningful = asked.filter(says);
  const kept = meaningful.length > 0 ? meaningful : asked;
  const terms = new Map<string, Term>();
  let word = 0;
  for (const each of kept) {
    if (terms.size >= most) break;
    const made = each.phrase
      ? phraseTerm(each.text)
      : wordTerms(each.text, prefixLast && each === asked.at(-1));
    const fresh = made.filter((term) => !terms.has(keyOf(term)));
    for (const term of fresh) terms.set(keyOf(term), { ...term, word });
    if (fresh.length > 0) word += 1;
  }
  return [...terms.values()];
}

const keyOf = ({ stems, phrase, start }: Made): string =>
  `${stems.join(' ')}|${phrase?.[0]?.join(' ') ?? ''}|${start ?? ''}`;

/** FTS5 expression for one term, or null for one that nothing can match. Always quoted: no character is syntax. */
export function matchOf({ stems, phrase, start }: Term): string | null {
  const any =
    phrase !== null
      ? phrase.map((words) => `"${words.join(' ')}"`)
      : stems.map((stem) => `"${stem}"`);
  if (start !== null) any.push(`"${start}"*`);
  if (any.length === 0) return null;
  return any.length === 1 ? (any[0] ?? null) : `(${any.join(' OR ')})`;
}

/** FTS5 expression that any of the terms satisfies, or null for none. */
export function anyOf(terms: readonly Term[]): string | null {
  const all = terms.flatMap((term) => matchOf(term) ?? []);
  return all.length === 0 ? null : all.join(' OR ');
}

interface Asked {
  readonly text: string;
  readonly phrase: boolean;
}
type Made = Omit<Term, 'word'>;

/** The words as they were typed, and phrases between double quotes. */
function wordsOf(query: string): Asked[] {
  const asked: Asked[] = [];
  for (const [, quoted, plain] of query.matchAll(
    /["“”„]([^"“”„]{1,400})["“”]|([^"“”„]+|["“”„])/g,
  )) {
    const words = ((quoted ?? plain ?? '').match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? []).map((word) =>
      word.slice(0, longestTerm).replace(/\p{Surrogate}/gu, ''),
    );
    if (quoted !== undefined && words.length > 1) {
      asked.push({ text: words.slice(0, longestPhrase).join(' '), phrase: true });
    } else asked.push(...words.map((text) => ({ text, phrase: false })));
  }
  return asked;
}

function phraseTerm(text: string): Made[] {
  const pieces = split(text).filter(({ kind }, at, all) => kind !== 'last' || isAlone(all, at));
  if (pieces.length === 0) return [];
  const [english, spanish] = (['en', 'es'] as const).map((language) =>
    pieces.map((piece) => (piece.kind === 'word' ? stemOf(piece.text, language) : piece.text)),
  );
  const both = [english ?? [], spanish ?? []];
  const phrase = both[0]?.join(' ') === both[1]?.join(' ') ? both.slice(0, 1) : both;
  return [{ text, share: 1, stems: [], phrase, start: null }];
}

function wordTerms(text: string, isTyped: boolean): Made[] {
  const pieces = split(bareHangul(text));
  const grams = pieces.filter((piece, at) => piece.kind !== 'last' || isAlone(pieces, at));
  // Kana alone are mostly endings and particles: the characters beside them carry the meaning.
  const bearing = grams.filter(({ text: gram }) => !/^\p{Script=Hiragana}+$/u.test(gram));
  // A name like `findPassages` is looked for whole; its parts are in the index for those who know only them.
  const whole = bearing.filter(
    ({ start, end }) =>
      !bearing.some(
        (other) =>
          other.start <= start && other.end >= end && other.end - other.start > end - start,
      ),
  );
  const used = whole.length > 0 ? whole : grams;
  return used.map((piece, at): Made => {
    const share = 1 / used.length;
    if (piece.kind === 'last') return { text, share, stems: [], phrase: null, start: piece.text };
    if (piece.kind === 'gram')
      return { text, share, stems: [piece.text], phrase: null, start: null };
    const start = isTyped && at === used.length - 1 && piece.text.length > 1 ? piece.text : null;
    return { text, share, stems: stemsOf(piece.text), phrase: null, start };
  });
}

/** A run of one character gives nothing but its `last`. */
const isAlone = (pieces: readonly Piece[], at: number): boolean => {
  const before = pieces[at - 1];
  return before?.kind !== 'gram' || before.end !== pieces[at]?.end;
};
