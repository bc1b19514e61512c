import type { DocumentFormat } from '../../../ipc/contract/index.ts';
import { empty } from './extracted.ts';
import type { Beat, Extracted } from './extracted.ts';

/**
 * Text of a document with pages, headings and places. Only for the parser thread: libraries for
 * formats are loaded when first needed and may hang or fill memory on hostile files.
 * Throws AppErrors of the 'document-…' codes.
 */
export async function extract(
  format: DocumentFormat,
  bytes: Uint8Array,
  beat: Beat,
): Promise<Extracted> {
  if (bytes.length === 0) throw empty();
  switch (format) {
    case 'txt':
      return (await import('./txt.ts')).extractTxt(bytes);
    case 'md':
      return (await import('./md.ts')).extractMd(bytes);
    case 'html':
      return (await import('./html.ts')).extractHtml(bytes);
    case 'pdf':
      return (await import('./pdf.ts')).extractPdf(bytes, beat);
    case 'docx':
      return (await import('./docx.ts')).extractDocx(bytes);
  }
}
