import type { HostileDocument } from './hostile-documents.ts';
import { epubParts, odfParts, pptxParts, xlsxParts } from './make-office.ts';
import { makeZip } from './make-zip.ts';
import type { ZipPart } from './make-zip.ts';

const sheet = xlsxParts([
  {
    name: 'A',
    rows: [
      ['some', 'words'],
      [1, 2],
    ],
  },
]);
const slides = pptxParts([{ title: 'Some words', body: ['more words'] }]);
const book = epubParts([{ title: 'One', html: '<p>some words</p>' }]);
const odt = odfParts('text', '<text:p>some words</text:p>');
const word = '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">';

/** An honest archive with some parts replaced or added. */
const changed = (parts: readonly ZipPart[], ...others: ZipPart[]): Uint8Array =>
  makeZip([...parts.filter(({ name }) => !others.some((other) => other.name === name)), ...others]);

const one = (
  name: string,
  format: HostileDocument['format'],
  make: () => Uint8Array,
  ends: string | null = null,
): HostileDocument => ({ name, format, make, ends });

const sheetOf = (rows: string): Uint8Array =>
  changed(sheet, {
    name: 'xl/worksheets/sheet1.xml',
    content: `<worksheet><sheetData>${rows}</sheetData></worksheet>`,
  });
const ods = (rows: string): Uint8Array =>
  makeZip(odfParts('spreadsheet', `<table:table table:name="A">${rows}</table:table>`));
const docx = (body: string, head = ''): Uint8Array =>
  makeZip([
    {
      name: '[Content_Types].xml',
      content:
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
    },
    { name: 'word/document.xml', content: `${head}${word}<w:body>${body}</w:body></w:document>` },
  ]);

const laughs = `<!DOCTYPE x [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, n) => `<!ENTITY a${n} "${n === 0 ? '&a;' : `&a${n - 1};`.repeat(10)}">`).join('')}]>`;
const stranger = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>';
const ole = (words: string): Uint8Array =>
  new Uint8Array(
    Buffer.concat([
      Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
      Buffer.alloc(600),
      Buffer.from(words, 'utf16le'),
      Buffer.alloc(600),
    ]),
  );

