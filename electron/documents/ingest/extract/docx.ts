import mammoth from 'mammoth';
import { AppError } from '../../../ipc/app-error.ts';
import { startsWith } from './encoding.ts';
import { unreadable } from './extracted.ts';
import type { Extracted } from './extracted.ts';
import { blocksOfHtml } from './html.ts';
import { sectionsOf } from './sections.ts';
import { checkArchive } from './zip.ts';

/** Word documents: mammoth gives html by style (headings, lists, tables), pictures are left out. */
export async function extractDocx(bytes: Uint8Array): Promise<Extracted> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0])) {
    // An OLE file: a docx with a password, or a .doc of before 2007.
    if (buffer.includes(Buffer.from('EncryptedPackage', 'utf16le'))) {
      throw new AppError('document-encrypted', 'the document has a password');
    }
    throw unreadable('the file is a Word document of before 2007');
  }
  checkArchive(buffer, 'word/document.xml');
  let html: string;
  try {
    const result = await mammoth.convertToHtml(
      { buffer },
      {
        convertImage: mammoth.images.imgElement(async () => ({ src: '' })),
        externalFileAccess: false,
      },
    );
    html = result.value;
  } catch (error) {
    throw unreadable('the Word document is damaged', error);
  }
  return sectionsOf(blocksOfHtml(html));
}
