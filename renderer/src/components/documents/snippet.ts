import type { Piece } from './text-blocks.ts';

/**
 * The part of a passage around its first match, cut at words, with the matches marked. `limit` is
 * in characters; an ellipsis says where text was left out.
 */
export function snippet(
  text: string,
  marks: readonly (readonly [number, number])[],
  limit = 280,
): Piece[] {
  const first = marks[0]?.[0] ?? 0;
  let from = first > limit * 0.6 ? first - Math.round(limit * 0.3) : 0;
  let to = Math.min(text.length, from + limit);
  if (from > 0) from = wordEdge(text, from, 1);
  if (to < text.length) to = wordEdge(text, to, -1);
  const pieces: Piece[] = [];
  const push = (piece: string, marked: boolean) => {
    const flat = piece.replace(/\s+/g, ' ');
    if (flat) pieces.push({ text: flat, marked });
  };
  if (from > 0) push('… ', false);
  let at = from;
  for (const [start, end] of marks) {
    if (end <= at || start >= to) continue;
    push(text.slice(at, Math.max(at, start)), false);
    push(text.slice(Math.max(at, start), Math.min(end, to)), true);
    at = Math.min(end, to);
  }
  push(text.slice(at, to), false);
  if (to < text.length) push(' …', false);
  return pieces;
}

function wordEdge(text: string, at: number, direction: 1 | -1): number {
  for (let step = 0; step < 24; step += 1) {
    const here = at + step * direction;
    if (/\s/.test(text[direction === 1 ? here - 1 : here] ?? ' ')) return here;
  }
  return at;
}
