import type { Token } from 'marked';
import { lex } from './render.ts';

/** A top-level piece of markdown. The same object comes back as long as its text stays the same. */
export interface Block {
  readonly key: number;
  readonly raw: string;
  readonly token: Token;
  /** A code block whose closing fence has not arrived yet. */
  readonly open: boolean;
}

/**
 * Splits a growing text into blocks. While text is only added, everything before the last block is
 * settled and keeps its objects, so that one frame of a stream parses and renders one block.
 */
export class BlockSplitter {
  #text = '';
  #blocks: readonly Block[] = [];
  /** Where the last block begins in the text; null where the next text must be read from its start. */
  #tail: number | null = null;

  update(text: string): readonly Block[] {
    if (text === this.#text) return this.#blocks;
    const from = text.startsWith(this.#text) ? this.#tail : null;
    const blocks = from === null ? [] : this.#blocks.slice(0, -1);
    let at = from ?? 0;
    let last = at;
    for (const token of lex(text.slice(at))) {
      if (token.type !== 'space') {
        last = at;
        blocks.push(this.#block(blocks.length, token));
      }
      at += token.raw.length;
    }
    this.#text = text;
    // marked normalises line ends and tabs, so offsets are trusted only where they add up.
    this.#tail = at === text.length && blocks.length > 0 ? last : null;
    this.#blocks = blocks;
    return blocks;
  }

  #block(key: number, token: Token): Block {
    const open = token.type === 'code' && isOpen(token.raw);
    const old = this.#blocks[key];
    const same = old && old.token.type === token.type && old.raw === token.raw && old.open === open;
    return same ? old : { key, raw: token.raw, token, open };
  }
}

function isOpen(raw: string): boolean {
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(raw)?.[1];
  if (!fence) return false;
  const end = raw.trimEnd().split('\n').at(-1) ?? '';
  const closing = /^ {0,3}(`{3,}|~{3,})[ \t]*$/.exec(end)?.[1];
  return !(raw.trimEnd().includes('\n') && closing?.startsWith(fence));
}
