import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist';
import type { ExtractedPage } from './extracted.ts';
import type { Beat } from './extracted.ts';
import { recognise } from './ocr.ts';
import type { OcrFacts } from './ocr.ts';

type Matrix = readonly [number, number, number, number, number, number];

/** Pixels of one picture; a page at 600 dpi has 35 million. */
export const mostPixels = 60_000_000;

interface Scan {
  readonly width: number;
  readonly height: number;
  readonly pnm: Uint8Array;
  /** From the picture's unit square to the page as it is shown. */
  readonly transform: Matrix;
}

/**
 * The text of a scanned page: its largest picture is recognised and each word placed on the page. Null where the
 * page has no picture of some size. Throws 'document-needs-ocr' where the program cannot be used.
 */
export async function readScan(
  document: PDFDocumentProxy,
  number: number,
  operators: Readonly<Record<string, number>>,
  ocr: OcrFacts,
  beat: Beat,
): Promise<ExtractedPage | null> {
  const page = await document.getPage(number);
  try {
    const view = page.getViewport({ scale: 1 });
    const scan = await largestPicture(page, view.transform as unknown as Matrix, operators);
    if (scan === null) return null;
    const [a, b] = scan.transform;
    const inches = Math.hypot(a, b) / 72;
    const dpi = Math.min(Math.max(scan.width / Math.max(inches, 0.1), 70), 1200);
    const { text, words } = await recognise(scan.pnm, ocr, beat, dpi);
    const spans = words.map(([start, end, x, y, width, height]) => {
      const box = boxOnPage(scan, x, y, width, height);
      return [start, end, ...box] as const;
    });
    const size = { width: view.width, height: view.height };
    return {
      text: text === '' ? '' : `${text}\n\n`,
      ...size,
      spans,
      headings: [],
      isRecognised: text !== '',
    };
  } finally {
    page.cleanup();
  }
}

async function largestPicture(
  page: PDFPageProxy,
  view: Matrix,
  operators: Readonly<Record<string, number>>,
): Promise<Scan | null> {
  const { fnArray, argsArray } = await page.getOperatorList();
  let matrix: Matrix = view;
  const kept: Matrix[] = [];
  let best: { id: string; transform: Matrix; size: number } | null = null;
  fnArray.forEach((operator, index) => {
    const args = argsArray[index] as unknown[] | null;
    if (operator === operators['save']) kept.push(matrix);
    else if (operator === operators['restore']) matrix = kept.pop() ?? matrix;
    else if (operator === operators['transform']) {
      matrix = multiply(matrix, args as unknown as Matrix);
    } else if (operator === operators['paintImageXObject'] && typeof args?.[0] === 'string') {
      const size = Math.abs(matrix[0] * matrix[3] - matrix[1] * matrix[2]);
      if (best === null || size > best.size) best = { id: args[0], transform: matrix, size };
    }
  });
  const found = best as { id: string; transform: Matrix; size: number } | null;
  const whole = page.getViewport({ scale: 1 });
  if (found === null || found.size < whole.width * whole.height * 0.1) return null;
  const image = await pictureOf(page, found.id);
  const pnm = image === null ? null : toPnm(image);
  if (image === null || pnm === null) return null;
  return { width: image.width, height: image.height, pnm, transform: found.transform };
}

interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1: one bit, 2: three bytes, 3: four bytes a pixel (pdf.js, ImageKind). */
  readonly kind: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

function pictureOf(page: PDFPageProxy, id: string): Promise<Picture | null> {
  const objects = id.startsWith('g_') ? page.commonObjs : page.objs;
  return new Promise((resolve) => {
    (objects as { get(id: string, done: (image: Picture | null) => void): void }).get(id, (image) =>
      resolve(image?.data === undefined ? null : image),
    );
  });
}

/** Portable pixmap: the simplest form that every reader of pictures takes. */
function toPnm({ width, height, kind, data }: Picture): Uint8Array | null {
  if (kind === 1) {
    const head = Buffer.from(`P4\n${width} ${height}\n`);
    // There a set bit is black.
    return Buffer.concat([head, Buffer.from(data).map((byte) => byte ^ 0xff)]);
  }
  const head = Buffer.from(`P6\n${width} ${height}\n255\n`);
  if (kind === 2) return Buffer.concat([head, Buffer.from(data)]);
  if (kind !== 3) return null;
  const pixels = Buffer.alloc(width * height * 3);
  for (let from = 0, to = 0; to < pixels.length; from += 4, to += 3) {
    pixels[to] = data[from] ?? 0;
    pixels[to + 1] = data[from + 1] ?? 0;
    pixels[to + 2] = data[from + 2] ?? 0;
  }
  return Buffer.concat([head, pixels]);
}

const multiply = (m: Matrix, n: Matrix): Matrix => [
  m[0] * n[0] + m[2] * n[1],
  m[1] * n[0] + m[3] * n[1],
  m[0] * n[2] + m[2] * n[3],
  m[1] * n[2] + m[3] * n[3],
  m[0] * n[4] + m[2] * n[5] + m[4],
  m[1] * n[4] + m[3] * n[5] + m[5],
];

/** A box of pixels on the page: pictures stand on the unit square with their first row at its top. */
function boxOnPage(
  { width, height, transform: m }: Scan,
  x: number,
  y: number,
  w: number,
  h: number,
): [number, number, number, number] {
  const corners = [
    [x, y],
    [x + w, y],
    [x, y + h],
    [x + w, y + h],
  ].map(([px = 0, py = 0]) => {
    const u = px / width;
    const v = 1 - py / height;
    return [m[0] * u + m[2] * v + m[4], m[1] * u + m[3] * v + m[5]] as const;
  });
  const xs = corners.map(([left]) => left);
  const ys = corners.map(([, top]) => top);
  const tenth = (value: number): number => Math.round(value * 10) / 10;
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return [tenth(left), tenth(top), tenth(Math.max(...xs) - left), tenth(Math.max(...ys) - top)];
}
