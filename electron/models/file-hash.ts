import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { AppError } from '../ipc/app-error.ts';

const chunkBytes = 1024 * 1024;

export interface HashRun {
  readonly signal?: AbortSignal;
  readonly onBytes?: (done: number) => void;
  /** Called between chunks; may wait so that answers go first. */
  readonly pause?: () => Promise<void>;
  /** Also writes the bytes here: one pass reads, copies and hashes. */
  readonly copyTo?: FileHandle;
}

/**
 * sha256 of a file as 64 hex digits, read in pieces of 1 MiB. Between two pieces every other job of
 * the process gets its turn. Throws 'model-missing', 'cancelled', 'permission-denied', 'disk-full'.
 */
export async function hashFile(path: string, run: HashRun = {}): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(chunkBytes);
  const handle = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new AppError('model-missing', 'no such file');
    throw error;
  });
  try {
    for (let done = 0; ;) {
      if (run.signal?.aborted) throw new AppError('cancelled', 'cancelled');
      const { bytesRead } = await handle.read(buffer, 0, chunkBytes, done);
      if (bytesRead === 0) return hash.digest('hex');
      const piece = buffer.subarray(0, bytesRead);
      hash.update(piece);
      if (run.copyTo !== undefined) await writeAll(run.copyTo, piece);
      done += bytesRead;
      run.onBytes?.(done);
      await setImmediate();
      await run.pause?.();
    }
  } finally {
    await handle.close();
  }
}

async function writeAll(target: FileHandle, piece: Uint8Array): Promise<void> {
  for (let written = 0; written < piece.length;) {
    written += (await target.write(piece, written, piece.length - written)).bytesWritten;
  }
}

/** The same for every way that leads to one file; a text of its own for what is not there. */
export async function fileIdentity(path: string): Promise<string> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  // Some network drives give every file the number 0.
  return found === null || found.ino === 0n ? path : `${found.dev}:${found.ino}`;
}
