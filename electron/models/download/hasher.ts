import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { OpenFile } from './ports.ts';

const window = 1024 * 1024;

/** sha256 of a file while it is written, in whatever order its parts come. */
export interface Hasher {
  /** Bytes that were just handed to the disk. Hashed from memory when they are the next ones. */
  saw(pieces: readonly Uint8Array[], position: number): void;
  /** Bytes below `prefix` are all in the file: what was not seen in order is read back. */
  advance(prefix: number): void;
  /** Hex digest of the first `size` bytes, which must all be in the file. */
  finish(size: number): Promise<string>;
  /** Stops reading back. */
  close(): Promise<void>;
}

/**
 * Node's hash cannot be saved and continued, so after a restart the part that is on disk is read
 * again once, beside the download; in one sitting only parts that came out of order are.
 */
export function createHasher(file: OpenFile): Hasher {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(window);
  let hashed = 0;
  let known = 0;
  let closed = false;
  let reading: Promise<void> | null = null;

  const readBack = async (): Promise<void> => {
    while (hashed < known && !closed) {
      const got = await file.read(buffer.subarray(0, Math.min(window, known - hashed)), hashed);
      if (got === 0) throw new Error('the file is shorter than what was written');
      hash.update(buffer.subarray(0, got));
      hashed += got;
      await setImmediate();
    }
  };
  const catchUp = (): Promise<void> => {
    reading ??= readBack().finally(() => {
      reading = null;
    });
    return reading;
  };
  return {
    saw(pieces, position) {
      if (reading !== null || position !== hashed) return;
      for (const piece of pieces) {
        hash.update(piece);
        hashed += piece.length;
      }
    },
    advance(prefix) {
      known = Math.max(known, prefix);
      // A fault in reading shows in finish().
      if (hashed < known && !closed) catchUp().catch(() => {});
    },
    async finish(size) {
      known = size;
      while (hashed < size) {
        if (closed) throw new Error('closed');
        await catchUp();
      }
      return hash.copy().digest('hex');
    },
    async close() {
      closed = true;
      await reading?.catch(() => {});
    },
  };
}

/** sha256 of the first `size` bytes of a file. Throws when the signal fires before the end. */
export async function hashAll(file: OpenFile, size: number, signal: AbortSignal): Promise<string> {
  const hasher = createHasher(file);
  const stop = (): void => void hasher.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    return await hasher.finish(size);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
