import type { Block, DocumentPage } from '../../../../electron/ipc/contract/index.ts';

/** A piece of plain text, marked or not. */
export interface Piece {
  readonly text: string;
  readonly marked: boolean;
}

/** What a page shows one below the other. Offsets are into the page's text. */
export interface TextBlock {
  readonly kind: 'heading' | 'paragraph' | 'table' | 'code' | 'notes';
  readonly start: number;
  readonly end: number;
  /** 1 to 6 for a heading. */
  readonly level: number | null;
  /** What the document says of it. */
  readonly block: Block | null;
}

type Shown = Pick<DocumentPage, 'text' | 'headings'> & Partial<Pick<DocumentPage, 'blocks'>>;

/** A page's text in blocks. Nothing is lost but the white space between them. */
export function textBlocks(page: Shown): TextBlock[] {
  const blocks: TextBlock[] = [];
  let at = 0;
  const kept = [...(page.blocks ?? [])]
    .filter(({ kind }) => kind !== 'list')
    .sort((a, b) => a.start - b.start);
  for (const block of kept) {
    const end = Math.min(block.end, page.text.length);
    if (block.start < at || end <= block.start || block.kind === 'list') continue;
    prose(page, at, block.start, blocks);
    if (block.kind === 'notes') add(page.text, block.start, end, 'notes', blocks, null, block);
    else blocks.push({ kind: block.kind, start: block.start, end, level: null, block });
    at = end;
  }
  prose(page, at, page.text.length, blocks);
  return blocks;
}

function prose(page: Shown, from: number, to: number, blocks: TextBlock[]) {
  let at = from;
  const headings = [...page.headings].sort((a, b) => a.start - b.start);
  for (const { start, end, level } of headings) {
    if (start < at || end <= start || end > to) continue;
    paragraphs(page.text, at, start, blocks);
    add(page.text, start, end, 'heading', blocks, Math.min(6, Math.max(1, level)));
    at = end;
  }
  paragraphs(page.text, at, to, blocks);
}

function paragraphs(text: string, from: number, to: number, blocks: TextBlock[]) {
  const gap = /\n[^\S\n]*\n\s*/g;
  gap.lastIndex = from;
  let start = from;
  for (let hit = gap.exec(text); hit && hit.index < to; hit = gap.exec(text)) {
    add(text, start, hit.index, 'paragraph', blocks);
    start = Math.min(to, gap.lastIndex);
    gap.lastIndex = Math.max(start, gap.lastIndex);
  }
  add(text, start, to, 'paragraph', blocks);
}

function add(
  text: string,
  from: number,
  to: number,
  kind: TextBlock['kind'],
  blocks: TextBlock[],
  level: number | null = null,
  block: Block | null = null,
) {
  let start = from;
  let end = to;
  while (start < end && /\s/.test(text[start] ?? '')) start += 1;
  while (end > start && /\s/.test(text[end - 1] ?? '')) end -= 1;
  if (start < end) blocks.push({ kind, start, end, level, block });
}

/** A stretch of a page's text. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The lines of a stretch, empty ones at its end left out. */
export function linesOf(text: string, from = 0, to = text.length): Stretch[] {
  let last = to;
  while (last > from && text[last - 1] === '\n') last -= 1;
  const lines: Stretch[] = [];
  for (let start = from; start <= last;) {
    const line = text.indexOf('\n', start);
    const end = line === -1 || line > last ? last : line;
    lines.push({ start, end });
    start = end + 1;
  }
  return lines;
}

/** The cells of a line: parted by tabs. More than `most` stay together in the last one. */
export function cellsOf(text: string, { start, end }: Stretch, most = 200): Stretch[] {
  const cells: Stretch[] = [];
  for (let from = start; ;) {
    const tab = cells.length + 1 < most ? text.indexOf('\t', from) : -1;
    if (tab === -1 || tab >= end) {
      cells.push({ start: from, end });
      return cells;
    }
    cells.push({ start: from, end: tab });
    from = tab + 1;
  }
}

/** The lines with which a message begins: who, to whom, when, about what. Empty where there are none. */
export function messageHead(text: string): readonly (Stretch & { readonly name: string })[] {
  const head: (Stretch & { name: string })[] = [];
  for (const line of linesOf(text.slice(0, 4000))) {
    const named = /^([A-Za-z][A-Za-z -]{1,20}):[ \t]*/.exec(text.slice(line.start, line.end));
    if (!named?.[1]) break;
    head.push({ name: named[1], start: line.start + named[0].length, end: line.end });
  }
  return head;
}
