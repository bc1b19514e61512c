import { inflateRawSync } from 'node:zlib';
import { AppError } from '../../../ipc/app-error.ts';
import { mostCharacters, tooLarge, unreadable } from './extracted.ts';

/** Bytes that the text parts of an archive may have together when unpacked. */
const mostUnpacked = 8 * mostCharacters;
const mostEntries = 10_000;

interface Entry {
  readonly local: number;
  readonly packed: number;
  readonly method: number;
}

/** The parts of a zip archive, unpacked one at a time when asked for, within one budget. */
export interface Archive {
  readonly names: readonly string[];
  has(name: string): boolean;
  /** Throws 'document-unreadable' for a part that is missing or damaged, 'document-too-large' beyond the budget. */
  read(name: string): Buffer;
}

/**
 * Opens a zip archive without unpacking it. What it claims of its sizes is not believed; names that
 * lead out of it, links and parts that lie over each other are refused. Nothing is written anywhere.
 * Throws 'document-unreadable', 'document-encrypted' and 'document-too-large'.
 * Layout: APPNOTE.TXT 6.3, §4.3.12 (central directory), §4.3.16 (its end), §4.3.14 (zip64).
 */
export function openArchive(archive: Buffer): Archive {
  const entries = directoryOf(archive);
  let left = mostUnpacked;
  return {
    names: [...entries.keys()],
    has: (name) => entries.has(name),
    read(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw unreadable('the archive lacks a part');
      const data = unpack(archive, entry, left);
      left -= data.length;
      return data;
    },
  };
}

/**
 * Looks through an archive before a library unpacks it: `needed` must be there, and all parts other than
 * pictures must unpack to no more than the budget.
 */
export function checkArchive(archive: Buffer, needed: string): void {
  const opened = openArchive(archive);
  if (!opened.has(needed)) throw unreadable('the archive holds no document');
  for (const name of opened.names) if (!/\/media\//.test(name)) opened.read(name);
}

function directoryOf(archive: Buffer): Map<string, Entry> {
  const end = archive.lastIndexOf(Buffer.from([0x50, 0x4b, 5, 6]));
  if (end < 0 || end + 22 > archive.length) throw unreadable('the archive is cut off');
  let count = archive.readUInt16LE(end + 10);
  let at = archive.readUInt32LE(end + 16);
  if (at === 0xffffffff || count === 0xffff) {
    const locator = end - 20;
    if (locator < 0 || archive.readUInt32LE(locator) !== 0x07064b50) {
      throw unreadable('the archive is damaged');
    }
    const wide = Number(archive.readBigUInt64LE(locator + 8));
    if (wide + 56 > archive.length || archive.readUInt32LE(wide) !== 0x06064b50) {
      throw unreadable('the archive is damaged');
    }
    count = Number(archive.readBigUInt64LE(wide + 32));
    at = Number(archive.readBigUInt64LE(wide + 48));
  }
  if (count > mostEntries) throw tooLarge({ entries: count, limit: mostEntries });
  const entries = new Map<string, Entry>();
  for (let index = 0; index < count; index += 1) {
    if (at + 46 > archive.length || archive.readUInt32LE(at) !== 0x02014b50) {
      throw unreadable('the archive is damaged');
    }
    const nameLength = archive.readUInt16LE(at + 28);
    const extraLength = archive.readUInt16LE(at + 30);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength).replaceAll('\\', '/');
    if (name.split('/').includes('..') || /^(?:\/|[a-z]:)/i.test(name) || name.includes('\0')) {
      throw unreadable('the archive names a place outside itself');
    }
    if ((archive.readUInt16LE(at + 8) & 1) !== 0) {
      throw new AppError('document-encrypted', 'the document has a password');
    }
    const extra = archive.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength);
    if (!name.endsWith('/')) entries.set(name, entryAt(archive, at, extra));
    at += 46 + nameLength + extraLength + archive.readUInt16LE(at + 32);
  }
  refuseOverlaps([...entries.values()]);
  return entries;
}

function entryAt(archive: Buffer, at: number, extra: Buffer): Entry {
  let packed = archive.readUInt32LE(at + 20);
  const unpacked = archive.readUInt32LE(at + 24);
  let local = archive.readUInt32LE(at + 42);
  for (let from = 0; from + 4 <= extra.length; from += 4 + extra.readUInt16LE(from + 2)) {
    if (extra.readUInt16LE(from) !== 1) continue;
    let field = from + 4;
    const next = (): number => {
      if (field + 8 > extra.length) throw unreadable('the archive is damaged');
      field += 8;
      return Number(extra.readBigUInt64LE(field - 8));
    };
    if (unpacked === 0xffffffff) next();
    if (packed === 0xffffffff) packed = next();
    if (local === 0xffffffff) local = next();
    break;
  }
  return { local, packed, method: archive.readUInt16LE(at + 10) };
}

/** Many names for the same bytes are how a small archive becomes a very large one. */
function refuseOverlaps(entries: readonly Entry[]): void {
  const sorted = [...entries].sort((a, b) => a.local - b.local);
  sorted.forEach((entry, index) => {
    const next = sorted[index + 1];
    if (next !== undefined && entry.local + 30 + entry.packed > next.local) {
      throw unreadable('parts of the archive lie over each other');
    }
  });
}

function unpack(archive: Buffer, { local, packed, method }: Entry, limit: number): Buffer {
  if (local + 30 > archive.length) throw unreadable('the archive is damaged');
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const data = archive.subarray(start, start + packed);
  if (data.length < packed) throw unreadable('the archive is cut off');
  if (method === 0) {
    if (packed > limit) throw tooLarge({ limit: mostUnpacked });
    return data;
  }
  if (method !== 8) throw unreadable('the archive is packed in an unknown way');
  if (packed === 0) return Buffer.alloc(0);
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, limit) });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooLarge({ limit: mostUnpacked });
    }
    throw unreadable('the archive is damaged', error);
  }
}
