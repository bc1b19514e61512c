import { constants } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { AppError } from '../ipc/app-error.ts';
import { ggmlTypes } from './ggml-types.ts';
import type { GgmlType } from './ggml-types.ts';
import { createCursor, notGguf } from './gguf-source.ts';
import type { ByteCursor, ReadAt } from './gguf-source.ts';

/** Number arrays are kept up to this length (per-layer facts); longer ones and other arrays are only counted. */
const keptArray = 8192;

/** Far above every real file, far below what would hurt: a hostile header is refused, not believed. */
const limits = {
  headerBytes: 64 * 1024 * 1024,
  keys: 65_536,
  tensors: 262_144,
  keyBytes: 65_535,
  stringBytes: 8 * 1024 * 1024,
  keptStringBytes: 32 * 1024 * 1024,
  nesting: 4,
  dimensions: 4,
} as const;

export interface CountedArray {
  readonly count: number;
  /** Only for arrays of numbers or booleans of at most 8192 elements. */
  readonly values: readonly number[] | null;
}
export type MetadataValue = string | number | boolean | CountedArray;

export interface TensorInfo {
  readonly name: string;
  readonly elements: number;
  readonly bytes: number;
  readonly type: string;
}

export interface Gguf {
  readonly version: number;
  readonly metadata: ReadonlyMap<string, MetadataValue>;
  readonly tensors: readonly TensorInfo[];
  readonly headerBytes: number;
  /** Length of the file as it is, and as its header needs it. */
  readonly fileBytes: number;
  readonly neededBytes: number;
}

/**
 * Reads the header of a GGUF file (versions 2 and 3, little endian) without touching a weight. Holds
 * at most a 256 KiB window plus the values themselves; vocabularies are walked, not kept.
 *
 * Throws AppError 'model-missing', 'model-not-gguf', 'model-truncated' (detail: bytes, needed),
 * 'model-architecture-unknown' (a tensor type this engine does not know), 'permission-denied'.
 */
export async function readGguf(path: string): Promise<Gguf> {
  const file = basename(path);
  try {
    const found = await stat(path);
    // A pipe or a device would wait for ever or never end.
    if (!found.isFile()) throw notGguf('not a file', { file });
    const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const readAt: ReadAt = async (target, length, position) =>
        (await handle.read(target, 0, length, position)).bytesRead;
      return await parseGguf(readAt, found.size, file);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw explain(error, file);
  }
}

function explain(error: unknown, file: string): unknown {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof AppError) return error;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new AppError('model-missing', 'no such file', { detail: { file } });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new AppError('permission-denied', 'the file may not be read', { detail: { file } });
  }
  return error;
}

/** The parser itself, over any source of bytes. `file` is only for the error's facts. */
export async function parseGguf(readAt: ReadAt, fileBytes: number, file: string): Promise<Gguf> {
  if (fileBytes < 4) throw notGguf('too short for a model', { file, bytes: fileBytes });
  const cursor = createCursor(readAt, fileBytes, {
    headerBytes: limits.headerBytes,
    facts: { file },
  });
  await cursor.need(4);
  const magic = cursor.u32();
  if (magic !== 0x46554747) throw notGguf('does not begin with GGUF', { file });
  await cursor.need(4);
  const version = cursor.u32();
  if (version !== 2 && version !== 3) {
    const bigEndian = version === 0x0200_0000 || version === 0x0300_0000;
    throw notGguf(bigEndian ? 'a big-endian file' : 'a version of GGUF that is not supported', {
      file,
      version: bigEndian ? version >>> 24 : version,
    });
  }
  await cursor.need(16);
  const tensorCount = cursor.u64('the number of tensors');
  const keyCount = cursor.u64('the number of keys');
  if (tensorCount > limits.tensors || keyCount > limits.keys) {
    throw notGguf('impossible counts', { file, tensors: tensorCount, keys: keyCount });
  }

  const metadata = await readMetadata(cursor, keyCount, file);
  const alignment = alignmentOf(metadata, file);
  const { tensors, dataBytes } = await readTensors(cursor, tensorCount, alignment, file);
  const headerBytes = cursor.position;
  const dataStart = Math.ceil(headerBytes / alignment) * alignment;
  const neededBytes = tensors.length === 0 ? headerBytes : dataStart + dataBytes;
  if (fileBytes < neededBytes) {
    throw new AppError('model-truncated', 'the file is shorter than its header says', {
      detail: { file, bytes: fileBytes, needed: neededBytes },
    });
  }
  return { version, metadata, tensors, headerBytes, fileBytes, neededBytes };
}

async function readMetadata(
  cursor: ByteCursor,
  count: number,
  file: string,
): Promise<Map<string, MetadataValue>> {
  const metadata = new Map<string, MetadataValue>();
  const budget = { strings: limits.keptStringBytes };
  for (let index = 0; index < count; index += 1) {
    const key = await readString(cursor, limits.keyBytes, budget, file);
    await cursor.need(4);
    const value = await readValue(cursor, cursor.u32(), budget, file);
    if (metadata.has(key)) throw notGguf('a key stands twice', { file });
    metadata.set(key, value);
  }
  return metadata;
}

interface Budget {
  strings: number;
}

async function readString(
  cursor: ByteCursor,
  longest: number,
  budget: Budget,
  file: string,
): Promise<string> {
  await cursor.need(8);
  const length = cursor.u64('the length of a string');
  if (length > longest || length > budget.strings) {
    throw notGguf('a string is impossibly long', { file, length });
  }
  budget.strings -= length;
  return cursor.text(length);
}

