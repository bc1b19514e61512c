import { inflateRawSync } from 'node:zlib';
import { mostCharacters, tooLarge, unreadable } from './extracted.ts';

/** Bytes that the text parts of an archive may have together when unpacked. */
const mostUnpacked = 8 * mostCharacters;
const mostEntries = 10_000;

/**
 * Looks through a zip archive before a library unpacks it: it must list `needed`, its parts other than
 * pictures must unpack to no more than a fixed size, whatever sizes the archive claims, and no name
 * may lead out of it. Throws 'document-unreadable' and 'document-too-large'.
 * Layout: APPNOTE.TXT 6.3, §4.3.12 (central directory) and §4.3.16 (its end).
 */
export function checkArchive(archive: Buffer, needed: string): void {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || end + 22 > archive.length) throw unreadable('the archive is cut off');
  const entries = archive.readUInt16LE(end + 10);
  if (entries > mostEntries) throw tooLarge({ entries, limit: mostEntries });
  let at = archive.readUInt32LE(end + 16);
  let left = mostUnpacked;
  let found = false;
  for (let index = 0; index < entries; index += 1) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== 0x02014b50) {
      throw unreadable('the archive is damaged');
    }
    const method = archive.readUInt16LE(at + 10);
    const packed = archive.readUInt32LE(at + 20);
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    if (name.split(/[\\/]/).includes('..')) throw unreadable('the archive is damaged');
    if (name === needed) found = true;
    if (!/\/media\//.test(name)) left -= unpackedSize(archive, local, packed, method, left);
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  if (!found) throw unreadable('the archive holds no document');
}

function unpackedSize(
  archive: Buffer,
  local: number,
  packed: number,
  method: number,
  limit: number,
): number {
  if (local + 30 > archive.length) throw unreadable('the archive is damaged');
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const data = archive.subarray(start, start + packed);
  if (data.length < packed) throw unreadable('the archive is cut off');
  if (method === 0) {
    if (packed > limit) throw tooLarge({ limit: mostUnpacked });
    return packed;
  }
  if (method !== 8) throw unreadable('the archive is packed in an unknown way');
  if (packed === 0) return 0;
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, limit) }).length;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge({ limit: mostUnpacked });
    }
    throw unreadable('the archive is damaged', error);
  }
}
