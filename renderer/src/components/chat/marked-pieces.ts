export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** Cuts a text at its marks, [start, end) each. Overlapping, unordered or outside marks do no harm. */
export function markedPieces(
  text: string,
  marks: readonly (readonly [number, number])[],
): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const [start, end] of [...marks].sort((a, b) => a[0] - b[0])) {
    const from = Math.max(start, at);
    const to = Math.min(end, text.length);
    if (to <= from) continue;
    if (from > at) pieces.push({ text: text.slice(at, from), marked: false });
    pieces.push({ text: text.slice(from, to), marked: true });
    at = to;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), marked: false });
  return pieces;
}
