import { describe, expect, it } from 'vitest';
import { blocksOf, headingsOf, read, textOf } from '../support/read-document.ts';

describe('csv and tsv', () => {
  it.each([
    ['commas', ','],
    ['semicolons', ';'],
    ['tabs', '\t'],
    ['bars', '|'],
  ])('finds %s, keeps quoted cells whole, counts rows over empty ones', async (_name, sign) => {
    const source = [`Name${sign}Port`, `"A${sign}da\nM."${sign}Cork`, '', `Bo${sign}4`].join(
      '\r\n',
    );
    const extracted = await read('csv', source);
    expect(extracted.pages[0]?.kind).toBe('sheet');
    const shown = sign === '\t' ? 'A da M.' : `A${sign}da M.`;
    expect(blocksOf(extracted)).toEqual([
      { kind: 'table', firstRow: 1, header: 'Name\tPort', text: `Name\tPort\n${shown}\tCork` },
      { kind: 'table', firstRow: 4, text: 'Bo\t4' },
    ]);
  });

  it('tsv: takes a quote inside a cell for what it is', async () => {
    expect(textOf(await read('tsv', 'Size\tOf\n3.5" disk\tbox\n'))).toBe(
      'Size\tOf\n3.5" disk\tbox\n\n',
    );
  });
});

describe('rtf', () => {
  it('reads fonts’ encodings, Unicode with stand-ins, headings, fields and tables', async () => {
    const source =
      '{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 Cyr;}{\\f2\\fcharset129 Batang;}}{\\info{\\title secret}}' +
      "\\pard\\outlinelevel1 Boats\\par\\pard Caf\\'e9, \\u8364?40{\\f1 \\'cf\\'f0}{\\f2 \\'c7\\'d1}\\par" +
      '{\\field{\\*\\fldinst HYPERLINK "http://x"}{\\fldrslt a link}}{\\v hidden}\\par{\\pict 00ff}' +
      '\\trowd\\intbl Name\\cell Port\\cell\\row\\trowd\\intbl Ada\\cell Cork\\cell\\row\\pard After.\\par}';
    const extracted = await read('rtf', source);
    expect(textOf(extracted)).toBe(
      'Boats\n\nCafé, €40Пр한\n\na link\n\nName\tPort\nAda\tCork\n\nAfter.\n\n',
    );
    expect(headingsOf(extracted)).toEqual([[2, 'Boats']]);
    expect(blocksOf(extracted)).toEqual([
      { kind: 'table', header: 'Name\tPort', text: 'Name\tPort\nAda\tCork' },
    ]);
  });
});

describe('e-mail', () => {
  const message = [
    'From: Ada <ada@example.org>',
    'To: Bo <bo@example.org>, c@example.org',
    'Subject: =?utf-8?q?Caf=C3=A9?= at',
    ' nine',
    'Date: Mon, 1 Jan 2024 10:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: multipart/mixed; boundary=x',
    '',
    '--x',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>Hello <b>Bo</b></p><table><tr><th>Item</th><th>Price</th></tr><tr><td>Tea</td><td>4</td></tr></table>',
    '--x',
    'Content-Type: application/pdf; name=plan.pdf',
    'Content-Disposition: attachment; filename=plan.pdf',
    'Content-Transfer-Encoding: base64',
    '',
    'AAAA',
    '--x--',
    '',
  ].join('\r\n');

  it('eml: who, when, about what, the text and the names of attachments', async () => {
    const extracted = await read('eml', message);
    expect(extracted.pages[0]).toMatchObject({ kind: 'message', title: 'Café at nine' });
    expect(textOf(extracted)).toBe(
      'From: Ada <ada@example.org>\nTo: Bo <bo@example.org>, c@example.org\nDate: 2024-01-01T10:00:00.000Z\n' +
        'Subject: Café at nine\nAttachments: plan.pdf\n\nHello Bo\n\nItem\tPrice\nTea\t4\n\n',
    );
  });

  it('mbox: one part for each message', async () => {
    const extracted = await read(
      'mbox',
      'From a Mon Jan 1\nSubject: one\n\nHello\nFrom here it goes on\n>From a quote\n\nFrom b Mon Jan 2\nSubject: two\n\nBye\n',
    );
    expect(extracted.pages.map(({ kind, title, text }) => [kind, title, text])).toEqual([
      ['message', 'one', 'Subject: one\n\nHello\nFrom here it goes on\nFrom a quote\n\n'],
      ['message', 'two', 'Subject: two\n\nBye\n\n'],
    ]);
  });
});

