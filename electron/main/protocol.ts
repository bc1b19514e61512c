import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { Readable } from 'node:stream';
import type { Protocol } from 'electron';

/** Origin of the window's page. */
export const appOrigin = 'quarry://app';
export const startPage = `${appOrigin}/index.html`;

/** For `protocol.registerSchemesAsPrivileged`, before the app is ready. */
export const schemes = [
  {
    scheme: 'quarry',
    privileges: {
      standard: true,
      secure: true,
      supportFetchAPI: true,
      corsEnabled: true,
      stream: true,
      codeCache: true,
    },
  },
];

// Scripts and styles only from our own files. Style attributes are needed by KaTeX and Shiki output;
// documents are fetched as bytes, never run.
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "connect-src 'self' quarry://document",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

// pdf.js decodes scanned pages (CCITT, JBIG2, JPEG 2000) in WebAssembly. Only its worker may compile
// it: a worker obeys the policy that came with its own file.
const pdfWorker = /^\/assets\/pdf\.worker[\w.-]*\.mjs$/;
const pdfWorkerPolicy = policy.replace("script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'");

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.ttf': 'font/ttf',
  '.wasm': 'application/wasm',
};

/** A kept copy of a document: its file and what it is. */
export interface DocumentFile {
  readonly path: string;
  readonly mime: string;
}

/**
 * Serves `quarry://app/…` from the page folder and `quarry://document/<id>` from the kept copies.
 * @param findDocument throws for an id that is not known.
 */
export function serve(
  protocol: Pick<Protocol, 'handle'>,
  pageFolder: string,
  findDocument: (documentId: string) => Promise<DocumentFile>,
): void {
  protocol.handle('quarry', async (request) => {
    const url = new URL(request.url);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    try {
      if (url.host === 'app') return await pageFile(pageFolder, url.pathname);
      if (url.host === 'document') {
        const file = await findDocument(decodeURIComponent(url.pathname.slice(1)));
        return await documentFile(file, request.headers.get('range'));
      }
    } catch {
      return refuse(404);
    }
    return refuse(404);
  });
}

async function pageFile(folder: string, pathname: string): Promise<Response> {
  const name = normalize(decodeURIComponent(pathname === '/' ? '/index.html' : pathname));
  const path = join(folder, name);
  if (!path.startsWith(folder + sep)) return refuse(404);
  return new Response(new Uint8Array(await readFile(path)), {
    headers: {
      'Content-Type': types[extname(path).toLowerCase()] ?? 'application/octet-stream',
      'Content-Security-Policy': pdfWorker.test(pathname) ? pdfWorkerPolicy : policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  });
}

async function documentFile(file: DocumentFile, rangeHeader: string | null): Promise<Response> {
  const { size } = await stat(file.path);
  const range = parseRange(rangeHeader, size);
  if (range === 'unsatisfiable') return refuse(416, { 'Content-Range': `bytes */${size}` });
  const { start, end } = range ?? { start: 0, end: size - 1 };
  const body = size === 0 ? null : Readable.toWeb(createReadStream(file.path, { start, end }));
  return new Response(body as ReadableStream | null, {
    status: range === undefined ? 200 : 206,
    headers: {
      'Content-Type': file.mime,
      'Content-Length': String(size === 0 ? 0 : end - start + 1),
      ...(range && { 'Content-Range': `bytes ${start}-${end}/${size}` }),
      'Accept-Ranges': 'bytes',
      'Access-Control-Allow-Origin': appOrigin,
      'Access-Control-Expose-Headers': 'Accept-Ranges, Content-Length, Content-Range',
      // Should it ever be opened as a page of its own, it can do nothing there.
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    },
  });
}

/** One range of bytes, both ends included; undefined = the whole file (also for forms we do not serve). */
export function parseRange(
  header: string | null,
  size: number,
): { readonly start: number; readonly end: number } | 'unsatisfiable' | undefined {
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  return start > end ? 'unsatisfiable' : { start, end };
}

function refuse(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}
