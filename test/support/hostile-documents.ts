import type { DocumentFormat } from '../../electron/ipc/contract/index.ts';
import { hostileArchives } from './hostile-archives.ts';
import { hostilePdfs } from './hostile-pdfs.ts';

/** A file that should do harm: made when asked for, always the same. */
export interface HostileDocument {
  readonly name: string;
  readonly format: DocumentFormat;
  readonly make: () => Uint8Array;
  /** 'read' where text must come out of it, else the code it must end with; null: either. */
  readonly ends: string | null;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const text = (
  name: string,
  format: DocumentFormat,
  make: () => string,
  ends: string | null = null,
): HostileDocument => ({ name, format, make: () => bytes(make()), ends });

const raw = (
  name: string,
  format: DocumentFormat,
  content: readonly number[] | (() => Uint8Array),
  ends: string | null = null,
): HostileDocument => ({
  name,
  format,
  make: typeof content === 'function' ? content : () => Uint8Array.from(content),
  ends,
});

const noise = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 7919 + (index >> 3)) % 256);

const html: readonly HostileDocument[] = [
  text('divs in divs', 'html', () => '<div>'.repeat(100_000) + 'deep', 'document-unreadable'),
  text(
    'spans in spans, at the limit',
    'html',
    () => `<p>${'<span>'.repeat(1500)}deep words`,
    'read',
  ),
  text('fonts that copy themselves', 'html', () => {
    const fonts = Array.from({ length: 3000 }, (_, index) => `<font color=${index}>`).join('');
    return `${fonts}${'<p>words'.repeat(3000)}`;
  }),
  text('tables in tables', 'html', () => `${'<table><tr><td>'.repeat(400)}inner words`, 'read'),
  text('lists in lists', 'html', () => `${'<ul><li>item '.repeat(900)}end`, 'read'),
  text(
    'an attribute of 8 MB',
    'html',
    () => `<p title="${'x'.repeat(8_000_000)}">few words`,
    'read',
  ),
  text(
    '20,000 attributes',
    'html',
    () => `<p ${Array.from({ length: 20_000 }, (_, n) => `a${n}=1`).join(' ')}>words`,
  ),
  text('a comment without end', 'html', () => `<p>before<!--${'x'.repeat(3_000_000)}`, 'read'),
  text(
    'an encoding that does not exist',
    'html',
    () => '<meta charset="x-none"><p>caf\u00e9 words',
    'read',
  ),
  text(
    'things from elsewhere',
    'html',
    () =>
      '<p>words<img src="http://127.0.0.1:9/x"><link rel=stylesheet href="file:///etc/passwd"><iframe src="file:///etc/passwd"></iframe><script src=//127.0.0.1:9></script>',
    'read',
  ),
];

const markdown: readonly HostileDocument[] = [
  text('quotes in quotes', 'md', () => `${'>'.repeat(20_000)} deep`, 'read'),
  text('lists in lists', 'md', () =>
    Array.from({ length: 400 }, (_, n) => `${' '.repeat(n * 2)}- item`).join('\n'),
  ),
  text('brackets without end', 'md', () => '['.repeat(8_000) + 'words'),
  text('stars without end', 'md', () => '*a _b '.repeat(8_000), 'read'),
  text('backticks of all lengths', 'md', () =>
    Array.from({ length: 700 }, (_, n) => '`'.repeat(n)).join('x'),
  ),
  text(
    'a table of 5,000 columns',
    'md',
    () => `${'|a'.repeat(5_000)}|\n${'|-'.repeat(5_000)}|\n|x|`,
  ),
  text('html in Markdown', 'md', () => '<div>'.repeat(5000) + '\n\nwords'),
];

