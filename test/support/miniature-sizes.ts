import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The miniature in three sizes: the same weights kept in 8, 16 and 32 bits, each under a name of its
 * own. For tests of switching and of memory; they are as weak as the miniature and are shipped nowhere.
 */
export const sizes = [
  { name: 'Miniature small (test)', file: 'small.gguf', type: 8, fileType: 7 },
  { name: 'Miniature medium (test)', file: 'medium.gguf', type: 1, fileType: 1 },
  { name: 'Miniature large (test)', file: 'large.gguf', type: 0, fileType: 0 },
] as const;

const miniature = new URL('../../resources/miniature/miniature.gguf', import.meta.url);
const f16Type = 1;

/** Writes the three files. @returns their paths, the smallest first. */
export function writeSizes(folder: string): readonly string[] {
  const source = readFileSync(miniature);
  return sizes.map(({ name, file, type, fileType }) => {
    const path = join(folder, file);
    writeFileSync(path, retyped(source, type, { 'general.name': name }, fileType));
    return path;
  });
}

interface Tensor {
  readonly head: Buffer;
  readonly elements: number;
  readonly type: number;
  readonly offset: number;
}

function retyped(
  source: Buffer,
  type: number,
  texts: Readonly<Record<string, string>>,
  fileType: number,
): Buffer {
  let at = 8;
  const u64 = (): number => Number(source.readBigUInt64LE((at += 8) - 8));
  const u32 = (): number => source.readUInt32LE((at += 4) - 4);
  const skipText = (): void => {
    const length = u64();
    at += length;
  };
  const tensorCount = u64();
  const keyCount = u64();

  const keys: Buffer[] = [];
  for (let index = 0; index < keyCount; index += 1) {
    const start = at;
    const length = u64();
    const key = source.toString('utf8', at, at + length);
    at += length;
    const head = source.subarray(start, at);
    skipValue(u32());
    const told = texts[key] ?? (key === 'general.basename' ? 'miniature-size' : undefined);
    if (told !== undefined) keys.push(head, number(8), sized(told));
    else if (key === 'general.file_type') keys.push(head, number(4), number(fileType));
    else keys.push(source.subarray(start, at));
  }
  const tensors: Tensor[] = [];
  for (let index = 0; index < tensorCount; index += 1) {
    const start = at;
    skipText();
    const dimensions = u32();
    let elements = 1;
    for (let axis = 0; axis < dimensions; axis += 1) elements *= u64();
    const head = source.subarray(start, at);
    tensors.push({ head, elements, type: u32(), offset: u64() });
  }
  const dataStart = padded(at);

  const infos: Buffer[] = [];
  const data: Buffer[] = [];
  let offset = 0;
  for (const tensor of tensors) {
    const from = dataStart + tensor.offset;
    const isMatrix = tensor.type === f16Type;
    const bytes = isMatrix
      ? encode(source, from, tensor.elements, type)
      : source.subarray(from, from + tensor.elements * 4);
    infos.push(tensor.head, number(isMatrix ? type : tensor.type), long(offset));
    data.push(bytes, Buffer.alloc(padded(bytes.length) - bytes.length));
    offset += padded(bytes.length);
  }
  const header = Buffer.concat([source.subarray(0, 24), ...keys, ...infos]);
  return Buffer.concat([header, Buffer.alloc(padded(header.length) - header.length), ...data]);

  function skipValue(kind: number): void {
    const widths: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 7: 1, 10: 8, 11: 8 };
    if (kind === 8) skipText();
    else if (kind === 9) {
      const inner = u32();
      const count = u64();
      for (let index = 0; index < count; index += 1) skipValue(inner);
    } else at += widths[kind] ?? (kind === 12 ? 8 : 4);
  }
}

/** ggml's types 0 (f32), 1 (f16), 8 (q8_0: blocks of 32 with a scale of 16 bits) of f16 numbers. */
function encode(source: Buffer, from: number, elements: number, type: number): Buffer {
  if (type === 1) return source.subarray(from, from + elements * 2);
  const values = Float32Array.from({ length: elements }, (_, index) =>
    fromHalf(source.readUInt16LE(from + index * 2)),
  );
  if (type === 0) return Buffer.from(values.buffer);
  const blocks = Buffer.alloc((elements / 32) * 34);
  for (let block = 0; block < elements / 32; block += 1) {
    const part = values.subarray(block * 32, block * 32 + 32);
    const scale = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127;
    blocks.writeUInt16LE(toHalf(scale), block * 34);
    part.forEach((value, index) => {
      blocks.writeInt8(scale === 0 ? 0 : Math.round(value / scale), block * 34 + 2 + index);
    });
  }
  return blocks;
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** Of scales only: positive and far from the ends of the range. */
function toHalf(value: number): number {
  if (value < 2 ** -24) return 0;
  const exponent = Math.max(-14, Math.floor(Math.log2(value)));
  const fraction = Math.round((value / 2 ** exponent) * 1024);
  return value < 2 ** -14 ? Math.round(value * 2 ** 24) : ((exponent + 14) << 10) + fraction;
}

const padded = (bytes: number): number => Math.ceil(bytes / 32) * 32;
const sized = (text: string): Buffer =>
  Buffer.concat([long(Buffer.byteLength(text)), Buffer.from(text)]);
function number(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
