import type { Claim } from '../../../../electron/ipc/contract/index.ts';

/*
 * Claims are spans of the answer's source text; the page shows rendered markdown. So their ends are
 * written into the source before it is parsed and found again in the text nodes afterwards. The two
 * signs are punctuation (general category Po) on purpose: with any other kind of character, closing
 * emphasis such as `**done.**` next to them would stop being emphasis. They are Old Nubian and taken
 * out of the answer first, so that no model can write one.
 */
const startSign = '\u2cfa';
const endSign = '\u2cfb';
const anySign = /[\u2cfa\u2cfb]/g;
const signed = /([\u2cfa\u2cfb])(\d+)\1/g;

/** The text with signs at the ends of its claims (and at the starts of unsupported ones). */
export function withSigns(text: string, claims: readonly Claim[]): string {
  const clean = text.replace(anySign, '\ufffd');
  const closed = closedRanges(clean);
  const inserts: { at: number; sign: string }[] = [];
  claims.forEach((claim, index) => {
    const start = skipPrefix(clean, Math.max(0, claim.start), claim.end);
    const end = skipBack(clean, Math.min(clean.length, claim.end), start);
    if (end <= start || closed.some(([from, to]) => end > from && end <= to)) return;
    if (claim.state !== 'supported') {
      if (closed.some(([from, to]) => start >= from && start < to)) return;
      inserts.push({ at: start, sign: `${startSign}${index}${startSign}` });
    } else if (!claim.citation) return;
    // A bare address would swallow the sign.
    const word = /\S*$/.exec(clean.slice(start, end))?.[0] ?? '';
    const gap = /:\/\/|^www\./i.test(word) ? ' ' : '';
    inserts.push({ at: end, sign: `${gap}${endSign}${index}${endSign}` });
  });
  inserts.sort((a, b) => b.at - a.at || (a.sign.startsWith(startSign) ? -1 : 1));
  let result = clean;
  for (const { at, sign } of inserts) result = result.slice(0, at) + sign + result.slice(at);
  return result;
}

/** The text without any sign: for code, formulas and addresses, where none may stand. */
export function withoutSigns(text: string): string {
  return text.replace(signed, '').replace(anySign, '');
}

/** Fenced code and display math: a sign inside would break or show. */
function closedRanges(text: string): [number, number][] {
  const ranges: [number, number][] = [];
  const fences = /^ {0,3}(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:^ {0,3}\1[`~]*[ \t]*$|$(?![\s\S]))/gm;
  const math = /\$\$[\s\S]+?\$\$|\\\[[\s\S]+?\\\]/g;
  for (const pattern of [fences, math]) {
    for (const match of text.matchAll(pattern)) {
      ranges.push([match.index, match.index + match[0].length]);
    }
  }
  return ranges;
}

/** Past spaces and what opens a block: list signs, headings, quotes, table bars. */
function skipPrefix(text: string, start: number, end: number): number {
  const span = text.slice(start, end);
  const atLineStart = /(^|\n)[ \t]*$/.test(text.slice(0, start)) || span.startsWith('\n');
  const prefix = atLineStart
    ? /^(?:\s|[-*+](?=\s)|\d{1,9}[.)](?=\s)|#{1,6}(?=\s)|>|\|)*/
    : /^[\s|]*/;
  return start + (prefix.exec(span)?.[0].length ?? 0);
}

function skipBack(text: string, end: number, start: number): number {
  let at = end;
  while (at > start && /[\s|]/.test(text.charAt(at - 1))) at -= 1;
  return at;
}

/** Makes what stands at the end of a claim: a citation, or the word that it has none. */
export type MakeMark = (claim: Claim) => HTMLElement;

/** Replaces the signs below `root` by marks and wraps unsupported sentences. */
export function placeMarks(
  root: ParentNode & Node,
  claims: readonly Claim[],
  makeMark: MakeMark,
): void {
  const document = root.ownerDocument ?? (root as unknown as Document);
  const open = new Map<number, Text[]>();
  const finished: [number, readonly Text[]][] = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  while (walker.nextNode()) texts.push(walker.currentNode as Text);

  // A claim may have begun in the block before: then the first sign of it here is its end.
  const opened = new Set<number>();
  for (const node of texts) {
    for (const [, sign, digits] of node.data.matchAll(signed)) {
      const index = Number(digits);
      if (sign === startSign) opened.add(index);
      else if (
        !opened.has(index) &&
        claims[index] !== undefined &&
        claims[index].state !== 'supported'
      )
        open.set(index, []);
    }
  }

  for (const node of texts) {
    const pieces = split(node.data);
    if (pieces.length === 1 && typeof pieces[0] === 'string') {
      if (node.data !== '') for (const run of open.values()) run.push(node);
      continue;
    }
    const fragment = document.createDocumentFragment();
    for (const piece of pieces) {
      if (typeof piece === 'string') {
        const text = document.createTextNode(piece);
        fragment.append(text);
        for (const run of open.values()) run.push(text);
        continue;
      }
      const claim = claims[piece.index];
      if (!claim) continue;
      if (piece.start) open.set(piece.index, []);
      else {
        const mark = makeMark(claim);
        fragment.append(mark);
        const run = open.get(piece.index);
        open.delete(piece.index);
        if (run) finished.push([piece.index, run]);
      }
    }
    node.replaceWith(fragment);
  }
  // Wrapping moves nodes, so it waits until all of them stand in the tree.
  for (const [index, run] of [...finished, ...open]) {
    const state = claims[index]?.state;
    wrap(run, document, state === 'contradicted' ? 'contradicted' : 'unsupported');
  }
}

function wrap(run: readonly Text[], document: Document, className: string): void {
  for (const text of run) {
    if (text.data.trim() === '' || !text.parentNode) continue;
    const span = document.createElement('span');
    span.className = className;
    text.replaceWith(span);
    span.append(text);
  }
}

function split(data: string): (string | { start: boolean; index: number })[] {
  const pieces: (string | { start: boolean; index: number })[] = [];
  let at = 0;
  for (const match of data.matchAll(signed)) {
    if (match.index > at) pieces.push(data.slice(at, match.index));
    pieces.push({ start: match[1] === startSign, index: Number(match[2]) });
    at = match.index + match[0].length;
  }
  if (at < data.length || pieces.length === 0) pieces.push(data.slice(at));
  return pieces;
}
