import { readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { AppError } from '../../ipc/app-error.ts';
import { toErrorShape } from '../../ipc/app-error.ts';
import type { DocumentFormat, ErrorShape } from '../../ipc/contract/index.ts';
import { indexTextsOf } from '../../storage/repositories/passage-rows.ts';
import { chunks } from '../index/chunk.ts';
import type { Passage } from '../index/chunk.ts';
import { extract } from './extract/index.ts';
import type { OcrFacts } from './extract/ocr.ts';
import type { ExtractedPage } from './extract/extracted.ts';
import { sizeLimitOf } from './formats.ts';

/** Entry of the parser thread: reads one document at a time, on request. */

export interface ParserRequest {
  readonly path: string;
  readonly format: DocumentFormat;
  /** Whose passages they become: their ids are made from it. */
  readonly documentId: string;
  /** The file's own name; the copy at `path` is named by content. */
  readonly name?: string;
  /** Size of the file, where it is known: what is large is parsed alone. */
  readonly bytes?: number;
  /** How pictures of text may be read; null and missing: not at all. */
  readonly ocr?: OcrFacts | null;
}

/** A page with its place in the document's text; lists as JSON, so that no thread but this one walks them. */
export interface ParsedPage extends Required<Omit<ExtractedPage, 'spans' | 'headings' | 'blocks'>> {
  readonly start: number;
  readonly spans: string;
  readonly headings: string;
  readonly blocks: string;
}

/**
 * `alive` says "still getting on". Pages and passages come in parcels so that taking one stays short; one that
 * is `counted` is answered with `ParserTaken`, and few are on their way at any time.
 */
export type ParserMessage =
  | { readonly type: 'alive' }
  | { readonly type: 'pages'; readonly pages: readonly ParsedPage[]; readonly counted?: true }
  | {
      readonly type: 'passages';
      readonly passages: readonly Passage[];
      readonly counted?: true;
    }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly error: ErrorShape };

/** A parcel was taken. */
export interface ParserTaken {
  readonly type: 'taken';
}

/** Most passages, pages and (about) characters of one parcel. */
const passagesPerParcel = 128;
const pagesPerParcel = 64;
const charactersPerParcel = 128 * 1024;
/** Parcels that are not taken yet. */
const onTheWay = 4;
const port = parentPort;

/** Waits while too many parcels are on their way. */
function createWay(): { taken(): void; free(): Promise<void> } {
  let waiting: (() => void) | null = null;
  let count = 0;
  return {
    taken() {
      count -= 1;
      waiting?.();
      waiting = null;
    },
    async free() {
      count += 1;
      while (count > onTheWay) await new Promise<void>((resolve) => (waiting = resolve));
    },
  };
}

async function parse(
  request: ParserRequest,
  post: (message: ParserMessage) => void,
  way: { free(): Promise<void> },
): Promise<void> {
  const bytes = await readFile(request.path);
  const limit = sizeLimitOf(request.format);
  if (bytes.length > limit) {
    throw new AppError('document-too-large', 'the document is larger than the limit', {
      detail: { bytes: bytes.length, limit },
    });
  }
  const beat = (): void => post({ type: 'alive' });
  const { name, ocr = null } = request;
  const facts = { ...(name === undefined ? {} : { name }), ...(ocr === null ? {} : { ocr }) };
  const { paged, pages } = await extract(request.format, bytes, beat, facts);
  let start = 0;
  const placed = pages.map((page) => {
    const at = start;
    start += page.text.length;
    const {
      kind = paged ? ('page' as const) : ('section' as const),
      title = null,
      blocks = [],
      isRecognised = false,
    } = page;
    return { ...page, kind, title, blocks, isRecognised, start: at };
  });
  const passages = chunks(placed, { documentId: request.documentId, paged });
  const first = passages.next();
  if (first.done === true) throw new AppError('document-empty', 'no text was found');
  for (const part of parcels(packedPages(placed), pagesPerParcel, sizeOfPage)) {
    await way.free();
    post({ type: 'pages', pages: part, counted: true });
  }
  for (const part of parcels(
    withIndex(behind(first.value, passages)),
    passagesPerParcel,
    () => 0,
  )) {
    await way.free();
    post({ type: 'passages', passages: part, counted: true });
  }
}

function* packedPages(
  pages: readonly (Required<ExtractedPage> & { readonly start: number })[],
): Generator<ParsedPage> {
  for (const page of pages) yield pack(page);
}

function pack(page: Required<ExtractedPage> & { readonly start: number }): ParsedPage {
  return {
    ...page,
    spans: JSON.stringify(page.spans),
    headings: JSON.stringify(page.headings),
    blocks: JSON.stringify(page.blocks),
  };
}

const sizeOfPage = ({ text, spans }: ParsedPage): number => text.length + spans.length;

/** With what the full-text index will hold of each, so that CORE's thread has not to make it. */
function* withIndex(passages: Iterable<Passage>): Generator<Passage> {
  for (const passage of passages) yield { ...passage, index: indexTextsOf(passage) };
}

function* behind<T>(first: T, rest: Iterable<T>): Generator<T> {
  yield first;
  yield* rest;
}

function* parcels<T>(
  all: Iterable<T>,
  most: number,
  sizeOf: (one: T) => number,
): Generator<readonly T[]> {
  let part: T[] = [];
  let size = 0;
  for (const each of all) {
    part.push(each);
    size += sizeOf(each);
    if (part.length < most && size < charactersPerParcel) continue;
    yield part;
    part = [];
    size = 0;
  }
  if (part.length > 0) yield part;
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

const way = createWay();
port?.on('message', (message: ParserRequest | ParserTaken) => {
  if ('type' in message) {
    way.taken();
    return;
  }
  const post = (answer: ParserMessage): void => port.postMessage(answer);
  parse(message, post, way).then(
    () => post({ type: 'done' }),
    (error: unknown) => post({ type: 'failed', error: explain(error) }),
  );
});
