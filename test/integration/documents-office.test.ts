import { describe, expect, it } from 'vitest';
import { makeEpub, makeOdf, makePptx, makeXlsx, xlsxParts } from '../support/make-office.ts';
import { makeZip } from '../support/make-zip.ts';
import { blocksOf, headingsOf, read, textOf } from '../support/read-document.ts';

describe('xlsx', () => {
  it('gives each sheet by name, rows as lines, dates and shares as they are read', async () => {
    const extracted = await read(
      'xlsx',
      makeXlsx([
        {
          name: 'Costs',
          rows: [
            ['Item', 'Price', 'Paid'],
            ['Paint', 40.1, { value: 45000, style: 1 }],
            ['Share', { value: 0.256, style: 2 }, { value: 45000.5, style: 3 }],
            ['0.1 + 0.2', 0.1 + 0.2, null],
          ],
        },
        { name: 'Notes', rows: [['Two\nlines', null, 'and\ta tab']] },
      ]),
    );
    expect(extracted.paged).toBe(false);
    expect(extracted.pages.map(({ kind, title }) => [kind, title])).toEqual([
      ['sheet', 'Costs'],
      ['sheet', 'Notes'],
    ]);
    expect(blocksOf(extracted)).toEqual([
      {
        kind: 'table',
        firstRow: 1,
        header: 'Item\tPrice\tPaid',
        text: 'Item\tPrice\tPaid\nPaint\t40.1\t2023-03-15\nShare\t25.6%\t2023-03-15 12:00\n0.1 + 0.2\t0.3',
      },
      { kind: 'table', firstRow: 1, text: 'Two lines\t\tand a tab' },
    ]);
  });

  it('counts rows as the file does, over gaps too', async () => {
    const extracted = await read(
      'xlsx',
      makeXlsx([{ name: 'A', rows: { 3: ['a', 'b'], 4: ['c'], 1_048_576: ['end'] } }]),
    );
    expect(blocksOf(extracted).map(({ firstRow, text }) => [firstRow, text])).toEqual([
      [3, 'a\tb\nc'],
      [1_048_576, 'end'],
    ]);
  });

  it('goes on with a long sheet on another page, with its header and the right rows', async () => {
    const rows = Array.from({ length: 3000 }, (_, n) => [`part ${n + 2}`, n + 2, 'something long']);
    const extracted = await read(
      'xlsx',
      makeXlsx([{ name: 'Parts', rows: [['Name', 'Number', 'Words'], ...rows] }]),
    );
    expect(extracted.pages.length).toBeGreaterThan(2);
    for (const { title, text, blocks = [] } of extracted.pages) {
      expect(title).toBe('Parts');
      expect(text.length).toBeLessThan(31_000);
      const [block] = blocks;
      expect(text.slice(...(block?.header ?? [0, 0]))).toBe('Name\tNumber\tWords');
      const lines = text.slice(block?.start, block?.end).split('\n');
      lines.slice(1).forEach((line, index) => {
        expect(line.split('\t')[1]).toBe(String((block?.firstRow ?? 0) + 1 + index));
      });
    }
    expect(textOf(extracted).match(/part 3001\t/g)).toHaveLength(1);
  });

  it('reads text in cells, results of formulas, truth and the count of days since 1904', async () => {
    const parts = xlsxParts([{ name: 'A', rows: [] }]).filter(
      ({ name }) => !name.endsWith('sheet1.xml') && name !== 'xl/workbook.xml',
    );
    const workbook =
      '<workbook><workbookPr date1904="1"/><sheets><sheet name="A" r:id="rId1"/></sheets></workbook>';
    const sheet =
      '<worksheet><sheetData><row><c t="inlineStr"><is><r><t>rich </t></r><r><t>text</t></r><rPh><t>sound</t></rPh></is></c>' +
      '<c t="str"><f>1+1</f><v>result</v></c><c t="b"><v>1</v></c><c s="1"><v>0</v></c><c t="e"><v>#N/A</v></c></row></sheetData></worksheet>';
    const extracted = await read(
      'xlsx',
      makeZip([
        ...parts,
        { name: 'xl/workbook.xml', content: workbook },
        { name: 'xl/worksheets/sheet1.xml', content: sheet },
      ]),
    );
    expect(textOf(extracted)).toBe('rich text\tresult\tTRUE\t1904-01-01\t#N/A\n\n');
  });
});

