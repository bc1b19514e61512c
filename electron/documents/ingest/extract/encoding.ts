import { unreadable } from './extracted.ts';

/**
 * Bytes of a text file as text: by byte order mark, then UTF-16 by its zero bytes, then UTF-8 if
 * valid, then the declared encoding, then Windows-1252 (Latin-1 with its common extension).
 * Throws 'document-unreadable' for bytes that are no text.
 *
 * @param declared label of an encoding that the file itself names (html).
 */
export function decodeText(bytes: Uint8Array, declared?: string): string {
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return decode('utf-8', bytes);
  if (startsWith(bytes, [0xff, 0xfe])) return decode('utf-16le', bytes);
  if (startsWith(bytes, [0xfe, 0xff])) return decode('utf-16be', bytes);
  const wide = wideEncoding(bytes);
  if (wide !== null) return decode(wide, bytes);
  refuseBinary(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not UTF-8: one of the eight-bit encodings.
  }
  if (declared !== undefined) {
    try {
      return decode(declared, bytes);
    } catch {
      // The file names an encoding that does not exist.
    }
  }
  return decode('windows-1252', bytes);
}

const decode = (label: string, bytes: Uint8Array): string => new TextDecoder(label).decode(bytes);

export const startsWith = (bytes: Uint8Array, start: readonly number[]): boolean =>
  start.every((byte, index) => bytes[index] === byte);

/** UTF-16 without a mark: in mostly Latin text nearly every other byte is zero. */
function wideEncoding(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const length = Math.min(bytes.length, 4096) & ~1;
  if (length < 4) return null;
  let even = 0;
  let odd = 0;
  for (let index = 0; index < length; index += 2) {
    if (bytes[index] === 0) even += 1;
    if (bytes[index + 1] === 0) odd += 1;
  }
  const pairs = length / 2;
  if (odd > pairs * 0.6 && even < pairs * 0.05) return 'utf-16le';
  if (even > pairs * 0.6 && odd < pairs * 0.05) return 'utf-16be';
  return null;
}

function refuseBinary(bytes: Uint8Array): void {
  const length = Math.min(bytes.length, 1 << 16);
  let control = 0;
  for (let index = 0; index < length; index += 1) {
    const byte = bytes[index] ?? 0;
    if (byte === 0) throw unreadable('the file holds binary data, not text');
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) {
      control += 1;
    }
  }
  if (control > 8 && control > length * 0.02)
    throw unreadable('the file holds binary data, not text');
}
