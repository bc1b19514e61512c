import type { PDFDocumentProxy } from 'pdfjs-dist';
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';

// Character maps, fonts and decoders that pdf.js asks for by name. They ship with the app, so a page
// looks the same without a network; each is fetched only when a page needs it.
const assetUrls = {
  ...import.meta.glob<string>('../../../../node_modules/pdfjs-dist/cmaps/*.bcmap', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
  ...import.meta.glob<string>('../../../../node_modules/pdfjs-dist/standard_fonts/*.{pfb,ttf}', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
  ...import.meta.glob<string>('../../../../node_modules/pdfjs-dist/wasm/*.wasm', {
    query: '?url',
    import: 'default',
    eager: true,
  }),
};
const urlByName = new Map(
  Object.entries(assetUrls).map(([path, url]) => [path.slice(path.lastIndexOf('/') + 1), url]),
);

/** Answers pdf.js when its worker asks for one of the bundled files. */
class BundledFiles {
  async fetch({ filename }: { kind: string; filename: string }): Promise<Uint8Array> {
    const url = urlByName.get(filename);
    if (!url) throw new Error(`pdf.js asked for an unknown file: ${filename}`);
    return new Uint8Array(await (await fetch(url)).arrayBuffer());
  }
}

/** An open PDF. Pages are 1-based. */
export interface PdfFile {
  readonly pages: number;
  /**
   * Draws a page into the canvas at `width` CSS pixels and the given device pixel ratio.
   * Rejects with an AbortError when the signal fires.
   */
  draw(
    page: number,
    canvas: HTMLCanvasElement,
    width: number,
    ratio: number,
    signal: AbortSignal,
  ): Promise<void>;
  close(): void;
}

/** Chromium refuses canvases beyond this many pixels; a page zoomed further is drawn coarser. */
const mostPixels = 16_000_000;

/** Opens the kept copy of a document. Throws when it cannot be fetched or is no PDF. */
export async function openPdf(documentId: string, signal: AbortSignal): Promise<PdfFile> {
  const [pdfjs, response] = await Promise.all([
    import('pdfjs-dist/legacy/build/pdf.mjs'),
    fetch(`quarry://document/${encodeURIComponent(documentId)}`, { signal }),
  ]);
  if (!response.ok) throw new Error(`document answered ${response.status}`);
  const data = new Uint8Array(await response.arrayBuffer());
  pdfjs.GlobalWorkerOptions.workerSrc = workerUrl;
  const loading = pdfjs.getDocument({
    data,
    // A document may not run scripts, in any form.
    enableXfa: false,
    useWorkerFetch: false,
    // The same letters on every machine, whatever fonts it has.
    useSystemFonts: false,
    BinaryDataFactory: BundledFiles,
    // Any value will do: the factory above finds files by name.
    cMapUrl: 'bundled/',
    standardFontDataUrl: 'bundled/',
    wasmUrl: 'bundled/',
  });
  const close = () => void loading.destroy();
  signal.addEventListener('abort', close, { once: true });
  const pdf = await loading.promise;
  return { pages: pdf.numPages, draw: (...args) => draw(pdf, ...args), close };
}

async function draw(
  pdf: PDFDocumentProxy,
  number: number,
  canvas: HTMLCanvasElement,
  width: number,
  ratio: number,
  signal: AbortSignal,
): Promise<void> {
  const page = await pdf.getPage(number);
  signal.throwIfAborted();
  const natural = page.getViewport({ scale: 1 });
  const wanted = (width / natural.width) * ratio;
  const most = Math.sqrt(mostPixels / (natural.width * natural.height));
  const viewport = page.getViewport({ scale: Math.min(wanted, most) });
  // Drawn aside and copied in one step: the page on screen never flashes white.
  const aside = new OffscreenCanvas(Math.ceil(viewport.width), Math.ceil(viewport.height));
  const task = page.render({
    canvas: aside as unknown as HTMLCanvasElement,
    viewport,
  });
  const cancel = () => task.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await task.promise;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  signal.throwIfAborted();
  canvas.width = aside.width;
  canvas.height = aside.height;
  canvas.getContext('2d')?.drawImage(aside, 0, 0);
}
