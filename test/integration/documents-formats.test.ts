import { describe, expect, it } from 'vitest';
import { linesAt, makeDocx, makePdf, widthOf } from '../support/make-documents.ts';
import { blocksOf, headingsOf, read, textOf } from '../support/read-document.ts';

describe('txt', () => {
  const words = 'Größe: 40 €, naïve café';
  const utf16 = (big: boolean, mark: boolean): Uint8Array => {
    const buffer = Buffer.from((mark ? '\uFEFF' : '') + words, 'utf16le');
    return new Uint8Array(big ? buffer.swap16() : buffer);
  };
  it.each([
    ['UTF-8', new TextEncoder().encode(words)],
    ['UTF-8 with a mark', new Uint8Array(Buffer.from(`\uFEFF${words}`))],
    ['UTF-16 little endian with a mark', utf16(false, true)],
    ['UTF-16 big endian with a mark', utf16(true, true)],
    ['UTF-16 little endian', utf16(false, false)],
    ['UTF-16 big endian', utf16(true, false)],
    ['Windows-1252', new Uint8Array([...words].map((c) => (c === '€' ? 0x80 : c.charCodeAt(0))))],
  ])('reads %s', async (_name, bytes) => {
    expect(textOf(await read('txt', bytes))).toBe(`${words}\n\n`);
  });

  it('keeps paragraphs, one kind of newline, no control characters, composed letters', async () => {
    const extracted = await read('txt', 'one\r\ntwo\r\n\r\n\u0002thr\u0003ee\u0007 e\u0301 한\r');
    expect(textOf(extracted)).toBe('one\ntwo\n\nthree é 한\n\n');
    expect(extracted.paged).toBe(false);
  });

  it('cuts long texts into sections that stay short', async () => {
    const extracted = await read(
      'txt',
      'A paragraph of some length that repeats.\n\n'.repeat(1000),
    );
    expect(extracted.pages.length).toBeGreaterThan(10);
    expect(Math.max(...extracted.pages.map(({ text }) => text.length))).toBeLessThan(3100);
  });

  it('cuts one huge line without losing a character', async () => {
    const line = 'ab😀'.repeat(300_000);
    const extracted = await read('txt', line);
    expect(textOf(extracted).replaceAll('\n', '')).toBe(line);
    expect(Math.max(...extracted.pages.map(({ text }) => text.length))).toBeLessThan(12_100);
  });
});

describe('md', () => {
  it('gives headings with their level and text without marks', async () => {
    const source = [
      '---\ntitle: Minutes\n---',
      '# The *big* house',
      'Some **bold** text with a [link](https://example.org/secret), `code`\nand a second line.',
      'Setext\n------',
      '> quoted words',
      '1. first\n2. second\n   - nested',
      '```ts\nconst x = 1;\n  indented();\n```',
      '| Part | Price |\n|------|------:|\n| Pump | 40 € |',
      'text <b>inline</b><br>next <!-- comment -->',
      '<div><p>A block &amp; more</p></div>',
      '![a picture](x.png)',
    ].join('\n\n');
    const extracted = await read('md', source);
    expect(headingsOf(extracted)).toEqual([
      [1, 'The big house'],
      [2, 'Setext'],
    ]);
    expect(textOf(extracted)).toBe(
      [
        'title: Minutes',
        'The big house',
        'Some bold text with a link, code and a second line.',
        'Setext',
        'quoted words',
        '1. first\n2. second\n  - nested',
        'const x = 1;\n  indented();',
        'Part\tPrice\nPump\t40 €',
        'text inline\nnext',
        'A block & more',
        'a picture',
        '',
      ].join('\n\n'),
    );
  });
});