describe('rst', () => {
  it('gives sections, text without marks, lists, tables, code with its lines', async () => {
    const source = [
      '=====\nBoats\n=====',
      'Some *soft* and **loud** words, ``code``, a `link <http://x>`_ and :ref:`other`.',
      'Ports\n-----',
      '- one\n- two\n  goes on',
      '.. code-block:: python\n   :linenos:\n\n   def f():\n       pass',
      '.. note:: careful\n\n   inner words',
      '+------+------+\n| Name | Port |\n+======+======+\n| Ada  | Cork |\n+------+------+',
      '=====  ====\nName   No.\n=====  ====\nAda    4\n=====  ====',
      'Example::\n\n    x = 1',
      '.. a comment\n   of two lines',
    ].join('\n\n');
    const extracted = await read('rst', source);
    expect(textOf(extracted)).toBe(
      [
        'Boats',
        'Some soft and loud words, code, a link and other.',
        'Ports',
        '- one\n- two goes on',
        'def f():\n    pass',
        'careful',
        'inner words',
        'Name\tPort\nAda\tCork',
        'Name\tNo.\nAda\t4',
        'Example:',
        'x = 1',
        '',
      ].join('\n\n'),
    );
    expect(headingsOf(extracted)).toEqual([
      [1, 'Boats'],
      [2, 'Ports'],
    ]);
    const lines = source.split('\n');
    for (const { kind, firstLine, text } of blocksOf(extracted)) {
      if (kind !== 'code') continue;
      expect(lines[(firstLine ?? 0) - 1]?.trim()).toBe(text.split('\n')[0]);
    }
  });
});

describe('json, jsonl and notebooks', () => {
  it('json: keeps the lines of the file, names its members, shows characters for escapes', async () => {
    const source = JSON.stringify(
      { name: 'caf\u00e9', scripts: { a: 'x'.repeat(400) }, files: ['y'.repeat(400)] },
      null,
      2,
    ).replace('\u00e9', '\\u00e9');
    const extracted = await read('json', source);
    expect(textOf(extracted)).toContain('"name": "café"');
    expect(blocksOf(extracted).map(({ name, firstLine }) => [name, firstLine])).toEqual([
      ['name', 1],
      ['files', 6],
    ]);
  });

  it('json: puts a file of one line on lines', async () => {
    const source = JSON.stringify({ list: Array.from({ length: 100 }, (_, n) => ({ number: n })) });
    const text = textOf(await read('json', source));
    expect(text).toContain('\n    {"number":7},\n');
  });

  it('jsonl: knows the line of each record', async () => {
    const source = Array.from({ length: 400 }, (_, n) => `{"n":${n + 1},"word":"\\ud55c"}`).join(
      '\n',
    );
    for (const { firstLine, text } of blocksOf(await read('jsonl', source))) {
      expect(text.startsWith(`{"n":${firstLine},"word":"한"}`)).toBe(true);
    }
  });

  it('ipynb: cells with their text, code and what it printed', async () => {
    const extracted = await read(
      'ipynb',
      JSON.stringify({
        cells: [
          { cell_type: 'markdown', source: ['# Boats\n', 'Some *words*.'] },
          {
            cell_type: 'code',
            source: 'print(1)',
            outputs: [
              { output_type: 'stream', text: ['1\n'] },
              {
                data: {
                  'text/plain': 'x',
                  'text/html':
                    '<table><tr><th>A</th><th>Bc</th></tr><tr><td>1</td><td>2</td></tr></table>',
                },
              },
              { ename: 'ValueError', evalue: 'bad' },
            ],
          },
        ],
      }),
    );
    expect(extracted.pages.map(({ kind, text }) => [kind, text])).toEqual([
      ['cell', 'Boats\n\nSome words.\n\n'],
      ['cell', 'print(1)\n\n1\n\nA\tBc\n1\t2\n\nValueError: bad\n\n'],
    ]);
  });
});

