import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
import type { TextItem } from 'pdfjs-dist/types/src/display/api.js';
import { AppError } from '../../../ipc/app-error.ts';
import { cleanText, empty, mostCharacters, needsOcr, tooLarge, unreadable } from './extracted.ts';
import type { Beat, Extracted, ExtractedPage } from './extracted.ts';
import type { OcrFacts } from './ocr.ts';
import { layOut, vocabularyOf, withoutRunningLines } from './pdf-layout.ts';
import type { PdfPiece, RawPage } from './pdf-lines.ts';
import { mostPixels, readScan } from './pdf-scans.ts';

const mostPages = 20_000;

/**
 * The text layer of a PDF, page by page, with the place of each piece in points from the top left of
 * the page as it is shown (rotation applied). Nothing is rendered, no script runs, nothing is fetched.
 * Pages without text are recognised where
 * `ocr` is given. Throws 'document-encrypted', 'document-needs-ocr' (no text layer), 'document-empty', 'document-too-large', 'document-unreadable'.
 */
export async function extractPdf(
  bytes: Uint8Array,
  beat: Beat,
  ocr: OcrFacts | null,
): Promise<Extracted> {
  if (
    !Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).includes('%PDF-')
  ) {
    throw unreadable('the file is no PDF');
  }
  const { document } = await open(bytes, 0);
  try {
    if (document.numPages > mostPages) {
      throw tooLarge({ pages: document.numPages, limit: mostPages });
    }
    const raw: RawPage[] = [];
    let characters = 0;
    for (let number = 1; number <= document.numPages; number += 1) {
      const page = await readPage(document, number);
      characters += page.pieces.reduce((sum, piece) => sum + piece.text.length, 0);
      if (characters > mostCharacters) throw tooLarge({ characters, limit: mostCharacters });
      raw.push(page);
      beat();
    }
    if (characters === 0 && ocr === null) throw await withoutText(document);
    const scans = ocr === null ? noScans : await readScans(bytes, raw, ocr, beat);
    if (characters === 0 && scans.size === 0) {
      throw ocr === null ? empty() : needsOcr({ reason: 'nothing' });
    }
    const pages = withoutRunningLines(raw);
    const vocabulary = vocabularyOf(pages);
    const laidOut = pages.map((page, index) => scans.get(index) ?? layOut(page, vocabulary));
    return { paged: true, pages: laidOut };
  } finally {
    await document.loadingTask.destroy().catch(() => {});
  }
}

/** @param maxImageSize pixels; a picture that has more is passed over. */
async function open(
  bytes: Uint8Array,
  maxImageSize: number,
): Promise<{ document: PDFDocumentProxy; operators: Readonly<Record<string, number>> }> {
  // With the worker's code at hand pdf.js runs it in this thread instead of looking for a file of its own.
  const shared = globalThis as { pdfjsWorker?: unknown };
  shared.pdfjsWorker ??= await import('pdfjs-dist/legacy/build/pdf.worker.mjs');
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const packageFolder = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  try {
    const document = await pdfjs.getDocument({
      // A plain copy: pdf.js takes the buffer over and refuses Node's Buffer.
      data: new Uint8Array(bytes),
      // Character maps of the older CJK encodings, read from the package's own folder.
      cMapUrl: `${join(packageFolder, 'cmaps')}/`,
      cMapPacked: true,
      disableFontFace: true,
      useSystemFonts: false,
      // Decoders of pictures, beside the library too: only for pages that are recognised.
      wasmUrl: `${join(packageFolder, 'wasm')}/`,
      useWasm: maxImageSize > 0,
      enableXfa: false,
      maxImageSize,
      isOffscreenCanvasSupported: false,
      verbosity: pdfjs.VerbosityLevel.ERRORS,
    }).promise;
    return { document, operators: pdfjs.OPS };
  } catch (error) {
    const { name } = error as Error;
    if (name === 'PasswordException') {
      throw new AppError('document-encrypted', 'the document has a password');
    }
    throw unreadable('the PDF is damaged', error);
  }
}

const noScans: ReadonlyMap<number, ExtractedPage> = new Map();

