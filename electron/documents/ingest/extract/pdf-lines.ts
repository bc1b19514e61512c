/** A piece of text with its box: points, origin top left of the page as shown. */
export interface PdfPiece {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Font size in points. */
  readonly size: number;
  readonly endsLine: boolean;
}

export interface RawPage {
  readonly width: number;
  readonly height: number;
  readonly pieces: readonly PdfPiece[];
}

/** Pieces that stand beside each other, in the order in which the page draws them. */
export interface Line {
  readonly pieces: readonly PdfPiece[];
  readonly text: string;
  /** Where each piece's text begins within `text`. */
  readonly starts: readonly number[];
  readonly size: number;
  readonly top: number;
  readonly left: number;
  readonly right: number;
}

const known = new WeakMap<RawPage, readonly Line[]>();

/** The lines of a page; asked for again, the same ones. */
export function linesOf(page: RawPage): readonly Line[] {
  const made = known.get(page) ?? cutLines(page);
  known.set(page, made);
  return made;
}

function cutLines(page: RawPage): Line[] {
  const lines: Line[] = [];
  let open: PdfPiece[] = [];
  const close = (): void => {
    const line = open.length === 0 ? null : lineOf(open);
    if (line !== null) lines.push(line);
    open = [];
  };
  for (const piece of page.pieces) {
    const last = open.at(-1);
    if (last !== undefined && piece.text !== '' && !sameLine(last, piece)) close();
    if (piece.text !== '') open.push(piece);
    if (piece.endsLine) close();
  }
  close();
  return lines;
}

/** Boxes that overlap by half in height, going on to the right. */
function sameLine(a: PdfPiece, b: PdfPiece): boolean {
  const overlap = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const overlapsEnough = overlap >= 0.5 * Math.min(a.height, b.height);
  const jumpsBack = b.x < a.x - a.size && b.width > 0 && a.width > 0;
  return overlapsEnough && !jumpsBack;
}

export function lineOf(pieces: readonly PdfPiece[]): Line | null {
  let text = '';
  const starts: number[] = [];
  const sizes = new Map<number, number>();
  let last: PdfPiece | null = null;
  for (const piece of pieces) {
    const gap = last === null ? 0 : piece.x - (last.x + last.width);
    const parted = /\s$/.test(text) || /^\s/.test(piece.text);
    if (last !== null && !parted && text !== '' && gap > 0.15 * piece.size) text += ' ';
    starts.push(text.length);
    text += piece.text;
    sizes.set(piece.size, (sizes.get(piece.size) ?? 0) + piece.text.trim().length);
    last = piece;
  }
  if (text.trim() === '') return null;
  const inked = pieces.filter((piece) => piece.text.trim() !== '');
  return {
    pieces,
    text,
    starts,
    size: [...sizes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0,
    top: inked.reduce((top, piece) => Math.min(top, piece.y), Infinity),
    left: inked.reduce((left, piece) => Math.min(left, piece.x), Infinity),
    right: inked.reduce((right, piece) => Math.max(right, piece.x + piece.width), -Infinity),
  };
}
