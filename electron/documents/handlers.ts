import { stat } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import type { Announcer, Clock, Ids, TaskHandle, Tasks } from '../core/ports.ts';
import { AppError } from '../ipc/app-error.ts';
import type { DocumentSummary, DocumentView, SearchState } from '../ipc/contract/index.ts';
import type { HandlersOf } from '../ipc/handlers.ts';
import type { DocumentsRepository, StoredDocument } from '../storage/repositories/documents.ts';
import type { FileStates } from './file-states.ts';
import { explainFileError } from './ingest/fingerprint.ts';
import { formatOf } from './ingest/formats.ts';
import type { Ingest } from './ingest/ingest.ts';
import { clearInTurns } from './ingest/write.ts';
import type { Finder } from './retrieve/fused.ts';
import { createSearch } from './search.ts';
import type { Watch } from './watch/index.ts';
import type { ViewHandlers } from './view/index.ts';

export interface HandlerParts {
  readonly documents: DocumentsRepository;
  readonly ingest: Ingest;
  readonly retriever: Finder;
  /** What searches can use now. */
  readonly searchState: () => SearchState;
  readonly fileStates: FileStates;
  readonly announcer: Announcer;
  readonly tasks: Tasks;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly watch: Watch;
  readonly dropped: (documents: readonly StoredDocument[]) => Promise<void>;
}

/** Passages that are removed at once. */
const atOnce = 256;

/** Starts reading as a visible task and remembers it, so that removing the collection can stop it. */
export type StartIngest = (
  collectionId: string,
  subject: string,
  from: Parameters<Ingest['run']>[1] | ((handle: TaskHandle) => Promise<void>),
) => string;

export function createStartIngest(parts: Pick<HandlerParts, 'tasks' | 'ingest'>): {
  readonly start: StartIngest;
  /** Stops what reads into the collection. */
  stop(collectionId: string): void;
} {
  const running = new Map<string, Set<string>>();
  return {
    start(collectionId, subject, from) {
      const task = parts.tasks.start(
        { kind: 'ingest', subject, unit: 'files', targetId: collectionId },
        async (handle) => {
          try {
            if (typeof from === 'function') await from(handle);
            else await parts.ingest.run(collectionId, from, handle);
          } finally {
            running.get(collectionId)?.delete(handle.id);
          }
        },
      );
      running.set(collectionId, (running.get(collectionId) ?? new Set()).add(task.id));
      return task.id;
    },
    stop(collectionId) {
      for (const taskId of running.get(collectionId) ?? []) parts.tasks.cancel(taskId);
      running.delete(collectionId);
    },
  };
}