export const hostileArchives: readonly HostileDocument[] = [
  one(
    'a bomb',
    'docx',
    () =>
      makeZip([{ name: 'word/document.xml', content: new Uint8Array(161_000_000), claimed: 1000 }]),
    'document-too-large',
  ),
  one(
    'a bomb',
    'xlsx',
    () =>
      changed(sheet, {
        name: 'xl/sharedStrings.xml',
        content: new Uint8Array(161_000_000),
        claimed: 10,
      }),
    'document-too-large',
  ),
  one(
    'a bomb',
    'odt',
    () => changed(odt, { name: 'content.xml', content: new Uint8Array(161_000_000) }),
    'document-too-large',
  ),
  one(
    'a chapter of 40 MB',
    'epub',
    () => makeZip(epubParts([{ title: 'x', html: `<p>${' '.repeat(40_000_000)}` }])),
    'document-too-large',
  ),
  one(
    '20,000 parts',
    'pptx',
    () =>
      changed(
        slides,
        ...Array.from({ length: 20_000 }, (_, n) => ({ name: `x${n}`, content: '' })),
      ),
    'document-too-large',
  ),
  one(
    'parts over each other',
    'xlsx',
    () => changed(sheet, { name: 'a', content: 'x'.repeat(5000), stored: true, local: 40 }),
    'document-unreadable',
  ),
  one(
    'a way out',
    'xlsx',
    () => changed(sheet, { name: '../../../etc/cron.d/x', content: 'x' }),
    'document-unreadable',
  ),
  one(
    'a way out by the root',
    'epub',
    () => changed(book, { name: '/etc/passwd', content: 'x' }),
    'document-unreadable',
  ),
  one(
    'a way out by a drive',
    'odt',
    () => changed(odt, { name: 'C:\\x', content: 'x' }),
    'document-unreadable',
  ),
  one(
    'a zero in a name',
    'pptx',
    () => changed(slides, { name: 'a\0b', content: 'x' }),
    'document-unreadable',
  ),
  one(
    'a locked archive',
    'xlsx',
    () => changed(sheet, { name: 'xl/styles.xml', content: 'x', flags: 1 }),
    'document-encrypted',
  ),
  one(
    'an unknown packing',
    'pptx',
    () => changed(slides, { name: 'ppt/presentation.xml', content: 'x', method: 99 }),
    'document-unreadable',
  ),
  one('cut in the middle', 'xlsx', () => makeZip(sheet).slice(0, 400), 'document-unreadable'),
  one('a hole in the middle', 'pptx', () =>
    makeZip(slides).map((value, index) => (index > 150 && index < 250 ? 0 : value)),
  ),
  one(
    'an archive in an archive',
    'xlsx',
    () => makeZip([{ name: 'inner.xlsx', content: makeZip(sheet) }]),
    'document-unreadable',
  ),
  one('another kind of archive', 'docx', () => makeZip(sheet), 'document-mismatch'),
  one('another kind of archive', 'ods', () => makeZip(odt), 'document-mismatch'),
  one('an old Office file', 'xlsx', () => ole('Workbook'), 'document-unreadable'),
  one(
    'an Office file with a password',
    'pptx',
    () => ole('EncryptedPackage'),
    'document-encrypted',
  ),
  one(
    'a billion laughs',
    'xlsx',
    () =>
      changed(sheet, {
        name: 'xl/sharedStrings.xml',
        content: `${laughs}<sst><si><t>&a29;</t></si></sst>`,
      }),
    'document-unreadable',
  ),
  one('a billion laughs', 'docx', () =>
    docx('<w:p><w:r><w:t>&a29; words</w:t></w:r></w:p>', laughs),
  ),
  one(
    'a file from outside',
    'pptx',
    () =>
      changed(slides, {
        name: 'ppt/slides/slide1.xml',
        content: `${stranger}<p:sld><a:p><a:r><a:t>&e;</a:t></a:r></a:p></p:sld>`,
      }),
    'document-unreadable',
  ),
  one(
    'a file from outside',
    'odt',
    () =>
      changed(odt, {
        name: 'content.xml',
        content: `${stranger}<office:text><text:p>&e;</text:p></office:text>`,
      }),
    'document-unreadable',
  ),
  one('a file from outside', 'docx', () =>
    docx('<w:p><w:r><w:t>&e; words</w:t></w:r></w:p>', stranger),
  ),
  one(
    'relations that lead out',
    'pptx',
    () =>
      changed(slides, {
        name: 'ppt/_rels/presentation.xml.rels',
        content:
          '<Relationships><Relationship Id="rId1" Type="x/slide" Target="http://127.0.0.1:9/x" TargetMode="External"/></Relationships>',
      }),
    'document-empty',
  ),
  one(
    'relations that lead up',
    'xlsx',
    () =>
      changed(sheet, {
        name: 'xl/_rels/workbook.xml.rels',
        content:
          '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="../../../../etc/passwd"/></Relationships>',
      }),
    'document-unreadable',
  ),
  one(
    'a sheet that is its workbook',
    'xlsx',
    () =>
      changed(sheet, {
        name: 'xl/_rels/workbook.xml.rels',
        content:
          '<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="workbook.xml"/></Relationships>',
      }),
    'document-empty',
  ),
  one(
    'one slide 100,000 times',
    'pptx',
    () =>
      changed(slides, {
        name: 'ppt/presentation.xml',
        content: `<p:presentation><p:sldIdLst>${'<p:sldId r:id="rId1"/>'.repeat(100_000)}</p:sldIdLst></p:presentation>`,
      }),
    'read',
  ),
  one(
    'elements in elements',
    'pptx',
    () => changed(slides, { name: 'ppt/slides/slide1.xml', content: '<a:p>'.repeat(300_000) }),
    'document-unreadable',
  ),
  one('elements in elements', 'docx', () => docx('<w:tbl><w:tr><w:tc>'.repeat(20_000)), null),
  one(
    'an attribute of 10 MB',
    'xlsx',
    () => sheetOf(`<row r="1"><c r="${'A'.repeat(10_000_000)}"><v>1</v></c></row>`),
    'document-empty',
  ),
  one(
    'the last row and more',
    'xlsx',
    () =>
      sheetOf(
        '<row r="1048576"><c><v>1</v></c></row><row r="99999999999"><c><v>2</v></c></row><row r="-5"><c><v>3</v></c></row>',
      ),
    'read',
  ),
  one(
    'the last column in each row',
    'xlsx',
    () =>
      sheetOf(
        Array.from(
          { length: 20_000 },
          (_, n) => `<row r="${n + 1}"><c r="XFD${n + 1}"><v>1</v></c></row>`,
        ).join(''),
      ),
    'read',
  ),
  one(
    'strings that are not there',
    'xlsx',
    () =>
      sheetOf(
        '<row r="1"><c t="s"><v>-1</v></c><c t="s"><v>99999999</v></c><c t="s"><v>x</v></c><c><v>7</v></c></row>',
      ),
    'read',
  ),
  one(
    'one long string in 100,000 cells',
    'xlsx',
    () =>
      changed(
        sheet,
        {
          name: 'xl/sharedStrings.xml',
          content: `<sst><si><t>${'words '.repeat(500_000)}</t></si></sst>`,
        },
        {
          name: 'xl/worksheets/sheet1.xml',
          content: `<worksheet><row r="1">${'<c t="s"><v>0</v></c>'.repeat(100_000)}</row></worksheet>`,
        },
      ),
    'document-too-large',
  ),
  one(
    'a cell repeated over the whole sheet',
    'ods',
    () =>
      ods(
        '<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"><text:p>words</text:p></table:table-cell></table:table-row>',
      ),
    null,
  ),
  one(
    'nothing repeated over many sheets',
    'ods',
    () =>
      ods(
        `${'<table:table-row table:number-rows-repeated="1048576"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'.repeat(5000)}<table:table-row><table:table-cell><text:p>words</text:p></table:table-cell></table:table-row>`,
      ),
    'read',
  ),
  one(
    'spaces without end',
    'odt',
    () =>
      makeZip(
        odfParts('text', `<text:p>words${'<text:s text:c="2147483647"/>'.repeat(20_000)}</text:p>`),
      ),
    null,
  ),
  one(
    'lists in lists',
    'odt',
    () => makeZip(odfParts('text', '<text:list><text:list-item>'.repeat(100_000))),
    'document-unreadable',
  ),
  one(
    'a text with a password',
    'odt',
    () =>
      changed(odt, {
        name: 'META-INF/manifest.xml',
        content: '<manifest><file-entry><encryption-data/></file-entry></manifest>',
      }),
    'document-encrypted',
  ),
  one(
    'a protected book',
    'epub',
    () =>
      changed(book, {
        name: 'META-INF/encryption.xml',
        content:
          '<encryption><EncryptedData><CipherData><CipherReference URI="OEBPS/text/c1.xhtml"/></CipherData></EncryptedData></encryption>',
      }),
    'document-encrypted',
  ),
  one(
    'a book without a package',
    'epub',
    () =>
      changed(book, {
        name: 'META-INF/container.xml',
        content: '<container><rootfile full-path="../../etc/passwd"/></container>',
      }),
    'document-unreadable',
  ),
  one('chapters in chapters', 'epub', () =>
    changed(book, {
      name: 'OEBPS/text/c1.xhtml',
      content: `<html><body>${'<section>'.repeat(50_000)}words`,
    }),
  ),
  one(
    'a table of contents in itself',
    'epub',
    () => changed(book, { name: 'OEBPS/nav.xhtml', content: `<nav>${'<ol><li>'.repeat(100_000)}` }),
    'document-unreadable',
  ),
];
