import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { linesAt, makeDocx, makePdf } from '../support/make-documents.ts';
import { documentFormats } from '../../electron/ipc/contract/index.ts';
import type { DocumentFormat } from '../../electron/ipc/contract/index.ts';
import { extract } from '../../electron/documents/ingest/extract/index.ts';

const pdf = await makePdf([{ lines: linesAt([['Some words of a page.']]) }]);
const docx = await makeDocx([{ text: 'Some words of a document.' }]);
const emptyPdf = await makePdf([{ lines: [] }]);
const emptyDocx = await makeDocx([]);
const binary = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const codeOf = (format: DocumentFormat, content: Uint8Array): Promise<string> =>
  extract(format, content, () => {}).then(
    () => 'read',
    (error: unknown) => String((error as { code?: unknown }).code),
  );

/** A zip with one entry, whose sizes in the directory are made up. */
function zipOf(name: string, content: Uint8Array, claimed: number): Uint8Array {
  const packed = deflateRawSync(content);
  const label = Buffer.from(name);
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(packed.length, 18);
  local.writeUInt32LE(claimed, 22);
  local.writeUInt16LE(label.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(8, 10);
  central.writeUInt32LE(packed.length, 20);
  central.writeUInt32LE(claimed, 24);
  central.writeUInt16LE(label.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + label.length, 12);
  end.writeUInt32LE(local.length + label.length + packed.length, 16);
  return new Uint8Array(Buffer.concat([local, label, packed, central, label, end]));
}

describe('broken and hostile files', () => {
  it.each(documentFormats)('nothing in a %s is an empty document', async (format) => {
    expect(await codeOf(format, new Uint8Array())).toBe('document-empty');
  });

  it.each([
    ['txt', bytes(' \n\t\n ')],
    ['md', bytes('---\n---\n\n<!-- only a comment -->\n')],
    ['html', bytes('<html><body><script>1</script></body></html>')],
    ['pdf', emptyPdf],
    ['docx', emptyDocx],
  ] as const)('a %s without text is an empty document', async (format, content) => {
    expect(await codeOf(format, content)).toBe('document-empty');
  });

  it.each([
    ['pdf', 'cut in the middle', pdf.slice(0, 200)],
    ['pdf', 'text', bytes('just words')],
    ['pdf', 'noise', binary],
    ['pdf', 'a header and noise', new Uint8Array([...bytes('%PDF-1.7\n'), ...binary])],
    ['docx', 'cut in the middle', docx.slice(0, docx.length / 2)],
    ['docx', 'text', bytes('just words')],
    ['docx', 'noise', binary],
    ['docx', 'a zip of something else', zipOf('mimetype', bytes('x'), 1)],
    ['docx', 'a zip with a path out of it', zipOf('../../word/document.xml', bytes('x'), 1)],
    ['docx', 'a zip with no Word XML', zipOf('word/document.xml', bytes('not xml <'), 9)],
    ['txt', 'noise', binary],
    ['md', 'noise', binary],
    ['html', 'noise', binary],
  ] as const)('a %s that is %s is refused by code', async (format, _what, content) => {
    expect(await codeOf(format, content)).toBe('document-unreadable');
  });

  it.each([
    ['pdf', 'docx', docx],
    ['docx', 'pdf', pdf],
    ['txt', 'pdf', pdf],
    ['txt', 'docx', docx],
    ['html', 'pdf', pdf],
    ['xlsx', 'docx', docx],
  ] as const)('a %s that is a %s says so', async (format, found, content) => {
    await expect(extract(format, content, () => {})).rejects.toMatchObject({
      code: 'document-mismatch',
      detail: { format, found },
    });
  });

  it('a pdf cut after its pages is still read', async () => {
    const many = await makePdf(
      Array.from({ length: 5 }, () => ({ lines: linesAt([['Some words of a page.']]) })),
    );
    const result = await codeOf('pdf', many.slice(0, many.length - 60));
    expect(['read', 'document-unreadable', 'document-empty']).toContain(result);
  });

  it('a zip bomb is refused, whatever size it claims', async () => {
    const bomb = zipOf('word/document.xml', new Uint8Array(200_000_000), 1000);
    expect(bomb.length).toBeLessThan(300_000);
    expect(await codeOf('docx', bomb)).toBe('document-too-large');
  });

  it('a docx with a password is told from a damaged one', async () => {
    const ole = Buffer.concat([
      Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]),
      Buffer.alloc(600),
      Buffer.from('EncryptedPackage', 'utf16le'),
      Buffer.alloc(600),
    ]);
    expect(await codeOf('docx', new Uint8Array(ole))).toBe('document-encrypted');
    expect(await codeOf('docx', new Uint8Array(ole.subarray(0, 500)))).toBe('document-unreadable');
  });

  it('a pdf with a password says so', async () => {
    expect(await codeOf('pdf', encryptedPdf())).toBe('document-encrypted');
  });

  it('external entities and deep nesting do no harm', async () => {
    const deep = `<p>${'<div>'.repeat(3000)}deep words${'</div>'.repeat(3000)}`;
    expect(await codeOf('html', bytes(deep))).toBe('document-unreadable');
    const xxe =
      '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><w:document>&e;</w:document>';
    expect(await codeOf('docx', zipOf('word/document.xml', bytes(xxe), xxe.length))).not.toBe(
      'read',
    );
  });

  it('long runs of white space take no long time', async () => {
    const spaces = ' '.repeat(2_000_000);
    expect(await codeOf('txt', bytes(`a${spaces}b\n${'\n \t'.repeat(200_000)}`))).toBe('read');
    expect(await codeOf('html', bytes(`<pre>a${spaces}b</pre><p>c${spaces}d`))).toBe('read');
    expect(await codeOf('html', bytes(`<p>${'<b>x</b> '.repeat(100_000)}`))).toBe('read');
  });
});

/**
 * A PDF encrypted with an unknown user password (standard security handler, revision 2): the key
 * checks fail for the empty password because /U is made up.
 */
function encryptedPdf(): Uint8Array {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>',
    `<< /Filter /Standard /V 1 /R 2 /O <${'ab'.repeat(32)}> /U <${'cd'.repeat(32)}> /P -4 >>`,
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = file.length;
  file += `xref\n0 5\n0000000000 65535 f \n`;
  for (const offset of offsets) file += `${String(offset).padStart(10, '0')} 00000 n \n`;
  file += `trailer\n<< /Size 5 /Root 1 0 R /Encrypt 4 0 R /ID [<${'01'.repeat(16)}> <${'01'.repeat(16)}>] >>\nstartxref\n${table}\n%%EOF\n`;
  return bytes(file);
}
