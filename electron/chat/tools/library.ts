import type { Finder } from '../../documents/retrieve/fused.ts';
import type { DocumentScope, Source } from '../../ipc/contract/index.ts';
import { isWithin } from '../../storage/repositories/scope.ts';
import { documentsRepository } from '../../storage/repositories/documents.ts';
import type { StoredDocument } from '../../storage/repositories/documents.ts';
import type { Writer } from '../../storage/sql.ts';
import { shapeFor, sourcesFrom } from '../passages.ts';

export interface LibraryPorts {
  readonly db: Writer;
  readonly retriever: Pick<Finder, 'find'>;
}

/** What a tool gives back: words for the model, and passages that an answer may then cite. */
export interface ToolResult {
  readonly text: string;
  readonly sources?: readonly Source[];
}

/** Why a tool gave nothing; the words go to the model. */
export class ToolError extends Error {}

/** Longest list of names in an error. */
const namesShown = 12;

/**
 * The best passages for a query, each behind the number that a citation has. Passages that stand in
 * the prompt already keep their number.
 */
export async function searchDocuments(
  { retriever }: LibraryPorts,
  query: string,
  options: {
    readonly scope: DocumentScope;
    readonly limit: number;
    readonly known: readonly Source[];
    readonly signal: AbortSignal;
  },
): Promise<ToolResult> {
  const { scope, limit, known, signal } = options;
  const hits =
    scope.kind === 'none'
      ? []
      : (await retriever.find(query, { scope, limit: 12 }, signal)).passages;
  const found = sourcesFrom(hits, shapeFor(limit)).slice(0, limit <= 2048 ? 2 : 5);
  if (found.length === 0) return { text: 'Nothing was found.' };
  let next = Math.max(0, ...known.map(({ number }) => number));
  const added: Source[] = [];
  const lines = found.map((source) => {
    const same = known.find(({ passageId }) => passageId === source.passageId);
    if (!same) added.push({ ...source, number: (next += 1), byTool: true });
    return passageLines(same ?? (added.at(-1) as Source));
  });
  return { text: lines.join('\n\n'), sources: added };
}

function passageLines({ number, documentName, page, heading, text }: Source): string {
  const place = [
    documentName,
    ...(page === null ? [] : [`page ${page}`]),
    ...(heading ? [heading] : []),
  ];
  return `[${number}] ${place.join(', ')}\n${text}`;
}

/**
 * The text of some pages of a document within the scope, at most so many characters. Throws ToolError
 * where there is no such document or page; nothing outside the scope is ever named.
 */
export function readDocument(
  { db }: LibraryPorts,
  wanted: { document: string; page?: number | undefined; last_page?: number | undefined },
  options: { scope: DocumentScope; characters: number },
): ToolResult {
  const documents = documentsRepository(db);
  const { scope } = options;
  const list =
    scope.kind === 'none'
      ? []
      : documents
          .list(scope.kind === 'collection' ? scope.collectionId : undefined)
          .filter((one) => one.state === 'ready' && isWithin(scope, one));
  const document = findDocument(list, wanted.document);
  const first = wanted.page ?? 1;
  const last = Math.max(first, wanted.last_page ?? wanted.page ?? document.pages);
  if (first > document.pages) {
    throw new ToolError(`"${document.name}" has ${document.pages} pages.`);
  }
  let text = '';
  let page = first;
  for (; page <= Math.min(last, document.pages) && text.length < options.characters; page += 1) {
    const found = documents.page(document.id, page);
    if (found) text += `${text === '' ? '' : '\n\n'}${found.text.trim()}`;
  }
  const isCut = text.length > options.characters || page <= Math.min(last, document.pages);
  const shown = text.slice(0, options.characters);
  const pages = `page ${first}${page - 1 > first ? ` to ${page - 1}` : ''} of ${document.pages}`;
  return { text: `${document.name}, ${pages}${isCut ? ', cut' : ''}\n${shown}` };
}

function findDocument(list: readonly StoredDocument[], wanted: string): StoredDocument {
  const name = wanted.trim().toLowerCase();
  const exact = list.filter((one) => one.name.toLowerCase() === name);
  const similar = list.filter((one) => name !== '' && one.name.toLowerCase().includes(name));
  const [found, second] = exact.length > 0 ? exact : similar;
  if (found !== undefined && (second === undefined || exact.length > 0)) return found;
  if (list.length === 0) throw new ToolError('This conversation has no documents.');
  const names = list.slice(0, namesShown).map((one) => `"${one.name}"`);
  const more = list.length > namesShown ? ` and ${list.length - namesShown} more` : '';
  const problem = found ? 'Several documents have such a name.' : 'There is no such document.';
  throw new ToolError(`${problem} Documents: ${names.join(', ')}${more}.`);
}
