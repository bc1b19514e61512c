import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DocumentsRepository, StoredDocument } from '../../storage/repositories/documents.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Passage } from '../index/chunk.ts';
import type { ParsedPage } from './parser.ts';
import type { ParsedDocument } from './reader.ts';

/** Passages written before others get their turn: some 15 ms of full-text work. */
export const passagesPerTurn = 128;
/** A new document that is larger goes to the database while it is read, and is never in memory as a whole. */
const keptPassages = 256;
const keptPages = 128;
/** As much is kept of one that waits for those before it. */
const aheadPassages = 512;
const aheadPages = 256;

/** Pages of the index that are merged in one turn, and turns of it after a part: more than a part gives cause for. */
const pagesPerMerge = 48;
const mostMerges = 4;
/**
 * What a small file counts at least. One of a single passage changes a tenth of the pages of the database that a full
 * part does, a PDF of 8 pages a third.
 */
const leastPart = 1 / 3;

/** Takes what the parser gives and makes it the document's content. */
export interface ContentWriter {
  take(parcel: ParsedDocument): Promise<void>;
  /** False if the document is gone. */
  finish(file: Fingerprint): Promise<boolean>;
  /** Takes back what was written of a document that was never whole. */
  undo(): Promise<void>;
}

/**
 * A document that was there before changes when all of the new text is known, and only where it differs; a
 * small one in one transaction. A new one that is large comes in parts with turns for others between;
 * until the last part it does not count as read, and after a crash it is read again.
 *
 * @param turn nothing is written before; rows then come in the documents' order, however fast each is parsed
 */
export function createContentWriter(
  documents: DocumentsRepository,
  { id, passages: before }: StoredDocument,
  turn: Promise<void>,
): ContentWriter {
  const pages: ParsedPage[] = [];
  const passages: Passage[] = [];
  let waits = true;
  void turn.then(() => (waits = false));
  let streaming = false;
  let gone = false;
  let written = 0;

  const append = async (parcel: ParsedDocument): Promise<void> => {
    const { length } = parcel.passages;
    for (let at = 0; at === 0 || at < length; at += passagesPerTurn) {
      const part = parcel.passages.slice(at, at + passagesPerTurn);
      const added = at === 0 ? parcel.pages : [];
      gone = !documents.appendContent(id, written + 1, added, part);
      if (gone) return;
      if (at === 0) written += parcel.pages.length;
      await mergeInTurns(documents, part.length);
    }
  };

  return {
    async take(parcel) {
      if (gone) return;
      if (streaming) {
        await append(parcel);
        return;
      }
      pages.push(...parcel.pages);
      passages.push(...parcel.passages);
      if (before > 0) return;
      const [mostPages, mostPassages] = waits
        ? [aheadPages, aheadPassages]
        : [keptPages, keptPassages];
      if (pages.length <= mostPages && passages.length <= mostPassages) return;
      await turn;
      streaming = true;
      await clearInTurns(documents, id);
      await append({ pages: pages.splice(0), passages: passages.splice(0) });
    },
    async finish(file) {
      if (gone) return false;
      await turn;
      if (streaming) return documents.finishContent(id, file);
      const steps = documents.replaceInTurns(id, { file, pages, passages }, passagesPerTurn);
      for (;;) {
        const step = steps.next();
        await mergeInTurns(documents, Math.min(passages.length, passagesPerTurn));
        if (step.done === true) return step.value !== null;
      }
    },
    async undo() {
      if (streaming && !gone) await clearInTurns(documents, id);
    },
  };
}

/** After so many passages that were written: others have their turn, and the log its. */
async function giveWay(documents: DocumentsRepository, passages: number): Promise<void> {
  await nextTurn();
  await documents.written(Math.max(leastPart, passages / passagesPerTurn));
}

/** The same, and what was written is merged with what was before, in turns of its own. */
async function mergeInTurns(documents: DocumentsRepository, passages: number): Promise<void> {
  await giveWay(documents, passages);
  for (let merges = 0; merges < mostMerges && documents.mergeSome(pagesPerMerge); merges += 1) {
    await nextTurn();
  }
}

/** Empties a document with turns for others between; from the beginning on it does not count as read. */
export async function clearInTurns(documents: DocumentsRepository, id: string): Promise<void> {
  while (documents.clearSome(id, passagesPerTurn)) await giveWay(documents, passagesPerTurn);
}
