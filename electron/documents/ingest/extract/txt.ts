import { decodeText } from './encoding.ts';
import { cleanText, mostCharacters, tooLarge } from './extracted.ts';
import type { Extracted } from './extracted.ts';
import { sectionsOf } from './sections.ts';
import type { Piece } from './sections.ts';

/** Plain text: paragraphs are what empty lines part. Each knows the line of the file that it begins with. */
export function extractTxt(bytes: Uint8Array): Extracted {
  const text = decodeText(bytes);
  const characters = text.length;
  if (characters > mostCharacters) throw tooLarge({ characters, limit: mostCharacters });
  return sectionsOf(paragraphsOf(cleanText(text)));
}

function* paragraphsOf(text: string): Generator<Piece> {
  let line = 1;
  let firstLine = 1;
  let start = -1;
  let at = 0;
  const piece = (end: number): Piece => ({
    text: text.slice(start, end),
    level: null,
    block: { kind: 'code', firstLine },
  });
  while (at <= text.length) {
    const found = text.indexOf('\n', at);
    const end = found < 0 ? text.length : found;
    const blank = text.slice(at, end).trim() === '';
    if (blank && start >= 0) {
      yield piece(at);
      start = -1;
    } else if (!blank && start < 0) {
      start = at;
      firstLine = line;
    }
    at = end + 1;
    line += 1;
  }
  if (start >= 0) yield piece(text.length);
}
