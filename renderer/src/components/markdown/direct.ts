import type { Token, Tokens } from 'marked';
import { withoutSigns } from './marks.ts';

/**
 * The nodes of a block that is words only (paragraphs, headings, flat lists with emphasis and code), made
 * without any HTML: nothing has to be cleaned, because only elements named here can come about and text
 * only becomes text. The same nodes as `fragmentOf(htmlOf([token]))`; null for everything else. This is
 * what an answer consists of mostly, and its last block is made anew for every picture while it is written.
 */
export function directNodes(token: Token): DocumentFragment | null {
  const fragment = document.createDocumentFragment();
  const isMade = addBlock(fragment, token);
  if (!isMade) return null;
  fragment.append('\n');
  return fragment;
}

/** What a parser of HTML would not take for the character that it is. */
const strange = /[&<\0\r]/;

function addBlock(parent: Node, token: Token): boolean {
  if (token.type === 'paragraph') return addElement(parent, 'p', token.tokens);
  if (token.type === 'heading') {
    const { depth, tokens } = token as Tokens.Heading;
    return addElement(parent, `h${Math.min(6, depth + 2)}`, tokens);
  }
  return token.type === 'list' && addList(parent, token as Tokens.List);
}

/** Lists without tasks, loose items or lists within. */
function addList(parent: Node, { items, ordered, start, loose }: Tokens.List): boolean {
  if (loose || (ordered && start !== 1)) return false;
  const list = document.createElement(ordered ? 'ol' : 'ul');
  list.append('\n');
  for (const { task, loose: isLoose, tokens } of items) {
    const [text, ...more] = tokens;
    if (task || isLoose || more.length > 0 || (text && text.type !== 'text')) return false;
    // Without text there is nothing to go through, and `tokens` of a text may be missing.
    const inline = text === undefined ? [] : (text as Tokens.Text).tokens;
    if (!addElement(list, 'li', inline)) return false;
    list.append('\n');
  }
  parent.appendChild(list);
  return true;
}

function addElement(parent: Node, name: string, tokens: readonly Token[] | undefined): boolean {
  if (tokens === undefined) return false;
  const element = document.createElement(name);
  parent.appendChild(element);
  return addInline(element, tokens);
}

function addInline(parent: HTMLElement, tokens: readonly Token[]): boolean {
  return tokens.every((token) => {
    switch (token.type) {
      case 'text': {
        const { tokens: nested, text, escaped } = token as Tokens.Text;
        if (nested !== undefined || escaped || strange.test(text)) return false;
        addText(parent, text);
        return true;
      }
      case 'strong':
      case 'em':
      case 'del':
        return addElement(parent, token.type, token.tokens);
      case 'codespan': {
        const text = withoutSigns((token as Tokens.Codespan).text);
        if (/[\0\r]/.test(text)) return false;
        const code = document.createElement('code');
        addText(code, text);
        parent.append(code);
        return true;
      }
      case 'br':
        parent.append(document.createElement('br'));
        return true;
      default:
        return false;
    }
  });
}

/** Neighbouring texts are one node, as a parser makes them. */
function addText(parent: HTMLElement, text: string): void {
  if (text === '') return;
  const { lastChild } = parent;
  if (lastChild instanceof Text) lastChild.data += text;
  else parent.append(text);
}
