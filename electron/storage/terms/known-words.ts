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
export function createKnownWords<Word extends { readonly text: string }>(
  of: (text: string) => Word,
  most = 50_000,
): KnownWords<Word> {
  /** Places in `words`, from 1 on; 0: none. */
  const table = new Int32Array(slots);
  const words: (Word | undefined)[] = [undefined];
  const others = new Map<string, Word>();

  /** The word of a stretch of small ASCII letters and digits. */
  const plain = (text: string, start: number, end: number): Word => {
    let state = 0x811c9dc5;
    for (let at = start; at < end; at += 1) {
      state = Math.imul(state ^ text.charCodeAt(at), 0x01000193);
    }
    let slot = (state ^ (state >>> 15)) & (slots - 1);
    for (;;) {
      const known = words[table[slot] ?? 0];
      if (known === undefined) break;
      if (isSame(known.text, text, start, end)) return known;
      slot = (slot + 1) & (slots - 1);
    }
    // Made from its letters: a part of the text would keep all of the text in memory.
    const word = of(Buffer.from(text.slice(start, end), 'latin1').toString('latin1'));
    if (words.length > most) {
      table.fill(0);
      words.length = 1;
    } else table[slot] = words.push(word) - 1;
    return word;
  };

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
      walk(text, pieces, (start, end, upper, humped) => {
        if (pieces.length > 0) rest();
        const size = Math.min(end - start, longest);
        if (!upper) {
          found.push(plain(text, start, start + size));
          return;
        }
        const word = text.slice(start, end);
        if (humped && end - start < longest) {
          for (const part of partsOf(word)) found.push(plain(part.toLowerCase(), 0, part.length));
        }
        found.push(plain(word.toLowerCase(), 0, size));
      });
      rest();
      return found;
    },
  };
}

function isSame(known: string, text: string, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let at = start; at < end; at += 1) {
    if (known.charCodeAt(at - start) !== text.charCodeAt(at)) return false;
  }
  return true;
}
