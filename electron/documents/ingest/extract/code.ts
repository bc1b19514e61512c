import { decodeText } from './encoding.ts';
import { cleanText } from './extracted.ts';
import type { Beat, Extracted } from './extracted.ts';
import { unitsByRules } from './code-rules.ts';
import { unitsByGrammar } from './code-grammars.ts';
import { createPages } from './sections.ts';

/** A function, class or the like: lines are 0-based, `to` is behind the last. */
export interface CodeUnit {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** Lines that no unit holds come in pieces of about this many characters, parted at empty lines. */
const looseSize = 2000;
/** What a person writes about a unit stands right above it. */
const about = /^\s*(?:\/\/|#(?!include|define|if|endif)|\*|\/\*|--|;;|%|@|\[<?\w|'''|"""|<!--)/;

/**
 * Source code by function and class, every line with its number. The language is told by the file's name; one
 * without a grammar here is cut by the words that begin a definition, and any other at empty lines.
 */
export async function extractCode(bytes: Uint8Array, name: string, beat: Beat): Promise<Extracted> {
  const text = cleanText(decodeText(bytes));
  const lines = text.split('\n');
  const extension = /\.([^.]+)$/.exec(name.toLowerCase())?.[1] ?? '';
  const units = (await unitsByGrammar(text, extension, beat)) ?? unitsByRules(lines);
  const pages = createPages();
  let at = 0;
  const loose = (to: number): void => {
    let from = at;
    let size = 0;
    for (; at < to; at += 1) {
      size += (lines[at] ?? '').length + 1;
      const blank = (lines[at] ?? '').trim() === '';
      if ((blank && size > looseSize) || at === to - 1) {
        const block = { kind: 'code', firstLine: from + 1 } as const;
        pages.add({ text: lines.slice(from, at + 1).join('\n'), level: null, block });
        from = at + 1;
        size = 0;
      }
    }
  };
  for (const unit of units) {
    if (unit.from < at) continue;
    let from = unit.from;
    while (from > at && about.test(lines[from - 1] ?? '')) from -= 1;
    loose(from);
    const block = { kind: 'code', firstLine: from + 1, name: unit.name } as const;
    pages.add({ text: lines.slice(from, unit.to).join('\n'), level: null, block });
    at = unit.to;
  }
  loose(lines.length);
  return pages.end({ paged: false });
}
