import DOMPurify from 'dompurify';
import { Marked } from 'marked';
import type { Token } from 'marked';
import { escapeHtml } from './escape.ts';
import { withoutSigns } from './marks.ts';
import { mathExtensions } from './math.ts';

/*
 * Two walls. Raw HTML in an answer is never HTML here: the renderer writes it out as text. Whatever
 * the parser makes goes through DOMPurify with a short list of elements, and arrives as nodes, so
 * that nothing is parsed a second time. No element can load anything: no images, media, styles,
 * frames, forms. A model's text is a stranger's text: documents may have told it what to write.
 */
const tags = [
  ...['p', 'br', 'hr', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'blockquote'],
  ...['strong', 'em', 'del', 'code', 'pre', 'a', 'div', 'span'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
];
const classes = /^(?:math-inline|math-block|table|align-(?:left|center|right)|language-[\w+#.-]+)$/;

/** Only these two open outside; everything else (javascript:, data:, file:, relative) is no link. */
export function isOutsideAddress(href: string): boolean {
  return /^https?:\/\/[^\s]+$/i.test(href) && URL.canParse(href);
}

const marked = new Marked({
  gfm: true,
  breaks: true,
  async: false,
  extensions: mathExtensions,
  renderer: {
    heading({ tokens, depth }) {
      // The page's own headings are one and two: those of an answer come below its heading.
      const level = Math.min(6, depth + 2);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>\n`;
    },
    html({ text }) {
      return /^<br\s*\/?>$/i.test(text.trim()) ? '<br>' : escapeHtml(text);
    },
    image({ text, href }) {
      return escapeHtml(text ? `${text} (${href})` : href);
    },
    link({ href, tokens }) {
      const words = this.parser.parseInline(tokens);
      const address = withoutSigns(href);
      return isOutsideAddress(address) ? `<a href="${escapeHtml(address)}">${words}</a>` : words;
    },
    code({ text, lang }) {
      const language = /^[\w+#.-]+/.exec(lang ?? '')?.[0];
      const name = language ? ` class="language-${escapeHtml(language)}"` : '';
      return `<pre><code${name}>${escapeHtml(withoutSigns(text))}</code></pre>\n`;
    },
    codespan({ text }) {
      return `<code>${escapeHtml(withoutSigns(text))}</code>`;
    },
    checkbox({ checked }) {
      return checked ? '☑ ' : '☐ ';
    },
    table(token) {
      const cell = (kind: 'th' | 'td') => (part: (typeof token.header)[number]) =>
        `<${kind}${part.align ? ` class="align-${part.align}"` : ''}>${this.parser.parseInline(part.tokens)}</${kind}>`;
      const head = token.header.map(cell('th')).join('');
      const body = token.rows.map((row) => `<tr>${row.map(cell('td')).join('')}</tr>`).join('');
      return `<div class="table"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>\n`;
    },
  },
});

/** The top-level pieces of a markdown text. */
export function lex(text: string): Token[] {
  return marked.lexer(text);
}

/** One piece (or more) as HTML that is not yet clean. Only `fragmentOf` may put it on a page. */
export function htmlOf(tokens: readonly Token[]): string {
  return marked.parser([...tokens]);
}

/** Clean nodes of untrusted HTML: elements of the short list, addresses of the web, our own classes. */
export function fragmentOf(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['href', 'class', 'start'],
    ALLOW_ARIA_ATTR: false,
    ALLOW_DATA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const element of fragment.querySelectorAll('[class]')) {
    const kept = [...element.classList].filter((name) => classes.test(name));
    if (kept.length > 0) element.className = kept.join(' ');
    else element.removeAttribute('class');
  }
  for (const link of fragment.querySelectorAll('[href]')) {
    const href = link.getAttribute('href') ?? '';
    if (link.localName !== 'a' || !isOutsideAddress(href)) link.removeAttribute('href');
    else link.setAttribute('rel', 'noopener noreferrer');
  }
  return fragment;
}

/** The words of an answer without its markdown: for announcements. */
export function plainText(markdown: string): string {
  return (fragmentOf(htmlOf(lex(withoutSigns(markdown)))).textContent ?? '').trim();
}
