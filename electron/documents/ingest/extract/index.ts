import type { DocumentFormat } from '../../../ipc/contract/index.ts';
import { empty } from './extracted.ts';
import type { Beat, Extracted } from './extracted.ts';
import type { OcrFacts } from './ocr.ts';
import { refuseOtherKinds } from './sniff.ts';

/** What is known of a file beside its bytes. */
export interface ExtractFacts {
  /** Its name, for what the ending tells beyond the format: the language of source code. */
  readonly name?: string;
  /** How pictures of text may be read; without it they are not. */
  readonly ocr?: OcrFacts;
}

/**
 * Text of a document with pages, headings, blocks and places. Only for the parser thread: libraries for
 * formats are loaded when first needed and may hang or fill memory on hostile files.
 * Throws AppErrors of the 'document-…' codes.
 */
export async function extract(
  format: DocumentFormat,
  bytes: Uint8Array,
  beat: Beat,
  facts: ExtractFacts = {},
): Promise<Extracted> {
  if (bytes.length === 0) throw empty();
  refuseOtherKinds(format, bytes);
  switch (format) {
    case 'txt':
      return (await import('./txt.ts')).extractTxt(bytes);
    case 'md':
      return (await import('./md.ts')).extractMd(bytes, beat);
    case 'rst':
      return (await import('./rst.ts')).extractRst(bytes);
    case 'html':
      return (await import('./html.ts')).extractHtml(bytes);
    case 'pdf':
      return (await import('./pdf.ts')).extractPdf(bytes, beat, facts.ocr ?? null);
    case 'docx':
      return (await import('./docx.ts')).extractDocx(bytes);
    case 'pptx':
      return (await import('./pptx.ts')).extractPptx(bytes, beat);
    case 'xlsx':
      return (await import('./xlsx.ts')).extractXlsx(bytes, beat);
    case 'csv':
      return (await import('./csv.ts')).extractCsv(bytes, beat, '');
    case 'tsv':
      return (await import('./csv.ts')).extractCsv(bytes, beat, '\t');
    case 'odt':
    case 'ods':
    case 'odp':
      return (await import('./odf.ts')).extractOdf(format, bytes, beat);
    case 'epub':
      return (await import('./epub.ts')).extractEpub(bytes, beat);
    case 'rtf':
      return (await import('./rtf.ts')).extractRtf(bytes, beat);
    case 'eml':
      return (await import('./email.ts')).extractEml(bytes);
    case 'mbox':
      return (await import('./email.ts')).extractMbox(bytes, beat);
    case 'code':
      return (await import('./code.ts')).extractCode(bytes, facts.name ?? '', beat);
    case 'json':
      return (await import('./json.ts')).extractJson(bytes);
    case 'jsonl':
      return (await import('./json.ts')).extractJsonl(bytes, beat);
    case 'ipynb':
      return (await import('./ipynb.ts')).extractIpynb(bytes, beat);
    case 'image':
      return (await import('./image.ts')).extractImage(bytes, facts.ocr ?? null, beat);
  }
}
