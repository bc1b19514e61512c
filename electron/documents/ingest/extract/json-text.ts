import { mostCharacters, tooLarge } from './extracted.ts';

/** Deeper levels are indented no further: a page has an edge. */
const widest = 40;

/**
 * JSON without line ends put on lines: a scan over the text, so that depth costs no stack and nothing is
 * built in memory. Short objects and lists without others inside stay on one line.
 */
export function unfold(source: string): string {
  const out: string[] = [];
  let characters = source.length;
  let depth = 0;
  let at = 0;
  const line = (): string => {
    const indent = 2 * Math.min(depth, widest);
    characters += indent;
    if (characters > mostCharacters) throw tooLarge({ characters, limit: mostCharacters });
    return `\n${' '.repeat(indent)}`;
  };
  while (at < source.length) {
    const char = source.charAt(at);
    if (char === '"') {
      const end = stringEnd(source, at);
      out.push(source.slice(at, end));
      at = end;
    } else if (char === '{' || char === '[') {
      const flat = flatEnd(source, at);
      if (flat > 0) {
        out.push(source.slice(at, flat));
        at = flat;
        continue;
      }
      depth += 1;
      out.push(char, line());
      at += 1;
    } else if (char === '}' || char === ']') {
      depth = Math.max(0, depth - 1);
      out.push(line(), char);
      at += 1;
    } else if (char === ',') {
      out.push(',', line());
      at += 1;
    } else if (char === ':') {
      out.push(': ');
      at += 1;
    } else if (/\s/.test(char)) {
      at += 1;
    } else {
      const rest = /[^\s"{}[\],:]+/y;
      rest.lastIndex = at;
      const word = rest.exec(source)?.[0] ?? char;
      out.push(word);
      at += word.length;
    }
  }
  return out.join('');
}

/** Just behind the closing quote; the end of the text where there is none. */
function stringEnd(source: string, start: number): number {
  for (let at = start + 1; at < source.length; at += 1) {
    const char = source.charCodeAt(at);
    if (char === 0x5c) at += 1;
    else if (char === 0x22) return at + 1;
  }
  return source.length;
}

const longestFlat = 100;

/** End of a short object or list that holds no other, 0 where it is none. */
function flatEnd(source: string, start: number): number {
  const most = Math.min(source.length, start + longestFlat);
  for (let at = start + 1; at < most; at += 1) {
    const char = source.charAt(at);
    if (char === '"') at = stringEnd(source, at) - 1;
    else if (char === '{' || char === '[') return 0;
    else if (char === '}' || char === ']') return at < most ? at + 1 : 0;
  }
  return 0;
}

/** Characters instead of their escapes, so that words are found; those that would break the line stay. */
export function unescapeStrings(text: string): string {
  if (!text.includes('\\')) return text;
  return text
    .replace(
      /((?:^|[^\\])(?:\\\\)*)((?:\\u[0-9a-f]{4})+)/gi,
      (whole, before: string, codes: string) => {
        const characters = codes
          .slice(2)
          .split(/\\u/i)
          .map((code) => String.fromCharCode(parseInt(code, 16)))
          .join('');
        return /[\p{Cc}\p{Surrogate}"\\]/u.test(characters)
          ? whole
          : before + characters.normalize('NFC');
      },
    )
    .replaceAll('\\/', '/');
}