const data: readonly HostileDocument[] = [
  text('a million arrays', 'json', () => '['.repeat(1_000_000) + ']'.repeat(1_000_000)),
  text('objects in objects', 'json', () => '{"a":'.repeat(200_000) + '1' + '}'.repeat(200_000)),
  text('JSON cut off', 'json', () => '{"words": ["some", "more', 'read'),
  text(
    'halves of characters',
    'json',
    () => '{"a":"\\ud800\\udc00 \\ud800 \\u0000 words"}',
    'read',
  ),
  text('a number of a million digits', 'json', () => `{"n": ${'9'.repeat(1_000_000)}}`, 'read'),
  text('a string without end', 'json', () => `{"a":"${'\\'.repeat(1_000_001)}`),
  text(
    'words that are no JSON',
    'json',
    () => 'Dear reader, this is a letter.',
    'document-unreadable',
  ),
  text(
    'lines that are no JSON',
    'jsonl',
    () => 'Dear reader,\nthis is a letter.',
    'document-unreadable',
  ),
  text('a line of 2 MB', 'jsonl', () => `{"a":"${'words '.repeat(340_000)}"}`, 'read'),
  text(
    'a notebook of arrays',
    'ipynb',
    () => `{"cells":${'['.repeat(500_000)}${']'.repeat(500_000)}}`,
  ),
  text(
    'a notebook of nonsense',
    'ipynb',
    () =>
      '{"cells":[1,null,{"cell_type":"code","source":{"a":1},"outputs":{"x":2}},{"cell_type":"markdown","source":[1,2]}]}',
    'document-empty',
  ),
  text(
    'a notebook cut off',
    'ipynb',
    () => '{"cells":[{"cell_type":"markdown","sou',
    'document-unreadable',
  ),
  text('a quote that never ends', 'csv', () => `a,b\n"${'x,y\n'.repeat(300_000)}`),
  text('a million columns', 'csv', () => `${'a,'.repeat(1_000_000)}b\n1`, null),
  text('only separators', 'csv', () => `${','.repeat(1000)}\n`.repeat(2000), 'document-empty'),
  text('300,000 rows', 'csv', () => 'a,b\n'.repeat(300_000), 'read'),
  raw(
    'zeros in a table',
    'csv',
    () => Uint8Array.from([97, 44, 0, 0, 98, 10]),
    'document-unreadable',
  ),
  text('quotes everywhere', 'tsv', () => '"\t""\t"""\n'.repeat(100_000)),
];

