/**
 * Ends of sentences that a full stop does not make: titles, common shortenings, initials. Lower case,
 * without the last stop.
 */
const shortened = new Set(
  (
    'mr mrs ms dr prof st sr jr vs etc e.g i.e cf no nos fig vol ed approx dept inc ltd co corp jan feb mar apr jun jul aug sep sept oct nov dec p pp ' +
    'ca sra sres srta núm pág art'
  ).split(' '),
);

/** [start, end) of each sentence in `text`, white space at the ends left out. Cuts also fall at line ends. */
export function sentencesOf(text: string): [number, number][] {
  const sentences: [number, number][] = [];
  let start = 0;
  const close = (end: number): void => {
    let from = start;
    let to = end;
    while (from < to && /\s/.test(text.charAt(from))) from += 1;
    while (to > from && /\s/.test(text.charAt(to - 1))) to -= 1;
    if (to > from) sentences.push([from, to]);
    start = end;
  };
  // A run of stops is looked at from its beginning only: a line of dots would take its square.
  const boundary = /(?<![.!?…])[.!?…]+["'”’)\]]*(?=\s)|[。！？]["”’」』）]*|\n/gu;
  for (const match of text.matchAll(boundary)) {
    const end = match.index + match[0].length;
    if (
      match[0] !== '\n' &&
      match[0].startsWith('.') &&
      !endsSentence(text, start, match.index, end)
    ) {
      continue;
    }
    close(end);
  }
  close(text.length);
  return sentences;
}

function endsSentence(text: string, start: number, dot: number, end: number): boolean {
  // Enough for the longest shortening, and bounded on a line without spaces.
  const before = /[^\s("'“‘]+$/.exec(text.slice(Math.max(start, dot - 24), dot))?.[0] ?? '';
  if (/^\p{Lu}$/u.test(before)) return false;
  // "9 a.m. The" ends a sentence, "9 a.m. on" does not: what follows decides.
  const next = /\S/u.exec(text.slice(end, end + 8))?.[0] ?? '';
  if (/\p{Ll}/u.test(next)) return false;
  return !shortened.has(before.toLowerCase());
}
