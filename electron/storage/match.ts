const mostTerms = 64;

/**
 * An FTS5 expression for words that a person typed into a search box, or null when they hold nothing
 * to look for: every word must occur. Each is quoted, so that no character of it is taken for FTS5's
 * own syntax; text between double quotes stays a phrase. At most 64 words are used.
 *
 * @param options.prefixLast the last word also matches as a beginning: searching while typing.
 */
export function matchExpression(
  words: string,
  options: { readonly prefixLast?: boolean } = {},
): string | null {
  const terms = distinct(splitTerms(words)).slice(0, mostTerms);
  if (terms.length === 0) return null;
  const quoted = terms.map(({ text }) => `"${text}"`);
  if (options.prefixLast === true && terms.at(-1)?.phrase === false) {
    quoted[quoted.length - 1] += '*';
  }
  return quoted.join(' AND ');
}

interface Term {
  readonly text: string;
  readonly phrase: boolean;
}

/** Each once, where it stands last: marking takes the square of how often the terms occur in a text. */
function distinct(terms: readonly Term[]): Term[] {
  const kept = new Map<string, Term>();
  for (const term of terms) {
    const key = `${term.phrase} ${term.text.toLowerCase()}`;
    kept.delete(key);
    kept.set(key, term);
  }
  return [...kept.values()];
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
