const longest = 60;

/**
 * A conversation's title from its first question: the first line, marks of markdown and the closing
 * stop taken off, first letter large, cut at a word to at most 60 characters.
 */
export function titleFrom(question: string): string {
  const line =
    question
      .split('\n')
      .map((each) => each.replace(/^[\s#>*\-–—`"'“”]+/u, '').trim())
      .find((each) => /[\p{L}\p{N}]/u.test(each)) ?? '';
  const plain = line
    .replaceAll(/\*\*|`/g, '')
    .replaceAll(/\s+/g, ' ')
    .replace(/[\s.,;:!。]+$/u, '');
  const title = shorten(plain);
  const [first = ''] = title;
  return first.toLocaleUpperCase() + title.slice(first.length);
}

function shorten(text: string): string {
  const characters = [...text];
  if (characters.length <= longest) return text;
  const cut = characters.slice(0, longest - 1).join('');
  const space = cut.lastIndexOf(' ');
  // Scripts without spaces, and one endless word, are cut where the room ends.
  const end = space > longest / 2 ? space : cut.length;
  return `${cut.slice(0, end).replace(/[\s.,;:!?–—-]+$/u, '')}…`;
}
