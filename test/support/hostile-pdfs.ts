import { deflateSync } from 'node:zlib';
import type { HostileDocument } from './hostile-documents.ts';

/** A PDF from its objects, numbered from 1; the first is the catalog. */
function pdf(objects: readonly (string | Buffer)[], trailer = ''): Uint8Array {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    length += part.length;
  };
  objects.forEach((object, index) => {
    offsets.push(length);
    add(
      Buffer.concat([
        Buffer.from(`${index + 1} 0 obj\n`),
        Buffer.from(object),
        Buffer.from('\nendobj\n'),
      ]),
    );
  });
  const table = length;
  const rows = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  add(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${trailer} >>\nstartxref\n${table}\n%%EOF\n`,
    ),
  );
  return new Uint8Array(Buffer.concat(parts));
}

const catalog = '<< /Type /Catalog /Pages 2 0 R >>';
const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
const words = 'BT /F1 12 Tf 72 700 Td (Some words of a page) Tj ET';
const stream = (content: string | Buffer, facts = ''): Buffer =>
  Buffer.concat([
    Buffer.from(`<< /Length ${content.length} ${facts} >>\nstream\n`),
    Buffer.from(content),
    Buffer.from('\nendstream'),
  ]);
const page = (contents: string, more = ''): string =>
  `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents ${contents} /Resources << /Font << /F1 5 0 R >> ${more} >> >>`;

const one = (
  name: string,
  make: () => Uint8Array,
  ends: string | null = null,
): HostileDocument => ({ name, format: 'pdf', make, ends });
const single = (content: string | Buffer, facts = '', more = ''): Uint8Array =>
  pdf([
    catalog,
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    page('4 0 R', more),
    stream(content, facts),
    font,
  ]);

export const hostilePdfs: readonly HostileDocument[] = [
  one('pages in a circle', () => pdf([catalog, '<< /Type /Pages /Kids [2 0 R] /Count 1 >>'])),
  one('pages in a wide circle', () =>
    pdf([
      catalog,
      '<< /Type /Pages /Kids [3 0 R 3 0 R] /Count 4 >>',
      '<< /Type /Pages /Parent 2 0 R /Kids [2 0 R 2 0 R] /Count 2 >>',
    ]),
  ),
  one('two billion pages', () =>
    pdf([
      catalog,
      '<< /Type /Pages /Kids [3 0 R] /Count 2147483647 >>',
      page('4 0 R'),
      stream(words),
      font,
    ]),
  ),
  one('minus one page', () =>
    pdf([
      catalog,
      '<< /Type /Pages /Kids [3 0 R] /Count -1 >>',
      page('4 0 R'),
      stream(words),
      font,
    ]),
  ),
  one('a stream that unpacks to 60 MB', () =>
    single(deflateSync(Buffer.alloc(60_000_000, 0x20)), '/Filter /FlateDecode'),
  ),
  one('packed ten times', () => {
    let content = deflateSync(Buffer.alloc(20_000_000, 0x20));
    for (let turn = 0; turn < 9; turn += 1) content = deflateSync(content);
    return single(content, `/Filter [${'/FlateDecode '.repeat(10)}]`);
  }),
  one('a form that draws itself', () =>
    pdf([
      catalog,
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      page('4 0 R', '/XObject << /X 6 0 R >>'),
      stream('/X Do'),
      font,
      stream(
        '/X Do /X Do',
        '/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>',
      ),
    ]),
  ),
  one('a length that is itself', () =>
    pdf([
      catalog,
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      page('4 0 R'),
      `<< /Length 4 0 R >>\nstream\n${words}\nendstream`,
      font,
    ]),
  ),
  one('a table that goes before itself', () =>
    pdf(
      [catalog, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', page('4 0 R'), stream(words), font],
      '/Prev 9',
    ),
  ),
  one('arrays in arrays', () => single(`${'['.repeat(200_000)} TJ ${words}`)),
  one('states kept without end', () => single(`${'q '.repeat(100_000)}${words}`)),
  one(
    'a script and a program to start',
    () =>
      pdf([
        catalog.replace(
          '>>',
          '/OpenAction << /S /JavaScript /JS (while\\(true\\){}) >> /AA << /WC << /S /Launch /F (/bin/sh) >> >> >>',
        ),
        '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        page('4 0 R'),
        stream(words),
        font,
      ]),
    'read',
  ),
  one('letters the size of the moon', () =>
    single('BT /F1 1e30 Tf 1e30 0 0 1e30 1e30 1e30 Tm (Some words) Tj ET'),
  ),
  one('a font that is its own parent', () =>
    pdf([
      catalog,
      '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
      page('4 0 R'),
      stream(words),
      '<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [5 0 R] /ToUnicode 5 0 R >>',
    ]),
  ),
  one(
    'a picture and no text',
    () =>
      pdf([
        catalog,
        '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        page('4 0 R', '/XObject << /X 6 0 R >>'),
        stream('q 100 0 0 100 0 0 cm /X Do Q'),
        font,
        stream(
          '\u0000',
          '/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray',
        ),
      ]),
    'document-needs-ocr',
  ),
  one(
    'a picture of 65535 × 65535',
    () =>
      pdf([
        catalog,
        '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        page('4 0 R', '/XObject << /X 6 0 R >>'),
        stream('q 100 0 0 100 0 0 cm /X Do Q'),
        font,
        stream(
          '\u0000',
          '/Type /XObject /Subtype /Image /Width 65535 /Height 65535 /BitsPerComponent 8 /ColorSpace /DeviceRGB',
        ),
      ]),
    'document-needs-ocr',
  ),
  one('a header and nothing', () => Buffer.from('%PDF-1.7\n'), 'document-unreadable'),
  one('a letter', () => Buffer.from('Dear reader, this is a letter.'), 'document-unreadable'),
];
