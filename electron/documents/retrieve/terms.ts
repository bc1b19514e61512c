/** One thing to look for: a word, or words that a person put between double quotes. */
export interface Term {
  readonly text: string;
  /** FTS5 expression for it. Always quoted: no character of it can be taken for FTS5's syntax. */
  readonly match: string;
  /** Folded forms that say which term a matched word belongs to. */
  readonly forms: readonly string[];
}

/** What stands in nearly every English question or sentence and tells passages apart badly. */
const stopWords = new Set(
  (
    'a an and are as at be been being but by can could did do does doing for from had has have having he her hers him ' +
    'his how i if in into is it its me my of on or our ours please shall she should so some such tell than that the ' +
    'their them then there these they this those to us was we were what when where which who whom whose why will with ' +
    'would you your yours about also any s t d ll re ve m'
  ).split(' '),
);

/** Korean particles that hang on a noun, longest first. */
const particles =
  '에게서 으로서 으로써 이라고 에서는 까지 부터 에서 에게 께서 보다 처럼 라고 으로 이나 한테 은 는 이 가 을 를 에 의 도 로 와 과 만 나'.split(
    ' ',
  );

const mostTerms = 64;
const longestTerm = 64;

/**
 * The terms of a question or a search, first ones first, each once. English stop words are left out
 * unless nothing would remain; numbers stay. Hangul words also match as beginnings, with and without
 * a particle, because particles are written onto the noun.
 *
 * @param prefixLast the last word also matches as a beginning: searching while typing.
 */
export function termsOf(query: string, prefixLast = false): readonly Term[] {
  const pieces = split(query.slice(0, 20_000));
  const meaningful = pieces.filter(({ text, phrase }) => phrase || !stopWords.has(fold(text)));
  const kept = meaningful.length > 0 ? meaningful : pieces;
  const lastPiece = pieces.at(-1);
  const terms = new Map<string, Term>();
  for (const piece of kept) {
    if (terms.size >= mostTerms) break;
    const key = fold(piece.text);
    if (!terms.has(key)) terms.set(key, termOf(piece, prefixLast && piece === lastPiece));
  }
  return [...terms.values()];
}

/** FTS5 expression that any of the terms satisfies, or null for none. */
export function anyOf(terms: readonly Term[]): string | null {
  return terms.length === 0 ? null : terms.map((term) => term.match).join(' OR ');
}

/** As the index folds: no case, no diacritics. */
export function fold(text: string): string {
  // Hangul would fall apart into its letters and must come together again.
  return text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase();
}

interface Piece {
  readonly text: string;
  readonly phrase: boolean;
}

/** The tokeniser's words: runs of letters, digits and marks (unicode61 parts at everything else). */
const word = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

function split(query: string): Piece[] {
  const pieces: Piece[] = [];
  for (const [, quoted, plain] of query.normalize('NFC').matchAll(/"([^"]{1,400})"|([^"]+|")/g)) {
    const words = (quoted ?? plain ?? '').match(word) ?? [];
    if (quoted !== undefined && words.length > 0) {
      pieces.push({ text: words.slice(0, 16).join(' '), phrase: words.length > 1 });
    } else
      pieces.push(
        ...words.map((text) => ({
          text: text.slice(0, longestTerm).replace(/\p{Surrogate}/gu, ''),
          phrase: false,
        })),
      );
  }
  return pieces;
}

function termOf({ text, phrase }: Piece, prefix: boolean): Term {
  const forms = phrase ? fold(text).split(' ') : [fold(text)];
  if (phrase) return { text, match: `"${text}"`, forms };
  if (!/\p{Script=Hangul}/u.test(text)) {
    return { text, match: prefix && text.length > 1 ? `"${text}"*` : `"${text}"`, forms };
  }
  const stem = particles.find((each) => text.endsWith(each) && text.length - each.length >= 2);
  const bare = stem === undefined ? null : text.slice(0, -stem.length);
  return bare === null
    ? { text, match: `"${text}"*`, forms }
    : { text, match: `("${text}"* OR "${bare}"*)`, forms: [...forms, bare] };
}