const prose: readonly HostileDocument[] = [
  text(
    'groups in groups',
    'rtf',
    () => `{\\rtf1 ${'{'.repeat(500_000)}deep`,
    'document-unreadable',
  ),
  text('binary of 2 GB', 'rtf', () => '{\\rtf1 words \\bin2147483647 more}', 'read'),
  text(
    'negative binary',
    'rtf',
    () => '{\\rtf1 words \\bin-5 more\\uc-1\\u-99999999999 x}',
    'read',
  ),
  text('broken characters', 'rtf', () => "{\\rtf1 words \\'zz\\'g\\u\\'", 'read'),
  text('closed a million times', 'rtf', () => `{\\rtf1 words${'}'.repeat(1_000_000)}`, 'read'),
  text('a table without end', 'rtf', () => `{\\rtf1 ${'\\intbl a\\cell '.repeat(200_000)}`, null),
  text(
    'parts in parts',
    'eml',
    () => {
      const parts = Array.from(
        { length: 500 },
        (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`,
      );
      return `From: a@example.org\n${parts.join('')}Content-Type: text/plain\n\nwords`;
    },
    'document-unreadable',
  ),
  text(
    'headers of 10 MB',
    'eml',
    () => `From: a@example.org\n${'X-Pad: words words words words\n'.repeat(340_000)}\nwords`,
    'document-unreadable',
  ),
  text(
    'a boundary of nothing',
    'eml',
    () => 'From: a@example.org\nContent-Type: multipart/mixed; boundary=""\n\n----\n\nwords\n',
  ),
  text(
    'base64 of nonsense',
    'eml',
    () => `From: a@example.org\nContent-Transfer-Encoding: base64\n\n${'*=!'.repeat(100_000)}`,
  ),
  text(
    'encoded words without end',
    'eml',
    () => `From: a@example.org\nSubject: ${'=?utf-8?q?=41?= '.repeat(20_000)}\n\nwords`,
  ),
  text(
    'an encoding that does not exist',
    'eml',
    () => 'From: a@example.org\nContent-Type: text/plain; charset=x-none\n\nplain words',
    'read',
  ),
  text(
    '20,000 addresses',
    'eml',
    () => `From: a@example.org\nTo: ${'b@example.org,'.repeat(20_000)}c@example.org\n\nwords`,
  ),
  text(
    'a letter that is no message',
    'eml',
    () => 'Dear reader\n\nthis is a letter',
    'document-unreadable',
  ),
  text('messages of nothing', 'mbox', () => 'From x\n\n'.repeat(20_000)),
  text('a mailbox of something else', 'mbox', () => 'Dear reader', 'document-unreadable'),
  text(
    'directives in directives',
    'rst',
    () => Array.from({ length: 300 }, (_, n) => `${' '.repeat(n * 3)}.. note:: deep\n`).join('\n'),
    'read',
  ),
  text('marks without end', 'rst', () => '`a *b |c **d '.repeat(50_000), 'read'),
  text('a table of one border', 'rst', () =>
    `${'+---'.repeat(5000)}+\n${'| x '.repeat(5000)}\n`.repeat(20),
  ),
];

const code: readonly HostileDocument[] = [
  text('brackets without end.js', 'code', () => '('.repeat(200_000), 'read'),
  text('one line of 1 MB.js', 'code', () => 'function a(b){return b+1};'.repeat(40_000), 'read'),
  text('a template without end.ts', 'code', () => `const a = \`${'${`'.repeat(20_000)}`, 'read'),
  text(
    'blocks in blocks.py',
    'code',
    () => Array.from({ length: 1500 }, (_, n) => `${' '.repeat(n)}if x:`).join('\n'),
    'read',
  ),
  text('half a program.cpp', 'code', () => 'template<template<template<'.repeat(5_000), 'read'),
  text('classes in classes.java', 'code', () => 'class A { '.repeat(20_000), 'read'),
  text('definitions without end.rb', 'code', () => 'def a\n'.repeat(200_000), 'read'),
  raw(
    'a program that is no source.c',
    'code',
    () => Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, ...noise(2000)]),
    'document-mismatch',
  ),
];

const plain: readonly HostileDocument[] = [
  raw('zeros', 'txt', () => new Uint8Array(1_000_000), 'document-unreadable'),
  raw('noise', 'txt', () => noise(100_000), 'document-unreadable'),
  raw('only a mark of encoding', 'txt', [0xef, 0xbb, 0xbf], 'document-empty'),
  raw('half of a UTF-16', 'txt', [0xff, 0xfe, 0x41], null),
  raw(
    'broken UTF-8',
    'txt',
    () => Uint8Array.from([...bytes('words '), 0xc3, 0x28, 0xf0, 0x9f, ...bytes(' end')]),
    'read',
  ),
  text(
    'a letter with a million accents',
    'txt',
    () => `a${'\u0301'.repeat(1_000_000)} words`,
    null,
  ),
  text('21 million characters', 'txt', () => 'words and '.repeat(2_100_001), 'document-too-large'),
  text('nothing but lines', 'txt', () => '\n'.repeat(3_000_000), 'document-empty'),
  text(
    'signs that turn the writing round',
    'txt',
    () => `\u0002words${'\u202e\u2066 and more words'.repeat(10)}\u0003`,
    'read',
  ),
  raw('a picture', 'txt', [0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa], 'document-mismatch'),
  raw('a picture', 'image', [0x89, 0x50, 0x4e, 0x47, 0xd, 0xa, 0x1a, 0xa], 'document-needs-ocr'),
  raw('an archive', 'json', [0x1f, 0x8b, 8, 0, 0, 0, 0, 0], 'document-mismatch'),
  raw('a database', 'csv', () => bytes('SQLite format 3\u0000'), 'document-mismatch'),
  text('rich text', 'md', () => '{\\rtf1 words}', 'document-mismatch'),
];

/** Files of all formats, each of a kind of its own. Names are unique with their format. */
export const hostileDocuments: readonly HostileDocument[] = [
  ...hostileArchives,
  ...hostilePdfs,
  ...html,
  ...markdown,
  ...data,
  ...prose,
  ...code,
  ...plain,
];

/** Take the most time of all, some until a limit ends them: format and name. */
const slow = new Set([
  'docx a bomb',
  'odt a bomb',
  'pptx 20,000 parts',
  'pdf states kept without end',
  'pdf a stream that unpacks to 60 MB',
  'md backticks of all lengths',
  'code brackets without end.js',
  'code one line of 1 MB.js',
  'code definitions without end.rb',
]);

/** Those that are read in an instant, for the tests that run each time. */
export const quickHostileDocuments: readonly HostileDocument[] = hostileDocuments.filter(
  ({ name, format }) => !slow.has(`${format} ${name}`),
);
