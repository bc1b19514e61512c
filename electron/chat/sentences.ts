export interface Span {
  readonly start: number;
  readonly end: number;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
/** A stop behind one of these does not end a sentence, nor does one behind a single initial. */
const abbreviation =
  /(?:^|[\s(])(?:dr|mr|mrs|ms|prof|st|no|nr|fig|figs|p|pp|vs|cf|e\.g|i\.e|approx|art|sec|vol|ed|jr|sr|sra|gen|col|[A-Z])\.\s*$/i;
const listMark = /^\s*(?:>\s*)*(?:[-*+•]\s+|\d{1,3}[.)]\s+|#{1,6}\s+)?/;
const heading = /^\s{0,3}#{1,6}\s/;
const rule = /^\s*(?:[-*_=]\s*){3,}$|^\s*\|?\s*:?-{2,}.*\|/;
const fence = /^\s*(`{3,}|~{3,})/;

/**
 * Sentences of running text, such as a passage. Empty lines end a sentence, and so does a line that was
 * ended on purpose: a heading above its text. Lines that ran out of room go on.
 */
export function sentencesOf(text: string): Span[] {
  return blocks(text, /\n[ \t]*\n/g)
    .flatMap((block) => onPurpose(text, block))
    .flatMap((block) => sentencesWithin(text, block));
}

/** Signs that a line goes on in the next, whatever room it had. */
const unfinished = /[,;(–—\-/&]$/u;

/** A block cut where the next line's first word would have had room, and begins something new. */
function onPurpose(text: string, block: Span): Span[] {
  const lines = blocks(text.slice(block.start, block.end), /\n/g).map(({ start, end }) =>
    trim(text, { start: block.start + start, end: block.start + end }),
  );
  const room = Math.max(...lines.map(({ start, end }) => end - start));
  const parts: Span[] = [];
  let { start } = block;
  lines.forEach((line, index) => {
    const next = lines[index + 1];
    if (next === undefined) return;
    const words = text.slice(line.start, line.end);
    const first = /^\S*/.exec(text.slice(next.start, next.end))?.[0] ?? '';
    const fits = words.length + 1 + first.length < room;
    if (!fits || unfinished.test(words) || /^\P{L}*\p{Ll}/u.test(first)) return;
    parts.push({ start, end: line.end });
    start = next.start;
  });
  return [...parts, { start, end: block.end }];
}

/**
 * Sentences of a markdown answer that state something: list items and table rows count each for
 * itself; code, headings and rules are left out.
 */
export function statementsOf(markdown: string): Span[] {
  const spans: Span[] = [];
  let paragraph: { start: number; end: number } | null = null;
  let fenced: string | null = null;
  const flush = (): void => {
    if (paragraph !== null) spans.push(...sentencesWithin(markdown, paragraph));
    paragraph = null;
  };
  for (const line of blocks(markdown, /\n/g)) {
    const text = markdown.slice(line.start, line.end);
    const [, mark] = fence.exec(text) ?? [];
    if (fenced !== null) {
      if (mark?.startsWith(fenced)) fenced = null;
      continue;
    }
    if (mark !== undefined) {
      flush();
      fenced = mark;
      continue;
    }
    if (text.trim() === '' || heading.test(text) || rule.test(text)) {
      flush();
      continue;
    }
    const lead = listMark.exec(text)?.[0].length ?? 0;
    const isItem = lead > 0 && text.slice(0, lead).trim() !== '';
    const isRow = text.trimStart().startsWith('|');
    if (isItem || isRow) flush();
    if (isRow) spans.push(trim(markdown, line));
    else if (paragraph === null) paragraph = { start: line.start + lead, end: line.end };
    else (paragraph as { start: number; end: number }).end = line.end;
  }
  flush();
  return spans.filter(({ start, end }) => end > start);
}

function sentencesWithin(text: string, block: Span): Span[] {
  // Same length, so that offsets hold: the segmenter would end a sentence at every line break.
  const flat = text.slice(block.start, block.end).replaceAll(/[\n\r\t]/g, ' ');
  const spans: Span[] = [];
  let start = 0;
  for (const { index, segment } of segmenter.segment(flat)) {
    const end = index + segment.length;
    // The end is enough to tell, and a sentence that goes on and on is not looked through each time.
    if (abbreviation.test(flat.slice(start, end).trimEnd().slice(-16)) && end < flat.length)
      continue;
    spans.push(trim(text, { start: block.start + start, end: block.start + end }));
    start = end;
  }
  if (start < flat.length) {
    spans.push(trim(text, { start: block.start + start, end: block.end }));
  }
  return spans.filter((span) => span.end > span.start);
}

function blocks(text: string, separator: RegExp): Span[] {
  const spans: Span[] = [];
  let start = 0;
  for (const match of text.matchAll(separator)) {
    spans.push({ start, end: match.index });
    start = match.index + match[0].length;
  }
  spans.push({ start, end: text.length });
  return spans;
}

function trim(text: string, span: Span): Span {
  let { start, end } = span;
  while (start < end && /\s/.test(text[start] ?? '')) start += 1;
  while (end > start && /\s/.test(text[end - 1] ?? '')) end -= 1;
  return { start, end };
}
