import mammoth from 'mammoth';
import { unreadable } from './extracted.ts';
import type { Extracted } from './extracted.ts';
import { piecesOfHtml } from './html.ts';
import { sectionsOf } from './sections.ts';
import { checkArchive } from './zip.ts';

/** Word documents: mammoth gives html by style (headings, lists, tables), pictures are left out. */
export async function extractDocx(bytes: Uint8Array): Promise<Extracted> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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
  return sectionsOf(piecesOfHtml(html));
}