describe('html', () => {
  it('gives the main content with headings and tables, and nothing hidden', async () => {
    const source = `<!doctype html><html><head><title>T</title><style>p{}</style><script>var secret</script></head>
      <body><header>Site</header><nav><a href="/">Home</a></nav>
      <main><h1>Boats &amp; <i>ships</i></h1><p>One   <b>bold</b>
        word<br>below.</p><p hidden>hidden</p><div style="display: none">none</div>
      <table><tr><th>Name</th><th>Port</th></tr><tr><td>Ada</td><td>Cork</td></tr></table>
      <ol><li>first</li><li>second<ul><li>inner</li></ul></li></ol><pre>  keep\n    this</pre>
      <h3>Crew</h3>Loose text<p>Last.</main><footer>Imprint</footer></body></html>`;
    const extracted = await read('html', source);
    expect(textOf(extracted)).toBe(
      'Boats & ships\n\nOne bold word\nbelow.\n\nName\tPort\nAda\tCork\n\n1. first\n2. second\n  - inner\n\n' +
        '  keep\n    this\n\nCrew\n\nLoose text\n\nLast.\n\n',
    );
    expect(headingsOf(extracted)).toEqual([
      [1, 'Boats & ships'],
      [3, 'Crew'],
    ]);
  });

  it('reads the encoding that a page declares', async () => {
    const page = Buffer.concat([
      Buffer.from('<meta charset="euc-kr"><p>'),
      Buffer.from([0xc7, 0xd1, 0xb1, 0xdb]),
      Buffer.from('</p>'),
    ]);
    expect(textOf(await read('html', new Uint8Array(page)))).toBe('한글\n\n');
  });

  it('takes everything where a page has only odd elements', async () => {
    expect(textOf(await read('html', '<header>All there is</header>'))).toBe('All there is\n\n');
  });
});

describe('docx', () => {
  it('keeps headings, lists and tables', async () => {
    const extracted = await read(
      'docx',
      await makeDocx([
        { heading: 'Minutes', level: 1 },
        { text: 'Eleven people were present.' },
        { heading: 'Costs', level: 2 },
        { list: ['paint', 'nails'] },
        {
          table: [
            ['Item', 'Euro'],
            ['Paint', '40'],
          ],
        },
      ]),
    );
    expect(textOf(extracted)).toBe(
      'Minutes\n\nEleven people were present.\n\nCosts\n\n- paint\n- nails\n\nItem\tEuro\nPaint\t40\n\n',
    );
    expect(headingsOf(extracted)).toEqual([
      [1, 'Minutes'],
      [2, 'Costs'],
    ]);
    expect(blocksOf(extracted)).toEqual([
      { kind: 'list', text: '- paint\n- nails' },
      { kind: 'table', header: 'Item\tEuro', text: 'Item\tEuro\nPaint\t40' },
    ]);
  });
});