/** Bytes of the fixed-size value types by their id in the format; 8 is a string, 9 an array. */
const scalarBytes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

async function readValue(
  cursor: ByteCursor,
  type: number,
  budget: Budget,
  file: string,
): Promise<MetadataValue> {
  if (type === 8) return readString(cursor, limits.stringBytes, budget, file);
  if (type === 9) return readArray(cursor, 1, file);
  const bytes = scalarBytes[type];
  if (bytes === undefined) throw notGguf('an unknown kind of value', { file, type });
  await cursor.need(bytes);
  const value = scalar(cursor.view(bytes), type);
  return type === 7 ? value !== 0 : value;
}

function scalar(view: DataView, type: number): number {
  switch (type) {
    case 0:
    case 7:
      return view.getUint8(0);
    case 1:
      return view.getInt8(0);
    case 2:
      return view.getUint16(0, true);
    case 3:
      return view.getInt16(0, true);
    case 4:
      return view.getUint32(0, true);
    case 5:
      return view.getInt32(0, true);
    case 6:
      return view.getFloat32(0, true);
    case 10:
      return Number(view.getBigUint64(0, true));
    case 11:
      return Number(view.getBigInt64(0, true));
    default:
      return view.getFloat64(0, true);
  }
}

async function readArray(cursor: ByteCursor, depth: number, file: string): Promise<CountedArray> {
  if (depth > limits.nesting) throw notGguf('arrays are nested too deeply', { file });
  await cursor.need(12);
  const type = cursor.u32();
  const count = cursor.u64('the length of an array');
  const bytes = scalarBytes[type];
  if (bytes !== undefined) {
    if (count > keptArray) {
      // Within 2^53: counts above 2^50 are larger than any file and refused here.
      if (count > Number.MAX_SAFE_INTEGER / 8) throw notGguf('an impossible array', { file });
      cursor.skip(count * bytes);
      return { count, values: null };
    }
    const values: number[] = [];
    for (let index = 0; index < count; index += 1) {
      if (cursor.ready() < bytes) await cursor.need(bytes);
      values.push(scalar(cursor.view(bytes), type));
    }
    return { count, values };
  }
  if (type === 8) {
    await skipStrings(cursor, count, file);
    return { count, values: null };
  }
  if (type === 9) {
    // Each inner array takes at least 12 bytes, so the file's own length bounds this loop.
    for (let index = 0; index < count; index += 1) await readArray(cursor, depth + 1, file);
    return { count, values: null };
  }
  throw notGguf('an unknown kind of value', { file, type });
}

/** Walks over strings. Each takes at least 8 bytes, so the file's length and the header limit bound the loop. */
async function skipStrings(cursor: ByteCursor, count: number, file: string): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    if (cursor.ready() < 8) await cursor.need(8);
    const length = cursor.u64('the length of a string');
    if (length > limits.stringBytes) throw notGguf('a string is impossibly long', { file, length });
    cursor.skip(length);
  }
}

function alignmentOf(metadata: ReadonlyMap<string, MetadataValue>, file: string): number {
  const value = metadata.get('general.alignment') ?? 32;
  const fits = typeof value === 'number' && Number.isInteger(Math.log2(value));
  if (!fits || value < 8 || value > 1024 * 1024) throw notGguf('an impossible alignment', { file });
  return value;
}

async function readTensors(
  cursor: ByteCursor,
  count: number,
  alignment: number,
  file: string,
): Promise<{ tensors: TensorInfo[]; dataBytes: number }> {
  const tensors: TensorInfo[] = [];
  const budget = { strings: limits.keptStringBytes };
  let dataBytes = 0;
  for (let index = 0; index < count; index += 1) {
    const name = await readString(cursor, limits.keyBytes, budget, file);
    await cursor.need(4);
    const dimensions = cursor.u32();
    if (dimensions > limits.dimensions) {
      throw notGguf('a tensor has too many dimensions', { file, dimensions });
    }
    await cursor.need(dimensions * 8 + 12);
    const shape = Array.from({ length: dimensions }, () => cursor.u64('the size of a tensor'));
    const typeId = cursor.u32();
    const offset = cursor.u64('the place of a tensor');
    const type = ggmlTypes.get(typeId);
    if (type === undefined) {
      throw new AppError('model-architecture-unknown', 'a kind of weights that is not known', {
        detail: { file, tensorType: typeId },
      });
    }
    const sized = sizeOf(shape, type);
    if (sized === null || offset % alignment !== 0) {
      throw notGguf('a tensor cannot have that size or place', { file, tensor: index });
    }
    dataBytes = Math.max(dataBytes, offset + sized.bytes);
    tensors.push({ name, type: type.name, ...sized });
  }
  if (dataBytes > Number.MAX_SAFE_INTEGER / 2) throw notGguf('impossible tensor sizes', { file });
  return { tensors, dataBytes };
}

function sizeOf(
  shape: readonly number[],
  type: GgmlType,
): { elements: number; bytes: number } | null {
  const row = shape[0] ?? 1;
  if (row % type.blockElements !== 0) return null;
  const elements = shape.reduce((product, size) => product * size, 1);
  if (elements > Number.MAX_SAFE_INTEGER / 8) return null;
  return { elements, bytes: (elements / type.blockElements) * type.blockBytes };
}
