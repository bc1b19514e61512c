import type { TokenizerAndRendererExtension, Tokens } from 'marked';
import { escapeHtml } from './escape.ts';

const block = /^(?:\$\$([\s\S]+?)\$\$|\\\[([\s\S]+?)\\\])[ \t]*(?:\n|$)/;
// Money is not math: no space inside the dollars, no digit right after them, one line only.
const dollars = /^\$(?!\s|\$)((?:\\.|[^\\$\n])+?)(?<!\s)\$(?!\d)/;
const parens = /^\\\(([\s\S]+?)\\\)/;
const display = /^(?:\$\$([^\n]+?)\$\$|\\\[([^\n]+?)\\\])/;

/** Math for marked: it leaves the TeX as text in `<span class="math-…">`, which is typeset once it stands in the page. */
export const mathExtensions: TokenizerAndRendererExtension[] = [
  {
    name: 'mathBlock',
    level: 'block',
    start: (text) => text.match(/\$\$|\\\[/)?.index,
    tokenizer(text) {
      const match = block.exec(text);
      if (!match) return undefined;
      return { type: 'mathBlock', raw: match[0], text: (match[1] ?? match[2] ?? '').trim() };
    },
    renderer: (token) => `<div class="math-block">${escapeHtml(token['text'] as string)}</div>\n`,
  },
  {
    name: 'mathInline',
    level: 'inline',
    start: (text) => text.match(/\$|\\\(|\\\[/)?.index,
    tokenizer(text): Tokens.Generic | undefined {
      const wide = display.exec(text);
      const match = wide ?? dollars.exec(text) ?? parens.exec(text);
      if (!match) return undefined;
      const tex = (match[1] ?? match[2] ?? '').trim();
      return { type: 'mathInline', raw: match[0], text: tex, wide: wide !== null };
    },
    renderer: (token) =>
      `<span class="${token['wide'] ? 'math-block' : 'math-inline'}">${escapeHtml(token['text'] as string)}</span>`,
  },
];

type Katex = (typeof import('katex'))['default'];
let katex: Promise<Katex> | null = null;

function load(): Promise<Katex> {
  katex ??= Promise.all([import('katex'), import('katex/dist/katex.min.css')]).then(
    ([module]) => module.default,
  );
  return katex;
}

/** Typesets every formula below `root`. Bad TeX stays readable as its source. */
export async function typeset(root: ParentNode): Promise<void> {
  const places = [...root.querySelectorAll<HTMLElement>('.math-inline, .math-block')];
  if (places.length === 0) return;
  const { render } = await load();
  for (const place of places) {
    const tex = place.textContent ?? '';
    const displayMode = place.classList.contains('math-block');
    try {
      // `render` builds elements and sets styles on them one by one, which the content policy allows.
      render(tex, place, {
        displayMode,
        throwOnError: true,
        trust: false,
        strict: 'ignore',
        maxExpand: 500,
        maxSize: 20,
      });
    } catch {
      place.textContent = tex;
      place.classList.add('math-failed');
    }
  }
}
