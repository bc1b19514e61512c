import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { FrameSeal } from './seal.ts';
import { readFully, ShortRead } from './seq-file.ts';
import type { Sink } from './seq-file.ts';

/**
 * A part of a data file, in frames that are proved one by one: whoever needs a few rows reads only the
 * frames that hold them. A frame is also the most that is worked on between two turns of the event loop.
 * Nothing is compressed: `npm run bench states` shows what zstd would leave of the miniature's states
 * (nine tenths and more, whatever the KV type) and how slowly; random weights would show nothing.
 */
export const frameBytes = 1 << 20;

/** Parts of a state; the first two stand in one file. */
export const partOf = { tokens: 0, rows: 1, tail: 2 } as const;

/** Bytes that are not those that were kept. */
export class Damaged extends Error {}

export function frameCount(length: number): number {
  return Math.ceil(length / frameBytes);
}

export interface PartWriter extends Sink {
  /** @returns the proofs of all frames. */
  end(): Promise<Buffer>;
}

/** @param pause Awaited before every frame: lets what is more urgent go first. */
export function createPartWriter(
  file: FileHandle,
  start: number,
  seal: FrameSeal,
  part: number,
  pause: () => Promise<void>,
): PartWriter {
  const frame = Buffer.allocUnsafe(frameBytes);
  const proofs: Buffer[] = [];
  let filled = 0;
  let at = start;
  const flush = async (): Promise<void> => {
    await pause();
    const { stored, proof } = seal.seal(part, proofs.length, frame.subarray(0, filled));
    await writeFully(file, stored, at);
    proofs.push(proof);
    at += filled;
    filled = 0;
  };
  return {
    async write(bytes) {
      for (let done = 0; done < bytes.length;) {
        const copied = bytes.copy(frame, filled, done);
        filled += copied;
        done += copied;
        if (filled === frameBytes) await flush();
      }
    },
    async end() {
      if (filled > 0) await flush();
      return Buffer.concat(proofs);
    },
  };
}

export interface PartReader {
  /** Writes the bytes of a range into the sink, each checked before. Throws `Damaged`. */
  copy(from: number, to: number, out: Sink): Promise<void>;
}

export function createPartReader(
  file: FileHandle,
  start: number,
  length: number,
  seal: FrameSeal,
  part: number,
  proofs: Buffer,
): PartReader {
  const proofBytes = proofs.length / frameCount(length);
  let index = -1;
  let frame: Buffer = Buffer.alloc(0);
  // The next frame is read while one is checked and copied: somebody waits for the whole.
  let ahead: { readonly index: number; readonly bytes: Promise<Buffer> } | null = null;
  const buffers = [0, 1].map(() => Buffer.allocUnsafeSlow(Math.min(frameBytes, length)));
  const read = (wanted: number): Promise<Buffer> => {
    const size = Math.min(frameBytes, length - wanted * frameBytes);
    const stored = (buffers[wanted % 2] as Buffer).subarray(0, size);
    const bytes = readFully(file, stored, start + wanted * frameBytes).then(
      () => stored,
      (error: unknown) => {
        throw error instanceof ShortRead ? new Damaged('a file is cut off') : error;
      },
    );
    // Awaited when it is wanted; if that never comes, its failure is nobody's.
    bytes.catch(() => {});
    return bytes;
  };
  const load = async (wanted: number): Promise<void> => {
    if (index === wanted) return;
    // Two reads never share a buffer.
    if (ahead !== null && ahead.index !== wanted) await ahead.bytes.catch(() => {});
    const stored = await (ahead?.index === wanted ? ahead.bytes : read(wanted));
    const next = wanted + 1;
    ahead = next < frameCount(length) ? { index: next, bytes: read(next) } : null;
    const proof = proofs.subarray(wanted * proofBytes, (wanted + 1) * proofBytes);
    const bytes = seal.open(part, wanted, stored, proof);
    if (bytes === null) throw new Damaged('a frame is not as it was written');
    frame = bytes;
    index = wanted;
  };
  return {
    async copy(from, to, out) {
      if (from < 0 || to > length) throw new Damaged('a file is too short for its rows');
      for (let at = from; at < to;) {
        await load(Math.floor(at / frameBytes));
        const begin = at - index * frameBytes;
        const bytes = frame.subarray(begin, Math.min(frame.length, begin + to - at));
        await out.write(bytes);
        at += bytes.length;
      }
    },
  };
}

/** Opens a regular file of exactly that size for reading: no link, no folder, no pipe. Throws `Damaged`. */
export async function openSized(path: string, size: number): Promise<FileHandle> {
  const found = await lstat(path).catch(() => null);
  if (found === null || !found.isFile() || found.size !== size) {
    throw new Damaged('a file is missing or of another size');
  }
  const file = await open(path, readOnly).catch((error: NodeJS.ErrnoException) => {
    // Too many open files, for one, say nothing about this one.
    const isOther = error.code === 'ENOENT' || error.code === 'ELOOP';
    throw isOther ? new Damaged('a file is missing') : error;
  });
  try {
    const opened = await file.stat();
    if (!opened.isFile() || opened.size !== size) throw new Damaged('a file changed its size');
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

// Windows has neither of the two.
const { O_NOFOLLOW, O_NONBLOCK } = constants as Partial<typeof constants>;
const readOnly = constants.O_RDONLY | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);

export async function writeFully(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
    done += bytesWritten;
  }
}

/**
 * Collects small writes into large ones, from the beginning of the file. One block is written while the
 * next is filled: whoever fills it checks what he writes, and somebody waits for the whole.
 */
export function createFileSink(file: FileHandle): Sink & { end(): Promise<number> } {
  let block = Buffer.allocUnsafeSlow(frameBytes);
  let other = Buffer.allocUnsafeSlow(frameBytes);
  let filled = 0;
  let at = 0;
  let writing: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    await writing;
    writing = writeFully(file, block.subarray(0, filled), at);
    // Awaited before the next; until then a failure must not count as unhandled.
    writing.catch(() => {});
    at += filled;
    filled = 0;
    [block, other] = [other, block];
  };
  return {
    async write(bytes) {
      for (let done = 0; done < bytes.length;) {
        const copied = bytes.copy(block, filled, done);
        filled += copied;
        done += copied;
        if (filled === frameBytes) await flush();
      }
    },
    async end() {
      if (filled > 0) await flush();
      await writing;
      return at;
    },
  };
}
