/** Signs that mean the same to whoever searches: curly and straight quotes, all dashes. */
const same: Readonly<Record<string, string>> = {
  '\u2018': "'",
  '\u2019': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u2010': '-',
  '\u2011': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
};

const known = new Map<string, string>();

/**
 * Text without case and accents whose offsets (UTF-16) are those of the text itself: a character that
 * would become longer or shorter stays as it is.
 */
export function foldAligned(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (/^[\u0000-\u007f]*$/.test(text)) return text.toLowerCase();
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[^\u0000-\u0040\u005b-\u007f]/g, (character) => {
    const before = known.get(character);
    if (before !== undefined) return before;
    const bare = character
      .normalize('NFD')
      .replaceAll(/[\u0300-\u036f]/g, '')
      .normalize('NFC');
    const folded = same[character] ?? bare.toLowerCase();
    const result = folded.length === character.length ? folded : character;
    known.set(character, result);
    return result;
  });
}

/** An expression for words in their order with any white space between; null where there are none. */
export function wordsPattern(words: string, flags: string): RegExp | null {
  const parts = words.trim().split(/\s+/).filter(Boolean);
  if (parts.length === 0) return null;
  const escaped = parts.map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`));
  return new RegExp(escaped.join(String.raw`\s+`), flags);
}
