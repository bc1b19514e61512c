import { decodeText } from './encoding.ts';
import { cleanText, unreadable } from './extracted.ts';
import type { Beat, Extracted } from './extracted.ts';
import { createPages } from './sections.ts';
import type { Pages } from './sections.ts';
import { unescapeStrings, unfold } from './json-text.ts';

/** Lines longer than this on average are nobody's: such a file is unfolded, and its lines are not cited. */
const longLines = 400;
/** What is added at once; a member that is larger has its own block. */
const blockSize = 2500;
const beatEvery = 2000;

/**
 * JSON as text, line by line as the file has it, with the characters instead of their escapes. Parts of the
 * outermost object or list keep together, named by their key. A file that is not quite JSON (comments,
 * a lost end) is text all the same.
 */
export function extractJson(bytes: Uint8Array): Extracted {
  const source = decodeText(bytes).replace(/^\uFEFF/, '');
  if (!/^\s*(?:[[{"\d-]|\/[/*]|true|false|null)/.test(source)) {
    throw unreadable('the file is no JSON');
  }
  const lines = source.split('\n').length;
  const folded = source.length / lines > longLines;
  const pages = createPages();
  const text = folded ? unfold(source) : source;
  addMembers(unescapeStrings(cleanText(text)), folded, pages);
  return pages.end({ paged: false });
}

/** One record a line; a line that is no JSON is text all the same, unless all are. */
export function extractJsonl(bytes: Uint8Array, beat: Beat): Extracted {
  const lines = cleanText(decodeText(bytes)).split('\n');
  if (!lines.slice(0, 100).some((line) => /^\s*[[{"]/.test(line))) {
    throw unreadable('the file holds no JSON lines');
  }
  const pages = createPages();
  let open: string[] = [];
  let size = 0;
  let firstLine = 1;
  const flush = (): void => {
    if (size > 0) {
      pages.add({
        text: open.join('\n'),
        level: null,
        block: { kind: 'code', firstLine },
      });
    }
    open = [];
    size = 0;
  };
  lines.forEach((line, index) => {
    const text = unescapeStrings(line);
    if (size + text.length > blockSize) flush();
    if (open.length === 0) firstLine = index + 1;
    open.push(text);
    size += text.trim().length;
    if (index % beatEvery === 0) beat();
  });
  flush();
  return pages.end({ paged: false });
}

/** Cuts where the outermost object or list goes on to its next member, by the indent of the lines. */
function addMembers(text: string, folded: boolean, pages: Pages): void {
  const lines = text.split('\n');
  const indent = /^[ \t]+(?=\S)/m.exec(text)?.[0] ?? '';
  let open: string[] = [];
  let size = 0;
  let firstLine = 1;
  let name: string | null = null;
  const flush = (): void => {
    if (open.some((line) => line.trim() !== '')) {
      pages.add({
        text: open.join('\n'),
        level: null,
        block: {
          kind: 'code',
          ...(folded ? {} : { firstLine }),
          ...(name === null ? {} : { name }),
        },
      });
    }
    open = [];
    size = 0;
    name = null;
  };
  lines.forEach((line, index) => {
    const member =
      indent !== '' && line.startsWith(indent) && /\S/.test(line.charAt(indent.length));
    const key = member ? /^\s*"([^"]{1,100})"\s*:/.exec(line)?.[1] : undefined;
    const begins = member && !/^\s*[\]})]/.test(line);
    // Small members share a block; one that is named begins a new one when the open one is worth it.
    if (begins && size > (key === undefined ? blockSize / 2 : blockSize / 8)) flush();
    if (size + line.length > blockSize * 4) flush();
    if (open.length === 0) firstLine = index + 1;
    if (key !== undefined && name === null) name = key;
    open.push(line);
    size += line.length + 1;
  });
  flush();
}
