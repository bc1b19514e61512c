import type { Piece } from './text-blocks.ts';

/**
 * The part of a passage that holds most of its matches, cut at words, with the matches marked. `limit`
 * is in characters; an ellipsis says where text was left out.
 */
export function snippet(
  text: string,
  marks: readonly (readonly [number, number])[],
  limit = 280,
): Piece[] {
  let from = richest(text, marks, limit);
  let to = Math.min(text.length, from + limit);
  if (from > 0) from = wordEdge(text, from, 1);
  if (to < text.length) to = wordEdge(text, to, -1);
  const pieces: Piece[] = [];
  const whole = parted(text);
  const push = (piece: string, marked: boolean) => {
    const flat = piece.replace(/\s*\0\s*/g, ' · ').replace(/\s+/g, ' ');
    if (flat) pieces.push({ text: flat, marked });
  };
  if (from > 0) push('… ', false);
  let at = from;
  for (const [start, end] of marks) {
    if (end <= at || start >= to) continue;
    push(whole.slice(at, Math.max(at, start)), false);
    push(whole.slice(Math.max(at, start), Math.min(end, to)), true);
    at = Math.min(end, to);
  }
  push(whole.slice(at, to), false);
  if (to < text.length) push(' …', false);
  return pieces;
}

/** A line shorter than this was not ended for want of room. */
const wrapWidth = 45;

/** The text, of the same length, with a sign at line ends that part a heading or a row from what follows. */
function parted(text: string): string {
  let from = 0;
  return text.replaceAll(/[^\S\n]*\n\s*/g, (gap, at: number) => {
    const line = text.slice(from, at);
    from = at + gap.length;
    const isOwn = line.length > 0 && !/[.!?…:;,。！？-]["'”’)\]]*$/u.test(line);
    const isNew = /\n\s*\n/.test(gap) || line.length < wrapWidth;
    const begins = /^[^\p{Ll}]/u.test(text.slice(from, from + 1));
    return isOwn && isNew && begins ? `\0${gap.slice(1)}` : gap;
  });
}

/**
 * Where to begin so that as much as can be of what was looked for is seen. A word that matches again and
 * again (a year in a table) says less each time. Of equals the first.
 */
function richest(text: string, marks: readonly (readonly [number, number])[], limit: number) {
  const words = marks.map(([start, end]) => text.slice(start, end).toLowerCase());
  const times = new Map<string, number>();
  for (const word of words) times.set(word, (times.get(word) ?? 0) + 1);
  let best = 0;
  let most = -1;
  for (const [first] of marks) {
    const from = first > limit * 0.6 ? first - Math.round(limit * 0.3) : 0;
    const seen = words.filter((_, at) => {
      const [start = 0, end = 0] = marks[at] ?? [];
      return start >= from && end <= from + limit;
    });
    const worth = [...new Set(seen)].reduce((sum, word) => sum + 1 / (times.get(word) ?? 1), 0);
    if (worth > most + 1e-9) [best, most] = [from, worth];
  }
  return best;
}

function wordEdge(text: string, at: number, direction: 1 | -1): number {
  for (let step = 0; step < 24; step += 1) {
    const here = at + step * direction;
    if (/\s/.test(text[direction === 1 ? here - 1 : here] ?? ' ')) return here;
  }
  return at;
}
