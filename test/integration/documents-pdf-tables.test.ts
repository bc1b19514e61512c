import { describe, expect, it } from 'vitest';
import { chunk } from '../../electron/documents/index/chunk.ts';
import { partsOf } from '../../electron/documents/ingest/extract/pdf-tables.ts';
import { makePdf, widthOf } from '../support/make-documents.ts';
import type { PdfLine } from '../support/make-documents.ts';
import { blocksOf, read, textOf } from '../support/read-document.ts';

const size = 10;
const pitch = 13;

/** Cells at the columns' places, row by row; numbers of right-aligned columns end where their column does. */
async function grid(
  rows: readonly (readonly string[])[],
  columns: readonly { readonly x: number; readonly toRight?: true }[],
  { y = 100, step = pitch }: { readonly y?: number; readonly step?: number } = {},
): Promise<PdfLine[]> {
  const lines: PdfLine[] = [];
  for (const [at, row] of rows.entries()) {
    for (const [column, text] of row.entries()) {
      const { x, toRight } = columns[column] ?? { x: 0 };
      const left = toRight === true ? x - (await widthOf(text, size)) : x;
      if (text !== '') lines.push({ text, x: left, y: y + at * step, size });
    }
  }
  return lines;
}

const pdfOf = async (lines: readonly PdfLine[]) => read('pdf', await makePdf([{ lines }]));

const rows = [
  ['Site', 'Year', 'Rent'],
  ['Torvan mill', '2021', '1,200'],
  ['Dairy', '', '90'],
  ['Old depot', '2023', '15,900'],
];
const columns = [{ x: 72 }, { x: 200 }, { x: 330, toRight: true }] as const;

describe('tables in pdf files', () => {
  it('rows are lines, cells are parted, the first row is the header', async () => {
    const intro = { text: 'The rents of three sites, as they were paid:', x: 72, y: 80, size };
    const after = { text: 'Nothing else was paid in these years.', x: 72, y: 170, size };
    const extracted = await pdfOf([intro, ...(await grid(rows, columns)), after]);
    expect(blocksOf(extracted)).toEqual([
      {
        kind: 'table',
        header: 'Site\tYear\tRent',
        text: 'Site\tYear\tRent\nTorvan mill\t2021\t1,200\nDairy\t\t90\nOld depot\t2023\t15,900',
      },
    ]);
    expect(textOf(extracted)).toMatch(/as they were paid:\n\nSite\t[^]*15,900\n\nNothing else/);
  });

  it('places every cell where it stands', async () => {
    const [page] = (await pdfOf(await grid(rows, columns))).pages;
    const text = page?.text ?? '';
    const start = text.indexOf('15,900');
    const span = page?.spans.find(([from]) => from === start);
    expect(span?.[1]).toBe(start + 6);
    expect((span?.[2] ?? 0) + (span?.[4] ?? 0)).toBeCloseTo(330, 0);
    expect(span?.[3]).toBeGreaterThan(100 + 3 * pitch - size - 2);
    const spans = page?.spans ?? [];
    expect(spans.map(([from, to]) => text.slice(from, to))).toEqual(
      rows.flat().filter((cell) => cell !== ''),
    );
  });

  it('puts a cell of several lines together, also one that stands in the middle of its row', async () => {
    const row = (y: number, name: string, notes: readonly string[]): PdfLine[] => [
      { text: name, x: 72, y: y + ((notes.length - 1) * pitch) / 2, size },
      ...notes.map((text, at) => ({ text, x: 250, y: y + at * pitch, size })),
    ];
    const lines = [
      ...row(100, 'Site', ['What was found']),
      ...row(130, 'Mill', [
        'The roof leaks over the whole of',
        'the northern wing.',
        'It is cold.',
      ]),
      ...row(186, 'Dairy', ['Nothing of note.']),
      ...row(216, 'Depot', ['The fire door is blocked', 'by boxes.']),
    ];
    const [table] = blocksOf(await pdfOf(lines));
    expect(table?.text.split('\n')).toEqual([
      'Site\tWhat was found',
      'Mill\tThe roof leaks over the whole of the northern wing. It is cold.',
      'Dairy\tNothing of note.',
      'Depot\tThe fire door is blocked by boxes.',
    ]);
  });

  it('takes a name in the middle of its column for the column’s name', async () => {
    const lines = [
      { text: 'Site', x: 120, y: 100, size },
      { text: 'Rent', x: 290, y: 100, size },
      ...(await grid(
        [
          ['Mill', '1,200'],
          ['Dairy', '90'],
          ['The depot beside the canal', '300'],
        ],
        [{ x: 72 }, { x: 310, toRight: true }],
        { y: 113 },
      )),
    ];
    const [table] = blocksOf(await pdfOf(lines));
    expect(table?.text.split('\n').slice(0, 2)).toEqual(['Site\tRent', 'Mill\t1,200']);
  });

  it('repeats the header before every part of a long table', async () => {
    const many = Array.from({ length: 50 }, (_, at) => [
      `Site ${at + 1} of the district`,
      String(1950 + at),
      `${1000 + at * 37}`,
    ]);
    const lines = await grid([['Site', 'Year', 'Rent'], ...many], columns, { y: 60 });
    const { pages } = await pdfOf(lines);
    const [page] = pages;
    if (page === undefined) throw new Error('no page');
    const passages = chunk([{ ...page, start: 0 }], { documentId: 'd', paged: true });
    expect(passages.length).toBeGreaterThan(2);
    for (const { lead, text } of passages.slice(1)) {
      expect(lead).toBe('Site\tYear\tRent');
      for (const row of text.split('\n')) expect(row.split('\t')).toHaveLength(3);
    }
  });
});