describe('source code', () => {
  const filler = (line: string): string => `${line}\n`.repeat(80);
  it.each([
    [
      'a.ts',
      `import x from 'y';\n\n/** About it. */\nexport async function foo(a: number) {\n  return a;\n}\n\nclass Bar {\n  baz() {\n${filler('    x += 1; // some words')}  }\n}\n\nconst arrow = () => {\n  return 1;\n};\n`,
      ['foo:3', 'Bar.baz:9', 'arrow:93'],
    ],
    [
      'a.py',
      `import os\n\n@decorated\ndef foo():\n    pass\n\nclass Bar:\n    def baz(self):\n${filler('        x = 1  # some words')}`,
      ['foo:3', 'Bar.baz:8'],
    ],
    [
      'a.cpp',
      '#include <x>\nnamespace n {\nMyType foo(int a) { return 1; }\nvoid A::bar() {}\nclass K { int x; };\n}\n',
      ['foo:3', 'A::bar:4', 'K:5'],
    ],
    [
      'a.rs',
      'pub fn foo<T>(x: T) {}\n\nimpl Foo for Bar { fn x() {} }\n',
      ['foo:1', 'impl Foo for Bar:3'],
    ],
    [
      'a.go',
      'package x\n\n// Get gives.\nfunc (s *S) Get() int { return 1 }\n\ntype T struct { a int }\n',
      ['Get:3', 'T:6'],
    ],
    ['a.java', 'package a;\n\npublic class A {\n  int x() { return 1; }\n}\n', ['A:3']],
    ['a.php', '<?php\nfunction foo() {}\nclass B { function m() {} }\n', ['foo:2', 'B:3']],
    [
      'a.rb',
      'module M\n  class A\n    def foo\n      1\n    end\n  end\nend\n',
      ['M:1', 'M.A:2', 'M.A.foo:3'],
    ],
    [
      'a.cs',
      'namespace N {\n  public class A {\n    public int Foo(int a) {\n      return 1;\n    }\n  }\n}\n',
      ['N:1', 'N.A:2', 'N.A.Foo:3'],
    ],
    [
      'a.sql',
      'create table foo (\n a int\n);\n\nCREATE OR REPLACE VIEW v AS\nselect 1;\n',
      ['foo:1', 'v:5'],
    ],
    ['a.sh', '#!/bin/sh\nset -e\n\nfoo() {\n  echo\n}\n', ['foo:4']],
    ['a.toml', '[a]\nb = 1\n[c.d]\ne = 2\n', ['a:1', 'c.d:3']],
  ])('%s: by function and class, with their lines', async (name, source, expected) => {
    const extracted = await read('code', source, name);
    const lines = source.split('\n');
    const found = blocksOf(extracted);
    expect(
      found
        .filter((block) => block.name !== undefined)
        .map((block) => `${block.name}:${block.firstLine}`),
    ).toEqual(expected);
    // Every block's lines are the file's, and no line with words is lost.
    const seen = new Set<number>();
    for (const { text, firstLine = 0 } of found) {
      text.split('\n').forEach((line, index) => {
        expect(line.trimEnd()).toBe(lines[firstLine - 1 + index]?.trimEnd());
        seen.add(firstLine - 1 + index);
      });
    }
    const lost = lines.filter((line, index) => line.trim() !== '' && !seen.has(index));
    expect(lost).toEqual([]);
  });
});

describe('txt', () => {
  it('knows the line of each paragraph', async () => {
    expect(blocksOf(await read('txt', '\n\none\r\ntwo\n\n \nthree\n'))).toEqual([
      { kind: 'code', firstLine: 3, text: 'one\ntwo' },
      { kind: 'code', firstLine: 7, text: 'three' },
    ]);
  });
});

describe('html', () => {
  const article =
    '<p>Real words of the article, with commas, and enough of them to count as text.</p>';
  it('a saved page without <main>: the article, no banner, menu or sidebar', async () => {
    const source = `<title>Boats - Site</title><body><div class="cookie-banner">We use cookies</div>
      <ul><li><a href="/">The home of this site</a></li><li><a href="/b">Another link of the menu</a></li></ul>
      <div class="content"><h2>Boats</h2>${article.repeat(8)}</div>
      <div class="sidebar"><p>Read this too, it is about something else.</p></div></body>`;
    const extracted = await read('html', source);
    expect(extracted.pages[0]?.title).toBe('Boats - Site');
    const text = textOf(extracted);
    expect(text.startsWith('Boats\n\nReal words')).toBe(true);
    expect(text).not.toMatch(/cookies|menu|something else/);
  });

  it('takes a table for its looks apart, and keeps one with data whole', async () => {
    const looks =
      '<table><tr><td><h1>Head</h1><p>left</p></td><td><table><tr><th>Name</th><th>Port</th></tr><tr><td>Ada</td><td>Cork</td></tr></table></td></tr></table>';
    const extracted = await read('html', looks);
    expect(textOf(extracted)).toBe('Head\n\nleft\n\nName\tPort\nAda\tCork\n\n');
    expect(blocksOf(extracted)).toEqual([
      { kind: 'table', header: 'Name\tPort', text: 'Name\tPort\nAda\tCork' },
    ]);
  });
});