describe('pptx', () => {
  it('gives slides with title, text, table and notes, and keeps the number of an empty one', async () => {
    const extracted = await read(
      'pptx',
      makePptx([
        { title: 'Boats & ships', body: ['first', 'second'], notes: 'Say it slowly.' },
        {},
        {
          title: 'Ports',
          table: [
            ['Name', 'Port'],
            ['Ada', 'Cork'],
          ],
        },
      ]),
    );
    expect(extracted.paged).toBe(true);
    expect(extracted.pages.map(({ kind, title, text }) => [kind, title, text])).toEqual([
      ['slide', 'Boats & ships', 'Boats & ships\n\nfirst\nsecond\n\nSay it slowly.\n\n'],
      ['slide', null, ''],
      ['slide', 'Ports', 'Ports\n\nName\tPort\nAda\tCork\n\n'],
    ]);
    expect(headingsOf(extracted)).toEqual([
      [1, 'Boats & ships'],
      [1, 'Ports'],
    ]);
    expect(blocksOf(extracted)).toEqual([
      { kind: 'notes', text: 'Say it slowly.' },
      { kind: 'table', header: 'Name\tPort', text: 'Name\tPort\nAda\tCork' },
    ]);
  });
});

const cell = (text: string): string =>
  `<table:table-cell><text:p>${text}</text:p></table:table-cell>`;
const row = (...cells: string[]): string =>
  `<table:table-row>${cells.map(cell).join('')}</table:table-row>`;

describe('OpenDocument', () => {
  it('odt: headings, lists, tables, spaces and notes; no deleted words, no comments', async () => {
    const extracted = await read(
      'odt',
      makeOdf(
        'text',
        '<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes>' +
          '<text:h text:outline-level="2">Boats</text:h>' +
          '<text:p>Two<text:s text:c="2"/>spaces<office:annotation><text:p>comment</text:p></office:annotation>, a<text:line-break/>break.</text:p>' +
          '<text:list><text:list-item><text:p>one</text:p><text:list><text:list-item><text:p>inner</text:p></text:list-item></text:list></text:list-item></text:list>' +
          `<table:table>${row('Name', 'Port')}${row('Ada', 'Cork')}</table:table>`,
      ),
    );
    expect(textOf(extracted)).toBe(
      'Boats\n\nTwo  spaces, a\nbreak.\n\n- one\n  - inner\n\nName\tPort\nAda\tCork\n\n',
    );
    expect(headingsOf(extracted)).toEqual([[2, 'Boats']]);
    expect(blocksOf(extracted).map(({ kind }) => kind)).toEqual(['list', 'table']);
  });

  it('ods: sheets with rows as the file counts them', async () => {
    const extracted = await read(
      'ods',
      makeOdf(
        'spreadsheet',
        `<table:table table:name="S1">${row('Name', 'Port')}<table:table-row><table:table-cell table:number-columns-repeated="1"/><table:table-cell office:value="4"/></table:table-row>` +
          `<table:table-row table:number-rows-repeated="7"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>${row('end')}</table:table>`,
      ),
    );
    expect(extracted.pages.map(({ kind, title }) => [kind, title])).toEqual([['sheet', 'S1']]);
    expect(blocksOf(extracted)).toEqual([
      { kind: 'table', firstRow: 1, header: 'Name\tPort', text: 'Name\tPort\n\t4' },
      { kind: 'table', firstRow: 10, text: 'end' },
    ]);
  });

  it('odp: slides with notes', async () => {
    const frame = (inner: string, facts = ''): string =>
      `<draw:frame ${facts}><draw:text-box>${inner}</draw:text-box></draw:frame>`;
    const extracted = await read(
      'odp',
      makeOdf(
        'presentation',
        `<draw:page draw:name="page1">${frame('<text:p>Boats</text:p>', 'presentation:class="title"')}${frame('<text:p>body</text:p>')}<presentation:notes>${frame('<text:p>noted</text:p>')}</presentation:notes></draw:page><draw:page draw:name="Last"/>`,
      ),
    );
    expect(extracted.paged).toBe(true);
    expect(extracted.pages.map(({ kind, title, text }) => [kind, title, text])).toEqual([
      ['slide', 'Boats', 'Boats\n\nbody\n\nnoted\n\n'],
      ['slide', 'Last', ''],
    ]);
    expect(blocksOf(extracted)).toEqual([{ kind: 'notes', text: 'noted' }]);
  });
});

describe('epub', () => {
  it('gives chapters in reading order, named as the table of contents names them', async () => {
    const extracted = await read(
      'epub',
      makeEpub([
        { title: 'The harbour', html: '<h1>1</h1><p>Words of one.</p>' },
        { title: 'The sea & more', html: '<p>Words of two.</p>' },
      ]),
    );
    expect(extracted.pages.map(({ kind, title, text }) => [kind, title, text])).toEqual([
      ['chapter', 'The harbour', '1\n\nWords of one.\n\n'],
      ['chapter', 'The sea & more', 'Words of two.\n\n'],
    ]);
  });
});
