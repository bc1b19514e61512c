import type { Heading } from '../../../ipc/contract/index.ts';
import { endsSection } from '../../index/marks.ts';
import { cleanText, empty, mostCharacters, tooLarge } from './extracted.ts';
import type { Extracted, ExtractedPage } from './extracted.ts';

/** A piece of a document without pages, in reading order. */
export interface Block {
  readonly text: string;
  /** 1 to 6 for a heading, null for anything else. */
  readonly level: number | null;
}

/** A section is closed before a heading only when it holds this much: short sections share one. */
const worthClosing = 1500;
/** One block longer than this is cut: a page must stay quick to show. */
const longestBlock = 12_000;

/**
 * Builds section-sized "pages" from blocks. Blocks stand apart by an empty line; cuts fall before
 * headings or between blocks. Throws 'document-empty' and 'document-too-large'.
 */
export function sectionsOf(blocks: Iterable<Block>): Extracted {
  const pages: ExtractedPage[] = [];
  let text = '';
  let headings: Heading[] = [];
  let characters = 0;
  const close = (): void => {
    if (text === '') return;
    pages.push({ text, width: null, height: null, spans: [], headings });
    characters += text.length;
    if (characters > mostCharacters) throw tooLarge({ characters, limit: mostCharacters });
    text = '';
    headings = [];
  };
  for (const block of blocks) {
    const clean = cleanText(block.text).replace(/^\n+/, '').trimEnd();
    if (clean.trim() === '') continue;
    for (const piece of pieces(clean)) {
      const full = endsSection(text.length, piece);
      if (full || (block.level !== null && text.length >= worthClosing)) close();
      if (block.level !== null) {
        headings.push({ level: block.level, start: text.length, end: text.length + piece.length });
      }
      text += `${piece}\n\n`;
    }
  }
  close();
  if (pages.length === 0) throw empty();
  return { paged: false, pages };
}

function* pieces(text: string): Generator<string> {
  let from = 0;
  while (text.length - from > longestBlock) {
    let to = from + longestBlock;
    const line = text.lastIndexOf('\n', to);
    const space = text.lastIndexOf(' ', to);
    if (line > from + longestBlock / 2) to = line + 1;
    else if (space > from + longestBlock / 2) to = space + 1;
    else if (/[\uD800-\uDBFF]/.test(text.charAt(to - 1))) to -= 1;
    yield text.slice(from, to).trimEnd();
    from = to;
  }
  if (from < text.length) yield text.slice(from);
}
