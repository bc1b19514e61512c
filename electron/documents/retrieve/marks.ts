import { mark } from '../../storage/repositories/documents.ts';

/** Text without marks, and the [start, end) ranges that stood between them. */
export function readMarks(marked: string): {
  readonly text: string;
  readonly marks: readonly (readonly [number, number])[];
} {
  const marks: [number, number][] = [];
  let text = '';
  let from = 0;
  for (let at = 0; at < marked.length; at += 1) {
    const character = marked.charAt(at);
    if (character !== mark.open && character !== mark.close) continue;
    text += marked.slice(from, at);
    from = at + 1;
    if (character === mark.open) marks.push([text.length, text.length]);
    else {
      const open = marks.at(-1);
      if (open !== undefined) open[1] = text.length;
    }
  }
  return { text: text + marked.slice(from), marks: marks.filter(([start, end]) => end > start) };
}
