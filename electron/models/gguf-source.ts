import { AppError } from '../ipc/app-error.ts';
import type { ErrorDetail } from '../ipc/contract/index.ts';

/** Reads up to `length` bytes at `position` into `target`; returns how many, 0 at the end of the file. */
export type ReadAt = (target: Uint8Array, length: number, position: number) => Promise<number>;

const chunkBytes = 256 * 1024;

/**
 * A window of at most 256 KiB that moves forward over a file. Memory use does not depend on what the
 * file claims about itself. `take` is synchronous while the bytes are in the window, so that walking
 * a vocabulary of a hundred thousand words does not cost a hundred thousand promises.
 */
export interface ByteCursor {
  /** Offset of the next byte in the file. */
  readonly position: number;
  readonly fileBytes: number;
  /** Makes the next `count` bytes (at most 256 KiB) available to `take`. */
  need(count: number): Promise<void>;
  /** Bytes in the window that `take` can give without `need`. */
  ready(): number;
  u8(): number;
  u16(): number;
  u32(): number;
  /** Throws 'model-not-gguf' above 2^53 - 1: no count or offset of a real file is that large. */
  u64(what: string): number;
  view(count: number): DataView;
  /** Decodes a string that may be longer than the window; the caller has limited its length. */
  text(bytes: number): Promise<string>;
  skip(bytes: number): void;
}

export function createCursor(
  readAt: ReadAt,
  fileBytes: number,
  limits: { readonly headerBytes: number; readonly facts: ErrorDetail },
): ByteCursor {
  const buffer = new Uint8Array(chunkBytes);
  const data = new DataView(buffer.buffer);
  let windowStart = 0;
  let filled = 0;
  let at = 0;

  const position = (): number => windowStart + at;
  const claim = (count: number): void => {
    const end = position() + count;
    if (end > fileBytes) {
      throw new AppError('model-truncated', 'the file ends inside its header', {
        detail: { ...limits.facts, bytes: fileBytes },
      });
    }
    if (end > limits.headerBytes) {
      throw notGguf('the header is larger than any real one', {
        ...limits.facts,
        limit: limits.headerBytes,
      });
    }
  };
  const advance = (count: number): number => {
    const here = at;
    at += count;
    return here;
  };

  const need = async (count: number): Promise<void> => {
    if (filled - at >= count) return;
    claim(count);
    buffer.copyWithin(0, at, Math.max(at, filled));
    windowStart += at;
    filled = Math.max(0, filled - at);
    at = 0;
    while (filled < count) {
      const got = await readAt(buffer.subarray(filled), chunkBytes - filled, windowStart + filled);
      if (got <= 0) {
        throw new AppError('model-truncated', 'the file became shorter while it was read', {
          detail: { ...limits.facts, bytes: fileBytes },
        });
      }
      filled += got;
    }
  };

  return {
    get position() {
      return position();
    },
    fileBytes,
    need,
    ready: () => Math.max(0, filled - at),
    u8: () => data.getUint8(advance(1)),
    u16: () => data.getUint16(advance(2), true),
    u32: () => data.getUint32(advance(4), true),
    u64: (what) => {
      const value = data.getBigUint64(advance(8), true);
      if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
        throw notGguf(`${what} is impossibly large`, limits.facts);
      }
      return Number(value);
    },
    view: (count) => new DataView(buffer.buffer, advance(count), count),
    text: async (bytes) => {
      claim(bytes);
      const decoder = new TextDecoder();
      let text = '';
      let left = bytes;
      while (left > 0) {
        const step = Math.min(left, chunkBytes);
        await need(step);
        const here = advance(step);
        left -= step;
        text += decoder.decode(buffer.subarray(here, here + step), { stream: left > 0 });
      }
      return text;
    },
    skip: (bytes) => {
      claim(bytes);
      // The window may lie wholly before the new position; `need` copes with at > filled.
      at += bytes;
      if (at > filled) {
        windowStart += at;
        at = 0;
        filled = 0;
      }
    },
  };
}

export function notGguf(message: string, detail?: ErrorDetail): AppError {
  return new AppError('model-not-gguf', message, detail === undefined ? {} : { detail });
}