describe('what is no table in pdf files', () => {
  const blocks = async (lines: readonly PdfLine[]): Promise<number> =>
    blocksOf(await pdfOf(lines)).length;

  it('text in two columns, also where the page draws it line by line across both', async () => {
    const left = [
      'The mill was built by people who',
      'came from far away and stayed for',
      'good, as people do when the land',
      'is kind and the rent is low.',
    ];
    const right = [
      'Nobody remembers the year of the',
      'fire that burned it all, nor of',
      'the long winter that came after',
      'it and of the work of building.',
    ];
    const across = left.map((text, at) => [text, right[at] ?? '']);
    expect(await blocks(await grid(across, [{ x: 72 }, { x: 320 }]))).toBe(0);
    const down = [
      ...(await grid(
        left.map((text) => [text]),
        [{ x: 72 }],
      )),
      ...(await grid(
        right.map((text) => [text]),
        [{ x: 320 }],
      )),
    ];
    expect(await blocks(down)).toBe(0);
  });

  it('justified text, each word drawn by itself', async () => {
    const text = [
      'The committee met in the spring and',
      'considered internationalisation and',
      'the characteristically long question',
      'that nobody understood at all before',
      'circumstances allowed deliberations',
    ];
    const lines: PdfLine[] = [];
    for (const [at, line] of text.entries()) {
      const words = line.split(' ');
      const widths = await Promise.all(words.map((word) => widthOf(word, size)));
      const all = widths.reduce((sum, width) => sum + width, 0);
      let x = 72;
      for (const [index, word] of words.entries()) {
        lines.push({ text: word, x, y: 100 + at * pitch, size });
        x += (widths[index] ?? 0) + (220 - all) / (words.length - 1);
      }
    }
    expect(await blocks(lines)).toBe(0);
  });

  it.each([
    ['marks', ['•', '•', '•', '•']],
    ['numbers', ['1.', '2.', '3.', '4.']],
    ['letters', ['(a)', '(b)', '(c)', '(d)']],
    ['sections of a table of contents', ['1.1', '1.2', '2.1', '2.2.1']],
  ])('a list with %s', async (_, marks) => {
    const entries = ['the mill and its roof', 'the dairy', 'the depot by the canal', 'the barn'];
    const list = marks.map((mark, at) => [mark, entries[at] ?? '']);
    expect(await blocks(await grid(list, [{ x: 72 }, { x: 110 }]))).toBe(0);
  });

  it('two lines of figures, and lines whose gaps are nowhere in line', async () => {
    expect(await blocks(await grid(rows.slice(0, 2), columns))).toBe(0);
    const ragged = Array.from({ length: 5 }, (_, at) => [
      { text: 'Some words', x: 72 + at * 31, y: 100 + at * pitch, size },
      { text: 'and more', x: 190 + at * 47, y: 100 + at * pitch, size },
    ]);
    expect(await blocks(ragged.flat())).toBe(0);
  });

  it('a page of very many lines, whatever their order', () => {
    const line = (x: number, y: number) => {
      const width = 40;
      const piece = { text: 'word', x, y, width, height: size, size, endsLine: true };
      const [top, left, right] = [y, x, x + width];
      return { pieces: [piece], text: 'word', starts: [0], size, top, left, right };
    };
    const most = 200_000;
    const column = Array.from({ length: most }, (_, at) => line(200, at * pitch));
    const stairs = Array.from({ length: most }, (_, at) => line((at % 7) * 60, at * pitch));
    for (const lines of [[line(72, 0), ...column, line(300, 5)], stairs]) {
      const parts = partsOf(lines, () => false);
      expect(parts.every(({ kind }) => kind === 'line')).toBe(true);
      expect(parts).toHaveLength(lines.length);
    }
  });
});
