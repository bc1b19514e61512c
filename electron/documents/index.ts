import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Announcer, Clock, Ids, Log, Tasks } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import { documentFormats } from '../ipc/contract/index.ts';
import type { DocumentFormat } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import { documentsRepository } from '../storage/repositories/documents.ts';
import type { StoredDocument } from '../storage/repositories/documents.ts';
import type { Writer } from '../storage/sql.ts';
import { createFileStates } from './file-states.ts';
import { createHandlers, createStartIngest } from './handlers.ts';
import { createCopies } from './ingest/fingerprint.ts';
import type { EmbedderProvider } from '../engine/embedder-port.ts';
import { mimeOf } from './ingest/formats.ts';
import { createMerging } from './index/merging.ts';
import { createIngest } from './ingest/ingest.ts';
import type { OcrFacts } from './ingest/extract/ocr.ts';
import { ocrFacts } from './ingest/tesseract.ts';
import type { OcrChoice } from './ingest/tesseract.ts';
import { createReader } from './ingest/reader.ts';
import type { Reader } from './ingest/reader.ts';
import { createFinder } from './retrieve/fused.ts';
import type { Finder } from './retrieve/fused.ts';
import { withOrigins } from './retrieve/origins.ts';
import { createRetriever } from './retrieve/index.ts';
import { createReindex } from './retrieve/reindex.ts';
import { createWarming } from './retrieve/warm.ts';
import { createViewHandlers, documentPlace } from './view/index.ts';
import { createVectors } from './vectors/index.ts';
import type { TextSimilarity } from './vectors/index.ts';
import type { MakingTiming } from './vectors/making.ts';
import { createWatch } from './watch/index.ts';
import type { WatchOptions } from './watch/index.ts';

export interface DocumentsPorts {
  readonly db: Writer;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  readonly announcer: Announcer;
  readonly tasks: Tasks;
  /** Copies of what was read go to `documents/` below it. */
  readonly dataFolder: string;
  /** Whether pictures of text are recognised, and in which languages; without it they are not. */
  readonly ocr?: () => OcrChoice;
  /** Another parser thread than the program's own: tests. Closed with the feature. */
  readonly reader?: Reader;
  /** Whether and how folders are kept in step; without it only when a person asks. */
  readonly watch?: WatchOptions;
  /** An answer is being read or written: documents wait. */
  readonly isBusy?: () => boolean;
  /** Gives passages their vectors; null or left out: they are found by words alone. */
  readonly embedder?: EmbedderProvider | null;
  /** When vectors are made: tests. */
  readonly vectorTiming?: Partial<MakingTiming>;
}

export interface Documents {
  readonly handlers: HandlersOf<'documents'>;
  readonly retriever: Finder;
  /** How alike texts are in meaning; null while nothing can be told. */
  readonly similarity: () => TextSimilarity | null;
  /** The kept copy, for the viewer. Throws 'not-found' where nothing was read. */
  file(documentId: string): { readonly path: string; readonly mime: string };
  /** Where the file lies that was read. Throws 'document-missing' where it is gone. */
  place(documentId: string): Promise<{ readonly path: string }>;
  /**
   * Once after the start: goes on with documents that a crash or a quit left unread (one task per
   * collection) and deletes copies that no document uses.
   */
  recover(): void;
  /** Ends reading; what is unread is read after the next start. To be called before the tasks are closed. */
  close(): Promise<void>;
}

