/** How words typed by a person become an FTS5 expression. */
export interface MatchOptions {
  /** 'all': every word must occur (a search box). 'any': one is enough, ranking decides (a question). */
  readonly join?: 'all' | 'any';
  /** The last word also matches as a beginning: searching while typing. */
  readonly prefixLast?: boolean;
}

const longest = 64;

/**
 * A MATCH expression for words that a person typed, or null when they hold nothing to look for. Every
 * word is quoted, so that no character of it is taken for FTS5's own syntax; text between double
 * quotes stays a phrase. At most 64 words are used.
 */
export function matchExpression(words: string, options: MatchOptions = {}): string | null {
  const { join = 'all', prefixLast = false } = options;
  const terms = splitTerms(words).slice(0, longest);
  if (terms.length === 0) return null;
  const quoted = terms.map(({ text }) => `"${text.replaceAll('"', '""')}"`);
  const last = terms.length - 1;
  if (prefixLast && terms[last]?.phrase === false) quoted[last] += '*';
  return quoted.join(join === 'all' ? ' AND ' : ' OR ');
}

interface Term {
  readonly text: string;
  readonly phrase: boolean;
}

/** Words and quoted phrases, in order. Pieces without a letter or digit are left out: they match nothing. */
function splitTerms(words: string): Term[] {
  const terms: Term[] = [];
  // NUL would end the expression early inside SQLite.
  const clean = words.replaceAll('\0', ' ');
  for (const [, phrase, word] of clean.matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    const text = (phrase ?? word ?? '').trim();
    if (/[\p{L}\p{N}]/u.test(text)) terms.push({ text, phrase: phrase !== undefined });
  }
  return terms;
}
