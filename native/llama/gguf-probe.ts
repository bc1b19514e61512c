import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

/** What the engine must know of a GGUF file before llama.cpp maps it. Sizes in bytes. */
export interface GgufProbe {
  readonly architecture: string;
  readonly fileBytes: number;
  /** Where the last tensor ends: a shorter file is truncated. */
  readonly neededBytes: number;
  /** All tensors together. */
  readonly tensorBytes: number;
  readonly shape: GgufShape | null;
  /** llama.cpp's number of how the tokens' vectors become one; null for a model that writes. */
  readonly pooling: number | null;
  /** The model's chat template (Jinja), if it has one. */
  readonly template: string | null;
  /** Where in the file the values of the tokenizer stand, by key. */
  readonly tokenizer: readonly TokenizerField[];
}

interface TokenizerField {
  readonly key: string;
  /** Bytes from the start of the file. */
  readonly start: number;
  readonly end: number;
}

/** The numbers that decide the size of the KV cache and of the recurrent state. */
export interface GgufShape {
  /** Elements of K and V together that one token takes over all attention layers. */
  readonly kvElementsPerToken: number;
  /** Bytes of the recurrent state of one sequence (F32). */
  readonly recurrentBytes: number;
}

/** Why a file is no usable GGUF; `process.ts` turns it into an error code. */
export class GgufProblem extends Error {
  readonly kind: 'not-gguf' | 'truncated' | 'malformed';

  constructor(kind: GgufProblem['kind'], message: string) {
    super(message);
    this.name = 'GgufProblem';
    this.kind = kind;
  }
}

// Type number -> [elements in a block, bytes of a block] (ggml.c, type_traits).
const blocks: Readonly<Record<number, readonly [number, number]>> = {
  0: [1, 4],
  1: [1, 2],
  2: [32, 18],
  3: [32, 20],
  6: [32, 22],
  7: [32, 24],
  8: [32, 34],
  9: [32, 36],
  10: [256, 84],
  11: [256, 110],
  12: [256, 144],
  13: [256, 176],
  14: [256, 210],
  15: [256, 292],
  16: [256, 66],
  17: [256, 74],
  18: [256, 98],
  19: [256, 50],
  20: [32, 18],
  21: [256, 110],
  22: [256, 82],
  23: [256, 136],
  24: [1, 1],
  25: [1, 2],
  26: [1, 4],
  27: [1, 8],
  28: [1, 8],
  29: [256, 56],
  30: [1, 2],
  34: [256, 54],
  35: [256, 66],
  39: [32, 17],
};

const limits = { keys: 100_000, tensors: 100_000, string: 64 << 20, items: 16 << 20 };

type Value = number | string | boolean | readonly number[] | null;

/**
 * Reads the header of a GGUF file (v2 or v3): metadata and tensor table, never tensor data.
 * Throws GgufProblem; errors of the file system pass through.
 */
export async function probeGguf(path: string): Promise<GgufProbe> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    return await readHeader(new Reader(file, size), size);
  } finally {
    await file.close();
  }
}

/**
 * A hash of all that a tokenizer is made of: tokens and their kinds, merges or scores, how text is split
 * first, and which tokens begin and end. Where it is the same, ids mean the same texts.
 */
