/** A stretch of text that is one entry of the index, before stemming. */
export interface Piece {
  /** Folded: no case, no diacritics, compatibility forms (full width, ligatures) as their plain letters. */
  readonly text: string;
  /** Where it stands in the text that was split (UTF-16). */
  readonly start: number;
  readonly end: number;
  /**
   * `word`: stands between spaces or signs. `gram`: two neighbouring characters of a script that is
   * written without spaces or glues particles to words. `last`: the last character of such a run, so that
   * every character begins an entry and one character alone can be looked for as a beginning.
   */
  readonly kind: 'word' | 'gram' | 'last';
}

/** As the index folds: no case, no diacritics. */
export function fold(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  // Hangul and kana would fall apart and must come together again.
  return text
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .normalize('NFC')
    .toLowerCase();
}

/** Longest entry of the index; what is longer is no word anybody looks for. */
export const longest = 64;
const words = /[\p{L}\p{N}\p{M}\p{Co}]+/uy;
/** Scripts that are cut into pairs of characters. */
const paired =
  /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u30fc\uff70\uff9e\uff9f]+/gu;
const isPaired = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u;
/** Scripts without spaces whose words only a dictionary parts: the runtime has one. */
const isUnspaced = /[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** The entries of a text in their order. Offsets never overlap but for the pairs of `gram`. */
export function split(text: string): Piece[] {
  const pieces: Piece[] = [];
  const { length } = text;
  let at = 0;
  while (at < length) {
    // Most text is ASCII: it is walked by its codes, several times as fast as by an expression.
    let kind = kindOf(text.charCodeAt(at));
    if (kind === sign) {
      at += 1;
      continue;
    }
    const start = at;
    let upper = false;
    let lower = false;
    let humped = false;
    while (kind === small || kind === capital) {
      if (kind === capital) {
        humped ||= lower || (upper && !lower && kindOf(text.charCodeAt(at + 1)) === small);
        upper = true;
      } else lower = true;
      at += 1;
      kind = at < length ? kindOf(text.charCodeAt(at)) : sign;
    }
    if (kind !== other) {
      const word = text.slice(start, at);
      if (humped && at - start < longest) parts(pieces, word, start);
      put(pieces, upper ? word.toLowerCase() : word, start, at);
      continue;
    }
    const word = runAt(text, start);
    at = word === undefined ? at + 1 : start + word.length;
    if (word === undefined) continue;
    foreign(pieces, word, start);
  }
  return pieces;
}

/** The run of letters that begins at `at`, whatever its script; undefined where none does. */
export function runAt(text: string, at: number): string | undefined {
  words.lastIndex = at;
  return words.exec(text)?.[0];
}

/** The entries of a run of letters that are not all ASCII. */
export function foreign(pieces: Piece[], word: string, start: number): void {
  if (isPaired.test(word)) mixed(pieces, word, start);
  else if (isUnspaced.test(word)) segmented(pieces, word, start);
  else put(pieces, fold(word), start, start + word.length);
}

export const [sign, small, capital, other] = [0, 1, 2, 3];
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[a-z0-9]/.test(character) ? small : /[A-Z]/.test(character) ? capital : sign;
});
/** What a UTF-16 unit is: one of the four above. */
export const kindOf = (code: number): number => (code < 128 ? (kinds[code] ?? sign) : other);

function put(pieces: Piece[], text: string, start: number, end: number): void {
  // Marks alone fold to nothing.
  if (text !== '') pieces.push({ text: cut(text), start, end, kind: 'word' });
}

function cut(text: string): string {
  return text.length <= longest ? text : text.slice(0, longest).replace(/[\uD800-\uDBFF]$/, '');
}

/** The parts of a name like `findPassages`; the name itself follows them. */
export function parts(pieces: Piece[], word: string, start: number): void {
  let from = 0;
  for (const part of word.split(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)) {
    put(pieces, part.toLowerCase(), start + from, start + from + part.length);
    from += part.length;
  }
}

function mixed(pieces: Piece[], word: string, start: number): void {
  let from = 0;
  for (const match of word.matchAll(paired)) {
    put(pieces, fold(word.slice(from, match.index)), start + from, start + match.index);
    grams(pieces, match[0], start + match.index);
    from = match.index + match[0].length;
  }
  put(pieces, fold(word.slice(from)), start + from, start + word.length);
}

function grams(pieces: Piece[], run: string, start: number): void {
  const folded = [...fold(run)];
  const own = [...run];
  // Half-width kana and decomposed Hangul change their length: then every pair stands for the whole run.
  const same = folded.length === own.length;
  let at = start;
  folded.forEach((character, index) => {
    const next = folded[index + 1];
    const width = own[index]?.length ?? 0;
    const place = same
      ? { start: at, end: at + width + (next === undefined ? 0 : (own[index + 1]?.length ?? 0)) }
      : { start, end: start + run.length };
    pieces.push(
      next === undefined
        ? { text: character, ...place, kind: 'last' }
        : { text: character + next, ...place, kind: 'gram' },
    );
    at += width;
  });
}

let segmenter: Intl.Segmenter | undefined;

function segmented(pieces: Piece[], word: string, start: number): void {
  segmenter ??= new Intl.Segmenter('th', { granularity: 'word' });
  for (const { segment, index } of segmenter.segment(word)) {
    put(pieces, fold(segment), start + index, start + index + segment.length);
  }
}

/** How many entries `split` gives of a text, without making them. */
export function entriesIn(text: string): number {
  const { length } = text;
  let count = 0;
  let at = 0;
  while (at < length) {
    let kind = kindOf(text.charCodeAt(at));
    if (kind === sign) {
      at += 1;
      continue;
    }
    const start = at;
    let plain = true;
    while (kind === small || kind === capital) {
      plain &&= kind === small || at === start;
      at += 1;
      kind = at < length ? kindOf(text.charCodeAt(at)) : sign;
    }
    if (kind === other) {
      const word = runAt(text, start) ?? '';
      at = start + Math.max(1, word.length);
      if (isPaired.test(word) || isUnspaced.test(word)) count += split(word).length;
      else if (fold(word) !== '') count += 1;
    } else count += plain ? 1 : split(text.slice(start, at)).length;
  }
  return count;
}
