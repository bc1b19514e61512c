import { longest, partsOf, walk } from './split.ts';
import type { Piece } from './split.ts';

/** Words that were met before, with what is known of each. */
export interface KnownWords<Word> {
  /** The words of a text in their order, as `split` gives them. */
  in(text: string): readonly Word[];
}

/** Slots of the table: a power of two, at least twice the words, so that looking stays short. */
const slots = 1 << 17;

/**
 * Words by their letters, without a string being made for each place where one stands: making and hashing those took
 * half of the time that terms take.
 *
 * @param of what is to be known of a word
 * @param most words kept; then it begins anew
 */
export function createKnownWords<Word>(
  of: (text: string) => Word,
  most = 50_000,
): KnownWords<Word> {
  const table = new Int32Array(slots);
  let texts: string[] = [''];
  let words: Word[] = [];
  const codes = new Uint8Array(longest);

  const clear = (): void => {
    table.fill(0);
    texts = [''];
    words = [];
  };

  /** The word of an ASCII stretch, its capitals made small. */
  const plain = (text: string, start: number, end: number): Word => {
    let state = 0x811c9dc5;
    for (let at = start; at < end; at += 1) {
      let code = text.charCodeAt(at);
      if (code >= 0x41 && code <= 0x5a) code += 0x20;
      codes[at - start] = code;
      state = Math.imul(state ^ code, 0x01000193);
    }
    const size = end - start;
    let slot = (state ^ (state >>> 15)) & (slots - 1);
    for (;;) {
      const number = table[slot] ?? 0;
      if (number === 0) break;
      const known = texts[number] ?? '';
      if (known.length === size && isSame(known, codes)) return words[number - 1] as Word;
      slot = (slot + 1) & (slots - 1);
    }
    // Made from its letters: a part of the text would keep all of the text in memory.
    const made = String.fromCharCode(...codes.subarray(0, size));
    const word = of(made);
    if (words.length >= most) clear();
    else {
      texts.push(made);
      table[slot] = words.push(word);
    }
    return word;
  };

  const others = new Map<string, Word>();
  const other = (text: string): Word => {
    const known = others.get(text);
    if (known !== undefined) return known;
    const word = of(text);
    if (others.size >= most) others.clear();
    others.set(text, word);
    return word;
  };

  return {
    in(text) {
      const found: Word[] = [];
      const pieces: Piece[] = [];
      const rest = (): void => {
        for (const piece of pieces) found.push(other(piece.text));
        pieces.length = 0;
      };
      walk(text, pieces, (start, end, _upper, humped) => {
        if (pieces.length > 0) rest();
        if (humped && end - start < longest) {
          let from = start;
          for (const part of partsOf(text.slice(start, end))) {
            found.push(plain(text, from, from + part.length));
            from += part.length;
          }
        }
        found.push(plain(text, start, Math.min(end, start + longest)));
      });
      rest();
      return found;
    },
  };
}

function isSame(known: string, codes: Uint8Array): boolean {
  for (let at = 0; at < known.length; at += 1) {
    if (known.charCodeAt(at) !== codes[at]) return false;
  }
  return true;
}
