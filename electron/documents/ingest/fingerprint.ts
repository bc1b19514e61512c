import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../ipc/app-error.ts';
import type { DocumentFormat } from '../../ipc/contract/index.ts';

/** What a file was when it was read. `modifiedAt` in whole milliseconds since 1970 UTC. */
export interface Fingerprint {
  readonly sha256: string;
  readonly bytes: number;
  readonly modifiedAt: number;
}

/** Hashes a file as a stream. Throws 'document-missing', 'permission-denied', 'cancelled'. */
export async function fingerprint(path: string, signal: AbortSignal): Promise<Fingerprint> {
  return withFileErrors(async () => {
    const { mtimeMs } = await stat(path);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const part of createReadStream(path, { highWaterMark: 1 << 18, signal })) {
      hash.update(part as Buffer);
      bytes += (part as Buffer).length;
    }
    return { sha256: hash.digest('hex'), bytes, modifiedAt: Math.trunc(mtimeMs) };
  });
}

/**
 * Kept copies of documents, named by content: what the viewer shows is exactly what was read, also
 * when the file has changed or is gone. A crash leaves either no copy or a whole one.
 */
export interface Copies {
  pathOf(sha256: string, format: DocumentFormat): string;
  has(sha256: string, format: DocumentFormat): Promise<boolean>;
  /** Copies the file, hashes the very bytes that are copied, and holds the copy until `release`. */
  keep(path: string, format: DocumentFormat, signal: AbortSignal): Promise<Fingerprint>;
  /** The reading that `keep` began is over: a document uses the copy now, or nothing does. */
  release(sha256: string, format: DocumentFormat): void;
  /** Deletes a copy, unless one that is being read holds it: no document may name that content yet. */
  drop(sha256: string, format: DocumentFormat): Promise<void>;
}

export function createCopies(dataFolder: string, nextId: () => string): Copies {
  const folder = join(dataFolder, 'documents');
  const pathOf = (sha256: string, format: DocumentFormat): string =>
    join(folder, `${sha256}.${format}`);
  const held = new Map<string, number>();
  const dropping = new Map<string, Promise<void>>();
  const release: Copies['release'] = (sha256, format) => {
    const copy = pathOf(sha256, format);
    const left = (held.get(copy) ?? 0) - 1;
    if (left > 0) held.set(copy, left);
    else held.delete(copy);
  };
  return {
    pathOf,
    has: (sha256, format) =>
      stat(pathOf(sha256, format)).then(
        (found) => found.isFile(),
        () => false,
      ),
    async keep(path, format, signal) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const temporary = join(folder, `.${nextId()}.part`);
      try {
        const made = await withFileErrors(async () => {
          const { mtimeMs } = await stat(path);
          const hash = createHash('sha256');
          let bytes = 0;
          const target = await open(temporary, 'wx', 0o600);
          try {
            for await (const part of createReadStream(path, { highWaterMark: 1 << 18, signal })) {
              hash.update(part as Buffer);
              bytes += (part as Buffer).length;
              await target.writeFile(part as Buffer);
            }
            await target.sync();
          } finally {
            await target.close();
          }
          return { sha256: hash.digest('hex'), bytes, modifiedAt: Math.trunc(mtimeMs) };
        });
        const copy = pathOf(made.sha256, format);
        // A deletion under way could otherwise come after the rename and take the new copy.
        while (dropping.has(copy)) await dropping.get(copy);
        held.set(copy, (held.get(copy) ?? 0) + 1);
        await rename(temporary, copy).catch((error: unknown) => {
          release(made.sha256, format);
          throw error;
        });
        return made;
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    release,
    async drop(sha256, format) {
      const copy = pathOf(sha256, format);
      if (held.has(copy)) return;
      const gone = rm(copy, { force: true }).finally(() => dropping.delete(copy));
      dropping.set(copy, gone);
      await gone;
    },
  };
}

async function withFileErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw explainFileError(error);
  }
}

/** Errors of the file system as codes of the contract; others pass unchanged. */
export function explainFileError(error: unknown): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR') {
    return new AppError('document-missing', 'the file is not there', { cause: error });
  }
  if (code === 'EIO' || code === 'EBUSY' || code === 'ELOOP' || code === 'ENAMETOOLONG') {
    return new AppError('document-unreadable', `the file cannot be read (${code})`, {
      cause: error,
    });
  }
  return error;
}