export function createDocuments(ports: DocumentsPorts): Documents {
  const { db, clock, ids, log, tasks, dataFolder } = ports;
  /** Vectors follow whatever documents announce. */
  let wake = (): void => {};
  const announcer: Announcer = {
    push(name, data) {
      ports.announcer.push(name, data);
      if (name === 'documents.changed' || name === 'documents.watch') wake();
    },
  };
  const documents = documentsRepository(db);
  const copies = createCopies(dataFolder, () => ids.next());
  const reader = ports.reader ?? createReader();
  const off: OcrChoice = { ocr: false, ocrLanguages: '' };
  const ocr = (): Promise<OcrFacts | null> =>
    ocrFacts(ports.ocr?.() ?? off, process.env['PATH'] ?? '');
  const ingest = createIngest({ documents, copies, reader, announcer, clock, ids, log, ocr });
  const isReading = (): boolean =>
    tasks.list().some(({ kind, state }) => kind === 'ingest' && state === 'running');
  /** Somebody waits for an answer, or documents are read: what has time waits. */
  const isBusy = (): boolean => ports.isBusy?.() === true || isReading();
  const { embedder = null } = ports;
  const vectors =
    embedder === null
      ? null
      : createVectors({
          ...{ db, log, announcer: ports.announcer, provider: embedder },
          isBusy,
          ...(ports.vectorTiming && { timing: ports.vectorTiming }),
        });
  const merging = createMerging({ db, log, isBusy });
  wake = () => {
    vectors?.wake();
    merging.wake();
  };
  const byWords = createRetriever(db);
  const retriever = withOrigins(db, createFinder(byWords, vectors?.search ?? null));
  const warming = createWarming(db, byWords, isBusy);
  const reindex = createReindex({ db, log, announcer });
  const ingests = createStartIngest({ tasks, ingest });
  const fileStates = createFileStates(clock);
  const dropped = async (removed: readonly StoredDocument[]): Promise<void> => {
    for (const { id, sha256, format } of removed) {
      fileStates.forget(id);
      if (sha256 !== '' && !documents.usesContent(sha256, format))
        await copies.drop(sha256, format);
    }
  };
  const watch = createWatch({
    ...{ db, documents, ingest, clock, ids, log, announcer, dropped },
    start: ingests.start,
    isBusy: ports.isBusy ?? (() => false),
    readsPictures: async () => (await ocr()) !== null,
    options: ports.watch ?? { follow: false },
  });

  /** Copies of which no document was made: the process ended between the two. */
  const sweep = async (): Promise<void> => {
    const folder = join(dataFolder, 'documents');
    const names = await readdir(folder).catch(() => []);
    for (const name of names) {
      const copy = /^([0-9a-f]{64})\.(\w+)$/.exec(name);
      const used =
        copy !== null &&
        (documentFormats as readonly string[]).includes(copy[2] ?? '') &&
        documents.usesContent(copy[1] ?? '', copy[2] as DocumentFormat);
      if (!used) await rm(join(folder, name), { force: true });
    }
  };

  return {
    handlers: {
      ...createHandlers(
        {
          ...{ documents, ingest, retriever, fileStates, announcer, tasks, clock, ids },
          ...{ watch, dropped, searchState: () => ({ ...reindex.state(), ...vectors?.state() }) },
        },
        ingests,
      ),
      ...createViewHandlers({ db, documents }),
    },
    retriever,
    similarity: vectors?.similarity ?? (() => null),

    file(documentId) {
      const document = documents.get(documentId);
      if (document === undefined || document.sha256 === '') {
        throw new AppError('not-found', 'no such document', { detail: { id: documentId } });
      }
      return {
        path: copies.pathOf(document.sha256, document.format),
        mime: mimeOf(document.format),
      };
    },

    place: (documentId) => documentPlace(documents, documentId),

    recover() {
      reindex.start();
      warming.start();
      vectors?.start();
      merging.wake();
      ingest.before(sweep);
      const left = new Map<string, StoredDocument[]>();
      const followed = watch.recover();
      for (const document of documents.unfinished()) {
        if (followed.has(document.collectionId)) continue;
        left.set(document.collectionId, [...(left.get(document.collectionId) ?? []), document]);
      }
      for (const [collectionId, unread] of left) {
        const name = documents.collection(collectionId)?.name ?? '';
        log.info('documents.recover', { documents: unread.length });
        ingests.start(collectionId, name, { left: unread });
      }
    },

    async close() {
      await watch.close();
      reindex.close();
      warming.close();
      merging.close();
      await vectors?.close();
      await ingest.close();
      await reader.close();
    },
  };
}
