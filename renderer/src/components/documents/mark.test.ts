import { describe, expect, it } from 'vitest';
import type { PageSpan } from '../../../../electron/ipc/contract/index.ts';
import { markRects, pageAt } from './mark.ts';
import { noShades, shaded } from './shade.ts';
import { cellsOf, linesOf, messageHead, textBlocks } from './text-blocks.ts';

/** A small seeded generator: the same pages on every run. */
function generator(seed: number) {
  let state = seed >>> 0;
  return (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Lines of words, each word a span 10 points high, lines 14 points apart, 6 points a character. */
function layOut(next: (below: number) => number) {
  let text = '';
  const spans: PageSpan[] = [];
  const lines = 1 + next(8);
  for (let line = 0; line < lines; line += 1) {
    let x = 50;
    for (let word = 0, words = 1 + next(6); word < words; word += 1) {
      const length = 1 + next(9);
      spans.push([text.length, text.length + length, x, 40 + line * 14, length * 6, 10]);
      text += 'w'.repeat(length) + ' ';
      x += (length + 1) * 6;
    }
    text += '\n';
  }
  return { start: next(5000), text, spans, width: 600, height: 800 };
}

const line = {
  start: 100,
  text: 'The lease ends on 3 March 2027.',
  width: 595,
  height: 842,
  spans: [[0, 31, 72, 90, 310, 12]] as PageSpan[],
};

describe('markRects', () => {
  it('gives the part of a span in proportion to its characters', () => {
    const [rect] = markRects(line, { start: 118, end: 130 });
    // By the widths of Helvetica's letters: 8505 and 14619 of 14897 thousandths of its size.
    expect(rect).toMatchObject({ y: 90, height: 12 });
    expect(rect?.x).toBeCloseTo(72 + (8505 / 14_897) * 310, -1);
    expect((rect?.x ?? 0) + (rect?.width ?? 0)).toBeCloseTo(72 + (14_619 / 14_897) * 310, -1);
  });

  it('gives nothing for a mark on another page', () => {
    expect(markRects(line, { start: 0, end: 100 })).toEqual([]);
    expect(markRects(line, { start: 131, end: 400 })).toEqual([]);
  });

  it('keeps columns apart that stand on the same height', () => {
    const columns = {
      ...line,
      spans: [
        [0, 10, 50, 90, 100, 12],
        [10, 20, 300, 90, 100, 12],
      ] as PageSpan[],
    };
    expect(markRects(columns, { start: 100, end: 120 })).toHaveLength(2);
  });

  it('joins words of one line and begins a new rectangle on the next', () => {
    const page = {
      ...line,
      spans: [
        [0, 3, 50, 90, 18, 10],
        [4, 9, 74, 90, 30, 10],
        [10, 14, 50, 104, 24, 10],
      ] as PageSpan[],
    };
    expect(markRects(page, { start: 100, end: 114 })).toEqual([
      { x: 50, y: 90, width: 54, height: 10 },
      { x: 50, y: 104, width: 24, height: 10 },
    ]);
  });

  it('stays inside the page and covers every marked span, for any page and mark', () => {
    const next = generator(7);
    for (let round = 0; round < 400; round += 1) {
      const page = layOut(next);
      const a = page.start + next(page.text.length + 20) - 10;
      const mark = { start: a, end: a + next(page.text.length) };
      const rects = markRects(page, mark);
      for (const rect of rects) {
        expect(rect.x).toBeGreaterThanOrEqual(0);
        expect(rect.x + rect.width).toBeLessThanOrEqual(page.width);
        expect(rect.width).toBeGreaterThan(0);
      }
      for (const [start, end, x, y, width] of page.spans) {
        const from = Math.max(start, mark.start - page.start);
        const to = Math.min(end, mark.end - page.start);
        const middle = x + (((from + to) / 2 - start) / (end - start)) * width;
        const covered = rects.some(
          (r) => middle >= r.x && middle <= r.x + r.width && y >= r.y && y < r.y + r.height,
        );
        expect(covered).toBe(from < to);
      }
    }
  });

  it('never grows when the mark shrinks', () => {
    const next = generator(11);
    const area = (rects: { width: number; height: number }[]) =>
      rects.reduce((sum, r) => sum + r.width * r.height, 0);
    for (let round = 0; round < 200; round += 1) {
      const page = layOut(next);
      const start = page.start + next(page.text.length);
      const end = start + 1 + next(page.text.length);
      const smaller = { start: start + next(3), end: end - next(3) };
      expect(area(markRects(page, smaller))).toBeLessThanOrEqual(
        area(markRects(page, { start, end })) + 1e-9,
      );
    }
  });
});

describe('pageAt', () => {
  it('finds the page on which an offset lies', () => {
    const starts = [0, 100, 250];
    expect([0, 99, 100, 249, 250, 9999].map((at) => pageAt(starts, at))).toEqual([
      1, 1, 2, 2, 3, 3,
    ]);
    expect(pageAt([], 5)).toBe(1);
  });
});

describe('textBlocks', () => {
  const page = {
    start: 1000,
    text: 'Rent\n\nThe rent is due on the first.\n\nNotice\nThree months, in writing.\n',
    headings: [
      { level: 1, start: 0, end: 4 },
      { level: 2, start: 37, end: 43 },
    ],
  };

  it('gives headings and paragraphs in order', () => {
    const blocks = textBlocks(page);
    expect(blocks.map((b) => [b.level, page.text.slice(b.start, b.end)])).toEqual([
      [1, 'Rent'],
      [null, 'The rent is due on the first.'],
      [2, 'Notice'],
      [null, 'Three months, in writing.'],
    ]);
  });

  it('marks exactly the passage, also across blocks', () => {
    const next = generator(3);
    const bare = (text: string) => text.replace(/\s/g, '');
    for (let round = 0; round < 300; round += 1) {
      const a = next(page.text.length);
      const b = a + next(page.text.length - a + 1);
      const shades = { ...noShades, cited: [{ start: 1000 + a, end: 1000 + b }] };
      const pieces = textBlocks(page).flatMap((block) =>
        shaded(page.text.slice(block.start, block.end), 1000 + block.start, shades),
      );
      expect(bare(pieces.map((p) => p.text).join(''))).toBe(bare(page.text));
      const marked = pieces.filter((p) => p.cited).map((p) => p.text);
      expect(bare(marked.join(''))).toBe(bare(page.text.slice(a, b)));
    }
  });

  it('keeps tables, code and notes in one piece between the paragraphs', () => {
    const text = 'Costs\n\nItem\tPrice\nDesk\t40\n\nlet a = 1;\n\nlet b;\n\nSay hello.';
    const block = (kind: 'table' | 'code' | 'notes', words: string, length: number) => ({
      kind,
      start: text.indexOf(words),
      end: text.indexOf(words) + length,
    });
    const blocks = [
      block('notes', 'Say', 10),
      block('code', 'let a', 18),
      block('table', 'Item', 18),
    ];
    const found = textBlocks({ text, headings: [{ level: 1, start: 0, end: 5 }], blocks });
    expect(found.map(({ kind, start, end }) => [kind, text.slice(start, end)])).toEqual([
      ['heading', 'Costs'],
      ['table', 'Item\tPrice\nDesk\t40'],
      ['code', 'let a = 1;\n\nlet b;'],
      ['notes', 'Say hello.'],
    ]);
  });
});

describe('lines and cells', () => {
  const text = 'Item\tPrice\n\nDesk\t40\n\n';
  const words = (stretches: readonly { start: number; end: number }[]) =>
    stretches.map(({ start, end }) => text.slice(start, end));

  it('counts lines as the document does: empty ones between, none at the end', () => {
    expect(words(linesOf(text))).toEqual(['Item\tPrice', '', 'Desk\t40']);
    expect(words(linesOf(text, 12, text.length))).toEqual(['Desk\t40']);
    expect(linesOf('')).toEqual([{ start: 0, end: 0 }]);
  });

  it('parts cells by tabs and keeps what is too much together', () => {
    expect(words(cellsOf(text, { start: 0, end: 10 }))).toEqual(['Item', 'Price']);
    expect(words(cellsOf(text, { start: 0, end: 10 }, 1))).toEqual(['Item\tPrice']);
    expect(words(cellsOf(text, { start: 11, end: 11 }))).toEqual(['']);
  });

  it('reads the head of a message as it is given', () => {
    const mail = 'From: Ana <a@b.c>\nSubject: Lease\nDate: 3 March\n\nHello: there\n';
    expect(messageHead(mail).map(({ name, start, end }) => [name, mail.slice(start, end)])).toEqual(
      [
        ['From', 'Ana <a@b.c>'],
        ['Subject', 'Lease'],
        ['Date', '3 March'],
      ],
    );
    expect(messageHead('Hello there\nFrom: x')).toEqual([]);
  });
});