export async function hashVocabulary(path: string, probe: GgufProbe): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'r');
  try {
    for (const { key, start, end } of probe.tokenizer) {
      const value = Buffer.alloc(end - start);
      const { bytesRead } = await file.read(value, 0, value.length, start);
      if (bytesRead < value.length) {
        throw new GgufProblem('truncated', 'the file ends within its header');
      }
      hash.update(`${key}\n${value.length}\n`).update(value);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

async function readHeader(reader: Reader, fileBytes: number): Promise<GgufProbe> {
  if (fileBytes < 4 || (await reader.bytes(4)).toString('latin1') !== 'GGUF') {
    throw new GgufProblem('not-gguf', 'the file does not begin with GGUF');
  }
  const version = await reader.u32();
  if (version < 2 || version > 3) {
    throw new GgufProblem('malformed', `GGUF version ${version} is not known`);
  }
  const tensorCount = await reader.count(limits.tensors);
  const keyCount = await reader.count(limits.keys);

  const metadata = new Map<string, Value>();
  const tokenizer: TokenizerField[] = [];
  for (let index = 0; index < keyCount; index += 1) {
    const key = await reader.string();
    const start = reader.position;
    metadata.set(key, await readValue(reader, await reader.u32()));
    if (key.startsWith('tokenizer.ggml.')) tokenizer.push({ key, start, end: reader.position });
  }
  tokenizer.sort((left, right) => (left.key < right.key ? -1 : 1));

  let tensorBytes = 0;
  let dataEnd = 0;
  for (let index = 0; index < tensorCount; index += 1) {
    await reader.string();
    const dimensions = await reader.u32();
    if (dimensions > 8)
      throw new GgufProblem('malformed', `a tensor with ${dimensions} dimensions`);
    let elements = 1;
    for (let axis = 0; axis < dimensions; axis += 1) elements *= await reader.u64();
    const [perBlock, blockBytes] = blocks[await reader.u32()] ?? [1, 0];
    const offset = await reader.u64();
    const bytes = Math.ceil(elements / perBlock) * blockBytes;
    tensorBytes += bytes;
    dataEnd = Math.max(dataEnd, offset + bytes);
  }
  const stated = metadata.get('general.alignment');
  const alignment = typeof stated === 'number' && stated > 0 ? stated : 32;
  const dataStart = Math.ceil(reader.position / alignment) * alignment;
  const architecture = metadata.get('general.architecture');
  const template = metadata.get('tokenizer.chat_template');
  if (typeof architecture !== 'string' || architecture === '') {
    throw new GgufProblem('malformed', 'general.architecture is missing');
  }
  const pooling = metadata.get(`${architecture}.pooling_type`);
  return {
    architecture,
    fileBytes,
    neededBytes: tensorCount === 0 ? reader.position : dataStart + dataEnd,
    tensorBytes,
    shape: shapeOf(architecture, metadata),
    pooling: typeof pooling === 'number' ? pooling : null,
    template: typeof template === 'string' ? template : null,
    tokenizer,
  };
}

/**
 * Closed form of llama.cpp's caches: `n_embd_r` and `n_embd_s` in src/llama-hparams.cpp, rows as in
 * src/llama-memory-recurrent.cpp. null where the header lacks a number or the layers are of a kind
 * that is not covered (only attention and Mamba layers are).
 */
function shapeOf(architecture: string, metadata: ReadonlyMap<string, Value>): GgufShape | null {
  const get = (key: string): Value => metadata.get(`${architecture}.${key}`) ?? null;
  const number = (key: string, fallback = 0): number => {
    const value = get(key);
    return typeof value === 'number' ? value : fallback;
  };
  const layers = number('block_count');
  const embedding = number('embedding_length');
  const heads = get('attention.head_count');
  const kvHeads = get('attention.head_count_kv') ?? heads;
  const perLayer = (value: Value, layer: number): number =>
    typeof value === 'number' ? value : Array.isArray(value) ? (value[layer] ?? 0) : 0;
  if (layers === 0 || embedding === 0 || heads === null) return null;

  const inner = number('ssm.inner_size');
  const state = number('ssm.state_size');
  const kernel = number('ssm.conv_kernel');
  const groups = number('ssm.group_count', 1);
  let kvElementsPerToken = 0;
  let recurrentBytes = 0;
  for (let layer = 0; layer < layers; layer += 1) {
    const kv = perLayer(kvHeads, layer);
    if (kv === 0) {
      if (inner === 0) return null;
      recurrentBytes += 4 * ((kernel - 1) * (inner + 2 * groups * state) + state * inner);
      continue;
    }
    const width = Math.floor(embedding / Math.max(1, perLayer(heads, layer)));
    const key = number('attention.key_length', width);
    const value = number('attention.value_length', width);
    kvElementsPerToken += kv * (key + value);
  }
  return { kvElementsPerToken, recurrentBytes };
}

/** Numbers, strings and flags as they are; arrays of numbers only where they are short. */
async function readValue(reader: Reader, type: number): Promise<Value> {
  if (type === 8) return reader.string();
  if (type !== 9) return reader.scalar(type);
  const itemType = await reader.u32();
  const count = await reader.count(limits.items);
  if (itemType === 9) throw new GgufProblem('malformed', 'nested arrays are not supported');
  if (itemType === 8) {
    for (let index = 0; index < count; index += 1)
      await reader.skip(await reader.count(limits.string));
    return null;
  }
  if (count > 4096) {
    await reader.skip(count * scalarBytes(itemType));
    return null;
  }
  const items: number[] = [];
  for (let index = 0; index < count; index += 1) items.push(Number(await reader.scalar(itemType)));
  return items;
}

function scalarBytes(type: number): number {
  const bytes = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8][type];
  if (bytes === undefined || bytes === 0) {
    throw new GgufProblem('malformed', `metadata type ${type} is not known`);
  }
  return bytes;
}

/** Reads forward through a file, a window at a time; the end of the file means a truncated header. */
class Reader {
  position = 0;
  readonly #file: FileHandle;
  readonly #size: number;
  #window = Buffer.alloc(0);
  #windowStart = 0;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  async bytes(length: number): Promise<Buffer> {
    if (this.position + length > this.#size) {
      throw new GgufProblem('truncated', 'the file ends within its header');
    }
    const within = this.position - this.#windowStart;
    if (within < 0 || within + length > this.#window.length) {
      const wanted = Math.min(Math.max(length, 1 << 16), this.#size - this.position);
      const buffer = Buffer.alloc(wanted);
      const { bytesRead } = await this.#file.read(buffer, 0, wanted, this.position);
      if (bytesRead < length) throw new GgufProblem('truncated', 'the file ends within its header');
      this.#window = buffer.subarray(0, bytesRead);
      this.#windowStart = this.position;
    }
    const start = this.position - this.#windowStart;
    this.position += length;
    return this.#window.subarray(start, start + length);
  }

  async skip(length: number): Promise<void> {
    if (this.position + length > this.#size) {
      throw new GgufProblem('truncated', 'the file ends within its header');
    }
    this.position += length;
  }

  async u32(): Promise<number> {
    return (await this.bytes(4)).readUInt32LE(0);
  }

  async u64(): Promise<number> {
    return Number((await this.bytes(8)).readBigUInt64LE(0));
  }

  async count(limit: number): Promise<number> {
    const value = await this.u64();
    if (value > limit) throw new GgufProblem('malformed', `a count of ${value} is beyond reason`);
    return value;
  }

  async string(): Promise<string> {
    return (await this.bytes(await this.count(limits.string))).toString('utf8');
  }

  async scalar(type: number): Promise<number | boolean> {
    const bytes = await this.bytes(scalarBytes(type));
    switch (type) {
      case 0:
        return bytes.readUInt8(0);
      case 1:
        return bytes.readInt8(0);
      case 2:
        return bytes.readUInt16LE(0);
      case 3:
        return bytes.readInt16LE(0);
      case 4:
        return bytes.readUInt32LE(0);
      case 5:
        return bytes.readInt32LE(0);
      case 6:
        return bytes.readFloatLE(0);
      case 7:
        return bytes.readUInt8(0) !== 0;
      case 10:
        return Number(bytes.readBigUInt64LE(0));
      case 11:
        return Number(bytes.readBigInt64LE(0));
      default:
        return bytes.readDoubleLE(0);
    }
  }
}
