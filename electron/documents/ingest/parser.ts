import { readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { AppError } from '../../ipc/app-error.ts';
import { toErrorShape } from '../../ipc/app-error.ts';
import type { DocumentFormat, ErrorShape } from '../../ipc/contract/index.ts';
import { chunk } from '../index/chunk.ts';
import type { Passage } from '../index/chunk.ts';
import { extract } from './extract/index.ts';
import type { ExtractedPage } from './extract/extracted.ts';
import { sizeLimitOf } from './formats.ts';

/** Entry of the parser thread: reads one document at a time, on request. */

export interface ParserRequest {
  readonly path: string;
  readonly format: DocumentFormat;
  readonly sha256: string;
}

/** A page with its place in the document's text. */
export interface ParsedPage extends Required<ExtractedPage> {
  readonly start: number;
}

/** `alive` says "still getting on"; pages and passages come in parcels so that taking one stays short. */
export type ParserMessage =
  | { readonly type: 'alive' }
  | { readonly type: 'pages'; readonly pages: readonly ParsedPage[] }
  | { readonly type: 'passages'; readonly passages: readonly Passage[] }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: ErrorShape };

const parcel = 64;
const port = parentPort;

async function parse(
  request: ParserRequest,
  post: (message: ParserMessage) => void,
): Promise<void> {
  const bytes = await readFile(request.path);
  const limit = sizeLimitOf(request.format);
  if (bytes.length > limit) {
    throw new AppError('document-too-large', 'the document is larger than the limit', {
      detail: { bytes: bytes.length, limit },
    });
  }
  const { paged, pages } = await extract(request.format, bytes, () => post({ type: 'alive' }));
  let start = 0;
  const placed = pages.map((page): ParsedPage => {
    const at = start;
    start += page.text.length;
    const { kind = paged ? 'page' : 'section', title = null, blocks = [] } = page;
    return { ...page, kind, title, blocks, start: at };
  });
  const passages = chunk(placed, { sha256: request.sha256, paged });
  if (passages.length === 0) throw new AppError('document-empty', 'no text was found');
  for (let at = 0; at < placed.length; at += parcel) {
    post({ type: 'pages', pages: placed.slice(at, at + parcel) });
  }
  for (let at = 0; at < passages.length; at += parcel) {
    post({ type: 'passages', passages: passages.slice(at, at + parcel) });
  }
}

function explain(error: unknown): ErrorShape {
  const shape = toErrorShape(error);
  if (shape.code !== 'internal') return shape;
  // A parser's own words may quote the document: only the kind of error leaves this thread.
  const kind = error instanceof Error ? error.name : typeof error;
  return { code: 'document-unreadable', message: `the parser gave up (${kind})` };
}

// Below the thread that answers. Only Linux knows this number of a single thread; elsewhere it would be all of CORE's.
if (port !== null && process.platform === 'linux') {
  try {
    setPriority(0, constants.priority.PRIORITY_LOW);
  } catch {
    // Then it runs as all else does.
  }
}

port?.on('message', (request: ParserRequest) => {
  const post = (message: ParserMessage): void => port.postMessage(message);
  parse(request, post).then(
    () => post({ type: 'done' }),
    (error: unknown) => post({ type: 'failed', error: explain(error) }),
  );
});