describe('pdf', () => {
  it('lmstudio#789: gives each page its text and the place of every piece', async () => {
    const lines = linesAt([['First line of page one', 'goes on here.'], ['Another paragraph.']]);
    const extracted = await read(
      'pdf',
      await makePdf([{ lines }, { lines: linesAt([['Second page.']], { x: 200, y: 400 }) }]),
    );
    expect(extracted.paged).toBe(true);
    expect(extracted.pages.map(({ text }) => text)).toEqual([
      'First line of page one goes on here.\n\nAnother paragraph.\n\n',
      'Second page.\n\n',
    ]);
    const width = await widthOf('Second page.', 11);
    const [span] = extracted.pages[1]?.spans ?? [];
    expect(span?.slice(0, 3)).toEqual([0, 12, 200]);
    expect(span?.[3]).toBeGreaterThan(385);
    expect((span?.[3] ?? 0) + (span?.[5] ?? 0)).toBeGreaterThan(400);
    expect((span?.[3] ?? 0) + (span?.[5] ?? 0)).toBeLessThan(405);
    expect(span?.[4]).toBeCloseTo(width, 0);
    expect(extracted.pages[1]).toMatchObject({ width: 595, height: 842 });
  });

  it.each([90, 180, 270] as const)('places text on a page turned by %i degrees', async (rotate) => {
    const extracted = await read('pdf', await makePdf([{ lines: linesAt([['Turned']]), rotate }]));
    const page = extracted.pages[0];
    const [, , x, y, w, h] = page?.spans[0] ?? [0, 0, 0, 0, 0, 0];
    const width = await widthOf('Turned', 11);
    // The text begins at (72, 90) of the upright page; turning goes clockwise.
    const expected = {
      90: { left: 842 - 90, top: 72, across: false },
      180: { left: 595 - 72 - width, top: 842 - 90, across: true },
      270: { left: 90, top: 595 - 72 - width, across: false },
    }[rotate];
    expect([page?.width, page?.height]).toEqual(rotate === 180 ? [595, 842] : [842, 595]);
    // The reader of the page applies the font's kerning, the width given here does not.
    expect(Math.abs((expected.across ? w : h) - width)).toBeLessThan(2);
    expect(Math.abs(x - expected.left)).toBeLessThan(11);
    expect(Math.abs(y - expected.top)).toBeLessThan(11);
  });

  it('finds headings by their size', async () => {
    const extracted = await read(
      'pdf',
      await makePdf([
        {
          lines: [
            { text: 'Title of it', x: 72, y: 60, size: 22 },
            { text: 'A section', x: 72, y: 90, size: 15 },
            ...linesAt(
              [['Body text that is much longer than the headings are.', 'And more of it.']],
              { y: 120 },
            ),
          ],
        },
      ]),
    );
    expect(headingsOf(extracted)).toEqual([
      [1, 'Title of it'],
      [2, 'A section'],
    ]);
  });

  it('puts broken words together only where the document speaks for it', async () => {
    const page = linesAt([
      [
        'The caretaker keeps a well-',
        'known list. The trans-',
        'mission of it failed. A long-',
        'term plan is a long term.',
      ],
      ['The years 2024-', '2025 were wet. His long-term friend.'],
    ]);
    expect(textOf(await read('pdf', await makePdf([{ lines: page }])))).toBe(
      'The caretaker keeps a wellknown list. The transmission of it failed. A long-term plan is a long term.\n\n' +
        'The years 2024-2025 were wet. His long-term friend.\n\n',
    );
  });

  it('leaves out running titles and page numbers, and nothing else that repeats', async () => {
    const body = (page: number): string[] => [
      `Page ${page} speaks of pumps at length and of what they`,
      'need in winter. The same line stands on every page here.',
      `It ends with the number ${page * 31} and with some more of it.`,
      'Always the same last words.',
      `Only here: ${page}.`,
    ];
    const pages = Array.from({ length: 6 }, (_, index) => ({
      lines: [
        { text: 'Manual of the pump', x: 72, y: 40, size: 9 },
        ...linesAt([body(index + 1)], { y: 120 + index * 20 }),
        { text: String(index + 1), x: 290, y: 800, size: 9 },
      ],
    }));
    const text = textOf(await read('pdf', await makePdf(pages)));
    expect(text).not.toContain('Manual of the pump');
    expect(text).not.toMatch(/\n\d\n/);
    expect(text.match(/Always the same last words\./g)).toHaveLength(6);
    expect(text).toContain('Only here: 6.');
  });

  it('keeps rows that end before the margin as lines', async () => {
    const rows = ['Part Price', 'Pump for the cellar with a filter 40 euros', 'Valve 7 euros'];
    const text = textOf(await read('pdf', await makePdf([{ lines: linesAt([rows]) }])));
    expect(text.split('\n')[0]).toBe('Part Price');
  });

  it('keeps columns apart', async () => {
    const left = linesAt([['Left one', 'left two']], { x: 72 });
    const right = linesAt([['Right one', 'right two']], { x: 320 });
    expect(textOf(await read('pdf', await makePdf([{ lines: [...left, ...right] }])))).toBe(
      'Left one left two\n\nRight one right two\n\n',
    );
  });
});