/** Recognised text of the pages that have none of their own, by index. */
async function readScans(
  bytes: Uint8Array,
  pages: readonly RawPage[],
  ocr: OcrFacts,
  beat: Beat,
): Promise<ReadonlyMap<number, ExtractedPage>> {
  const bare = pages.flatMap((page, index) => (page.pieces.length === 0 ? [index] : []));
  if (bare.length === 0) return noScans;
  const { document, operators } = await open(bytes, mostPixels);
  const scans = new Map<number, ExtractedPage>();
  try {
    for (const index of bare) {
      const page = await readScan(document, index + 1, operators, ocr, beat).catch(
        (error: unknown) => {
          // Without the program or its language no page can be read; a page that fails costs itself.
          const reason = error instanceof AppError ? error.detail?.['reason'] : undefined;
          if (reason === 'missing' || reason === 'language') throw error;
          return null;
        },
      );
      if (page !== null && page.text !== '') scans.set(index, page);
      beat();
    }
  } finally {
    await document.loadingTask.destroy().catch(() => {});
  }
  return scans;
}

const pagesLookedAt = 10;

/** Pages on which something is drawn are scans; pages on which nothing is drawn are empty. */
async function withoutText(document: PDFDocumentProxy): Promise<AppError> {
  for (let number = 1; number <= Math.min(document.numPages, pagesLookedAt); number += 1) {
    try {
      const page = await document.getPage(number);
      const { fnArray } = await page.getOperatorList();
      page.cleanup();
      if (fnArray.length > 0) return needsOcr();
    } catch {
      // A damaged page says nothing about the others.
    }
  }
  return empty();
}

/** A damaged page costs that page, not the document; if no page has text the document is refused. */
async function readPage(document: PDFDocumentProxy, number: number): Promise<RawPage> {
  let page: PDFPageProxy;
  try {
    page = await document.getPage(number);
  } catch {
    return { width: 0, height: 0, pieces: [] };
  }
  const { width, height, transform } = page.getViewport({ scale: 1 });
  try {
    const content = await page.getTextContent();
    const pieces: PdfPiece[] = [];
    for (const item of content.items) {
      if (!('str' in item)) continue;
      const style = content.styles[item.fontName];
      const piece = place(item, transform as unknown as Matrix, style?.ascent, style?.descent);
      if (piece !== null) pieces.push(piece);
    }
    return { width, height, pieces };
  } catch {
    return { width, height, pieces: [] };
  } finally {
    page.cleanup();
  }
}

type Matrix = readonly [number, number, number, number, number, number];

/**
 * The box around one piece of text on the shown page. `item.transform` takes text space to the page's
 * user space (ISO 32000-1, 9.4.4), the viewport's takes that to points with the origin top left.
 */
function place(
  item: TextItem,
  view: Matrix,
  ascent: number | undefined,
  descent: number | undefined,
): PdfPiece | null {
  const text = cleanText(item.str).replaceAll('\n', ' ');
  if (text === '' && !item.hasEOL) return null;
  const m = item.transform as unknown as Matrix;
  const size = Math.hypot(m[2], m[3]) || Math.hypot(m[0], m[1]);
  const along = unit(m[0], m[1]);
  const up = unit(m[2], m[3]);
  const above = size * bounded(ascent, 0.5, 1.2, 0.8);
  const below = size * bounded(descent, -0.6, 0, -0.2);
  const corners = [
    [0, below],
    [item.width, below],
    [0, above],
    [item.width, above],
  ].map(([a = 0, b = 0]) => {
    const x = m[4] + along[0] * a + up[0] * b;
    const y = m[5] + along[1] * a + up[1] * b;
    return [view[0] * x + view[2] * y + view[4], view[1] * x + view[3] * y + view[5]] as const;
  });
  const xs = corners.map((corner) => corner[0]);
  const ys = corners.map((corner) => corner[1]);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  if (![left, top, ...xs, ...ys].every(Number.isFinite)) return null;
  return {
    text,
    x: left,
    y: top,
    width: Math.max(...xs) - left,
    height: Math.max(...ys) - top,
    size,
    endsLine: item.hasEOL,
  };
}

function unit(x: number, y: number): readonly [number, number] {
  const length = Math.hypot(x, y);
  return length === 0 ? [0, 0] : [x / length, y / length];
}

/** Fonts name absurd metrics, or none. */
const bounded = (
  value: number | undefined,
  low: number,
  high: number,
  otherwise: number,
): number =>
  value === undefined || !Number.isFinite(value) || value === 0 || value < low || value > high
    ? otherwise
    : value;