export function createHandlers(
  parts: HandlerParts,
  ingests: ReturnType<typeof createStartIngest>,
): Omit<HandlersOf<'documents'>, keyof ViewHandlers> {
  const { documents, announcer, fileStates, watch, dropped } = parts;

  const documentOf = (id: string): StoredDocument => {
    const found = documents.get(id);
    if (found === undefined)
      throw new AppError('not-found', 'no such document', { detail: { id } });
    return found;
  };
  const missingCollection = (id: string): AppError =>
    new AppError('not-found', 'no such collection', { detail: { id } });

  const summaryOf = async (document: StoredDocument): Promise<DocumentSummary> => {
    const { modifiedAt: _modifiedAt, ...summary } = document;
    return { ...summary, fileState: await fileStates.of(document) };
  };

  const emptyLarge = async (removed: readonly StoredDocument[]): Promise<void> => {
    let small = 0;
    for (const { id, passages } of removed) {
      if (small + passages <= atOnce) {
        small += passages;
        continue;
      }
      // A crash on the way leaves it to be read again, not half.
      documents.setState(id, 'reading', null);
      await clearInTurns(documents, id);
    }
  };

  /** Two collections of one name could not be told apart in a list: the later one is numbered. */
  const unusedName = (wanted: string): string => {
    const names = new Set(documents.collections().map(({ name }) => name));
    let name = wanted;
    for (let number = 2; names.has(name); number += 1) name = `${wanted} ${number}`;
    return name;
  };

  /** Where paths without a named collection go: where the same paths went before, or a new one. */
  const collectionFor = (paths: readonly string[], folder: string | null): string => {
    const known =
      folder === null ? documents.collectionOfFiles(paths) : documents.collectionOfFolder(folder);
    if (known !== undefined) return known.id;
    const id = parts.ids.next();
    const first = paths[0] ?? '';
    const called = basename(folder ?? (paths.length === 1 ? first : dirname(first)));
    documents.addCollection({
      id,
      name: unusedName(called === '' ? 'Documents' : called),
      folder,
      at: parts.clock.now(),
    });
    return id;
  };

  const search = createSearch(parts.retriever);

  return {
    ...watch.handlers,

    'documents.collections': () => documents.collections(),

    'documents.list': async ({ collectionId }) => {
      if (collectionId !== undefined && documents.collection(collectionId) === undefined) {
        throw missingCollection(collectionId);
      }
      const found = documents.list(collectionId);
      await fileStates.look(found);
      return Promise.all(found.map(summaryOf));
    },

    'documents.add': async ({ paths: given, collectionId }) => {
      if (given.length === 0) throw new AppError('invalid-argument', 'no path');
      const paths = [...new Set(given.map((path) => resolve(path)))];
      const kinds = await Promise.all(paths.map(kindOf));
      if (collectionId !== undefined && documents.collection(collectionId) === undefined) {
        throw missingCollection(collectionId);
      }
      const leftOut = paths.filter((path, at) => kinds[at] === 'file' && formatOf(path) === null);
      const read = paths.filter((path) => !leftOut.includes(path));
      if (read.length === 0) {
        throw new AppError('document-unsupported', 'Quarry does not read this kind of file', {
          detail: { file: basename(paths[0] ?? ''), extension: extname(paths[0] ?? '') },
        });
      }
      const only = paths.length === 1 && kinds[0] === 'folder' ? (paths[0] ?? null) : null;
      const target = collectionId ?? collectionFor(read, only);
      const subject =
        read.length === 1 ? basename(read[0] ?? '') : (documents.collection(target)?.name ?? '');
      const followed = only !== null && documents.collection(target)?.folder === only;
      const taskId = followed
        ? watch.add(target, subject)
        : ingests.start(target, subject, { paths: read });
      announcer.push('documents.changed', { collectionId: target });
      return { collectionId: target, taskId, leftOut: leftOut.map((path) => basename(path)) };
    },

    'documents.remove': async ({ documentId }) => {
      const document = documentOf(documentId);
      watch.excluded(document);
      await emptyLarge([document]);
      documents.remove(documentId);
      await dropped([document]);
      announcer.push('documents.changed', { collectionId: document.collectionId });
      return null;
    },

    'documents.removeCollection': async ({ collectionId }) => {
      if (documents.collection(collectionId) === undefined) throw missingCollection(collectionId);
      ingests.stop(collectionId);
      watch.forget(collectionId);
      const removed = documents.list(collectionId);
      await emptyLarge(removed);
      documents.removeCollection(collectionId);
      await dropped(removed);
      announcer.push('documents.changed', { collectionId });
      return null;
    },

    'documents.renameCollection': ({ collectionId, name }) => {
      const trimmed = name.trim();
      if (trimmed === '') throw new AppError('invalid-argument', 'the name is empty');
      if (!documents.renameCollection(collectionId, trimmed)) throw missingCollection(collectionId);
      announcer.push('documents.changed', { collectionId });
      return null;
    },

    'documents.search': (request) => search.hits(request),

    'documents.searchReading': (request) => search.reading(request),

    'documents.searchState': () => parts.searchState(),

    'documents.view': async ({ documentId }): Promise<DocumentView> => {
      const document = documentOf(documentId);
      return {
        document: await summaryOf(document),
        hasImage: document.format === 'pdf' && document.pages > 0,
        pageStarts: documents.pageStarts(documentId),
        citedIn: documents.citedIn(documentId),
      };
    },

    'documents.page': ({ documentId, page }) => {
      const found = documents.page(documentId, page);
      if (found === undefined) {
        throw new AppError('not-found', 'no such page', { detail: { id: documentId, page } });
      }
      return found;
    },
  };
}

async function kindOf(path: string): Promise<'file' | 'folder'> {
  const facts = await stat(path).catch((error: unknown) => {
    const explained = explainFileError(error);
    if (explained instanceof AppError) {
      throw new AppError(explained.code, explained.message, {
        detail: { file: basename(path), extension: extname(path) },
      });
    }
    throw explained;
  });
  return facts.isDirectory() ? 'folder' : 'file';
}
