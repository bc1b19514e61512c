import { stat } from 'node:fs/promises';
import type { Clock } from '../core/ports.ts';
import type { DocumentSummary } from '../ipc/contract/index.ts';
import type { StoredDocument } from '../storage/repositories/documents.ts';

type FileState = DocumentSummary['fileState'];

/** How the files at the documents' paths compare with what was read: by size and time, without reading. */
export interface FileStates {
  of(document: StoredDocument): Promise<FileState>;
  /** Looks at many, a few at a time. */
  look(documents: readonly StoredDocument[]): Promise<void>;
  forget(documentId: string): void;
}

/** A list is asked for again at every change: files are looked at no more often than this. */
const freshMs = 3000;
const atOnce = 32;

export function createFileStates(clock: Clock): FileStates {
  const known = new Map<string, { at: number; read: number; path: string; state: FileState }>();

  const of = async (document: StoredDocument): Promise<FileState> => {
    if (document.sha256 === '') return 'unknown';
    const before = known.get(document.id);
    // Reading again changes what the file is compared with, moving it where it lies.
    const sameReading =
      before?.read === document.modifiedAt + document.bytes && before.path === document.path;
    // A look from the future, made before the clock was set back, is no fresh one.
    const age = clock.now() - (before?.at ?? -Infinity);
    if (before !== undefined && sameReading && age >= 0 && age < freshMs) return before.state;
    const state = await stat(document.path).then(
      (now): FileState =>
        now.isFile() &&
        now.size === document.bytes &&
        Math.trunc(now.mtimeMs) === document.modifiedAt
          ? 'same'
          : 'changed',
      (error: unknown): FileState => {
        const { code } = error as { code?: unknown };
        return code === 'ENOENT' || code === 'ENOTDIR' ? 'gone' : 'unknown';
      },
    );
    known.set(document.id, {
      at: clock.now(),
      read: document.modifiedAt + document.bytes,
      path: document.path,
      state,
    });
    return state;
  };

  return {
    of,
    async look(documents) {
      for (let at = 0; at < documents.length; at += atOnce) {
        await Promise.all(documents.slice(at, at + atOnce).map(of));
      }
    },
    forget: (documentId) => void known.delete(documentId),
  };
}
