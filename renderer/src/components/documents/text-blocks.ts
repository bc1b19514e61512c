import type { DocumentPage } from '../../../../electron/ipc/contract/index.ts';
import { markWithin } from './mark.ts';
import type { Mark } from './mark.ts';

export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** A heading or a paragraph of extracted text, cut where the mark begins and ends. */
export interface TextBlock {
  /** Offset into the page's text; unique within the page. */
  readonly start: number;
  /** 1 to 6; null for a paragraph. */
  readonly level: number | null;
  readonly pieces: readonly Piece[];
}

/** A page's text as headings and paragraphs. Nothing is lost but the blank lines between them. */
export function textBlocks(
  page: Pick<DocumentPage, 'start' | 'text' | 'headings'>,
  mark: Mark | null,
): TextBlock[] {
  const marked = markWithin(page, mark);
  const blocks: TextBlock[] = [];
  let at = 0;
  const headings = [...page.headings].sort((a, b) => a.start - b.start);
  for (const heading of headings) {
    if (heading.start < at || heading.end <= heading.start) continue;
    paragraphs(page.text, at, heading.start, marked, blocks);
    add(
      page.text,
      heading.start,
      heading.end,
      Math.min(6, Math.max(1, heading.level)),
      marked,
      blocks,
    );
    at = heading.end;
  }
  paragraphs(page.text, at, page.text.length, marked, blocks);
  return blocks;
}

function paragraphs(
  text: string,
  from: number,
  to: number,
  marked: Mark | null,
  blocks: TextBlock[],
) {
  const gap = /\n[^\S\n]*\n\s*/g;
  gap.lastIndex = from;
  let start = from;
  for (let hit = gap.exec(text); hit && hit.index < to; hit = gap.exec(text)) {
    add(text, start, hit.index, null, marked, blocks);
    start = Math.min(to, gap.lastIndex);
    gap.lastIndex = Math.max(start, gap.lastIndex);
  }
  add(text, start, to, null, marked, blocks);
}

function add(
  text: string,
  from: number,
  to: number,
  level: number | null,
  marked: Mark | null,
  blocks: TextBlock[],
) {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text[start] ?? '')) start += 1;
  while (end > start && /\s/.test(text[end - 1] ?? '')) end -= 1;
  if (start === end) return;
  const cuts = [start];
  for (const cut of marked ? [marked.start, marked.end] : [])
    if (cut > start && cut < end) cuts.push(cut);
  cuts.push(end);
  const pieces: Piece[] = [];
  for (let i = 0; i + 1 < cuts.length; i += 1) {
    const [a, b] = [cuts[i] ?? start, cuts[i + 1] ?? end];
    pieces.push({
      text: text.slice(a, b),
      marked: !!marked && a >= marked.start && b <= marked.end,
    });
  }
  blocks.push({ start, level, pieces });
}
