import { stat } from 'node:fs/promises';
import { AppError } from '../../ipc/app-error.ts';
import type { FoundInDocument, FoundSpan, QuotePlace } from '../../ipc/contract/index.ts';
import type { HandlersOf } from '../../ipc/handlers.ts';
import {
  claimsCiting,
  pageAfter,
  partsOf,
  textBetween,
} from '../../storage/repositories/document-viewing.ts';
import type { PageText } from '../../storage/repositories/document-viewing.ts';
import type { DocumentsRepository } from '../../storage/repositories/documents.ts';
import type { Reader } from '../../storage/sql.ts';
import { foldAligned, wordsPattern } from './fold.ts';

/** More hits than this are counted, not listed: nobody goes through them one by one. */
const mostSpans = 5000;
const mostCitations = 500;
/** UTF-16 units that are looked through before other calls get their turn. */
const characterStep = 500_000;
/** Words searched for; a pasted text is cut. */
const longestQuery = 400;

/** What the document viewer asks. */
export type ViewHandlers = Pick<
  HandlersOf<'documents'>,
  'documents.parts' | 'documents.find' | 'documents.locate' | 'documents.citations'
>;

export function createViewHandlers(ports: {
  readonly db: Reader;
  readonly documents: Pick<DocumentsRepository, 'get'>;
}): ViewHandlers {
  const { db, documents } = ports;
  const check = (id: string): void => {
    if (documents.get(id) === undefined) {
      throw new AppError('not-found', 'no such document', { detail: { id } });
    }
  };
  return {
    'documents.parts': ({ documentId }) => {
      check(documentId);
      return partsOf(db, documentId);
    },
    'documents.find': ({ documentId, query }) => {
      check(documentId);
      return findIn((page) => pageAfter(db, documentId, page), query);
    },
    'documents.locate': ({ documentId, ...cited }) => {
      check(documentId);
      return locateIn(
        textBetween(db, documentId, cited.start, cited.end),
        (page) => pageAfter(db, documentId, page),
        cited,
      );
    },
    'documents.citations': ({ documentId }) => {
      check(documentId);
      return claimsCiting(db, documentId, mostCitations).map((claim) => {
        const { start, end } = claim.citation;
        return {
          ...claim,
          stands: standsAs(textBetween(db, documentId, start, end), claim.citation),
        };
      });
    },
  };
}

/** Where a document's file lies, if it is still there. Throws 'not-found' and 'document-missing'. */
export async function documentPlace(
  documents: Pick<DocumentsRepository, 'get'>,
  documentId: string,
): Promise<{ readonly path: string }> {
  const document = documents.get(documentId);
  if (document === undefined) {
    throw new AppError('not-found', 'no such document', { detail: { id: documentId } });
  }
  await stat(document.path).catch(() => {
    throw new AppError('document-missing', 'the file is gone', { detail: { file: document.name } });
  });
  return { path: document.path };
}

/** Goes through pages one by one and lets other calls have their turn. */
async function* pagesOf(next: (page: number) => PageText | undefined): AsyncGenerator<PageText> {
  let passed = 0;
  for (let page = next(0); page !== undefined; page = next(page.page)) {
    yield page;
    passed += page.text.length;
    if (passed < characterStep) continue;
    passed = 0;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

/** Every place where the words stand, page by page; a hit never spans two pages. */
export async function findIn(
  next: (page: number) => PageText | undefined,
  query: string,
): Promise<FoundInDocument> {
  const pattern = wordsPattern(foldAligned(query.normalize('NFC').slice(0, longestQuery)), 'g');
  const spans: FoundSpan[] = [];
  let total = 0;
  if (pattern === null) return { spans, total };
  for await (const { page, start, text } of pagesOf(next)) {
    for (const hit of foldAligned(text).matchAll(pattern)) {
      total += 1;
      if (spans.length >= mostSpans) continue;
      spans.push({ page, start: start + hit.index, end: start + hit.index + hit[0].length });
    }
  }
  return { spans, total };
}

/** Where a quote stands: at its place, elsewhere (the nearest to its place), or nowhere. */
export async function locateIn(
  there: string,
  next: (page: number) => PageText | undefined,
  cited: { readonly start: number; readonly end: number; readonly quote: string },
): Promise<QuotePlace> {
  const { start, end, quote } = cited;
  if (standsAs(there, cited)) return { state: 'same', start, end };
  const pattern = wordsPattern(quote, 'g');
  let best: QuotePlace | null = null;
  if (pattern !== null) {
    for await (const page of pagesOf(next)) {
      for (const hit of page.text.matchAll(pattern)) {
        const at = page.start + hit.index;
        if (best !== null && Math.abs(at - start) >= Math.abs(best.start - start)) continue;
        best = { state: 'moved', start: at, end: at + hit[0].length };
      }
    }
  }
  return best ?? { state: 'gone', start, end };
}

/** A quote may carry what belongs before it and stands elsewhere, such as the header of a table. */
function standsAs(
  there: string,
  { start, end, quote }: { readonly start: number; readonly end: number; readonly quote: string },
): boolean {
  const flat = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
  // Less than was cited: the text ends before.
  if (there.length < end - start) return false;
  const text = flat(there);
  return text !== '' && flat(quote).endsWith(text);
}
