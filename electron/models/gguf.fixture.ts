import { ggmlTypes } from './ggml-types.ts';

/** Writes small GGUF files for tests: headers of any shape, weights of zeros. */
export type FixtureValue =
  | string
  | number
  | boolean
  | { readonly u64: number }
  | { readonly i32s: readonly number[] }
  | { readonly strings: readonly string[] };

export interface FixtureTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: number;
}

export interface Fixture {
  readonly version?: number;
  readonly metadata: Readonly<Record<string, FixtureValue>>;
  readonly tensors?: readonly FixtureTensor[];
  /** false leaves the weights out: the file is truncated. */
  readonly withData?: boolean;
}

export function ggufBytes(fixture: Fixture): Buffer {
  const parts: Buffer[] = [Buffer.from('GGUF'), u32(fixture.version ?? 3)];
  const tensors = fixture.tensors ?? [];
  const entries = Object.entries(fixture.metadata);
  parts.push(u64(tensors.length), u64(entries.length));
  for (const [key, value] of entries) parts.push(text(key), valueBytes(value));
  let offset = 0;
  for (const tensor of tensors) {
    parts.push(text(tensor.name), u32(tensor.shape.length), ...tensor.shape.map(u64));
    parts.push(u32(tensor.type), u64(offset));
    offset += pad(tensorBytes(tensor));
  }
  const header = Buffer.concat(parts);
  if (fixture.withData === false || tensors.length === 0) return header;
  return Buffer.concat([header, Buffer.alloc(pad(header.length) - header.length + offset)]);
}

function tensorBytes({ shape, type }: FixtureTensor): number {
  const known = ggmlTypes.get(type);
  const elements = shape.reduce((product, size) => product * size, 1);
  return known ? (elements / known.blockElements) * known.blockBytes : 0;
}

const pad = (bytes: number): number => Math.ceil(bytes / 32) * 32;

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function text(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

function valueBytes(value: FixtureValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([u32(8), text(value)]);
  if (typeof value === 'boolean') return Buffer.concat([u32(7), Buffer.from([value ? 1 : 0])]);
  if (typeof value === 'number') return Buffer.concat([u32(4), u32(value)]);
  if ('u64' in value) return Buffer.concat([u32(10), u64(value.u64)]);
  if ('i32s' in value) {
    const numbers = value.i32s.map((one) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(one);
      return bytes;
    });
    return Buffer.concat([u32(9), u32(5), u64(numbers.length), ...numbers]);
  }
  return Buffer.concat([u32(9), u32(8), u64(value.strings.length), ...value.strings.map(text)]);
}

interface GraniteShape {
  readonly name: string;
  readonly embedding: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  /** Layers with attention; undefined = all. */
  readonly attention?: readonly number[];
  readonly inner?: number;
}

/** A header with the shape facts of granite.md §2 and one small tensor. */
export function graniteFixture(shape: GraniteShape): Fixture {
  const arch = shape.attention ? 'granitehybrid' : 'granite';
  const layers = Array.from({ length: shape.layers }, (_, index) =>
    shape.attention?.includes(index) ? shape.kvHeads : 0,
  );
  return {
    metadata: {
      'general.architecture': arch,
      'general.name': shape.name,
      'general.file_type': 15,
      [`${arch}.block_count`]: shape.layers,
      [`${arch}.embedding_length`]: shape.embedding,
      [`${arch}.context_length`]: shape.attention ? 2 ** 20 : 131_072,
      [`${arch}.attention.head_count`]: shape.heads,
      [`${arch}.attention.head_count_kv`]: shape.attention ? { i32s: layers } : shape.kvHeads,
      [`${arch}.vocab_size`]: 100_352,
      ...(shape.attention && {
        [`${arch}.ssm.inner_size`]: shape.inner ?? 2 * shape.embedding,
        [`${arch}.ssm.state_size`]: 128,
        [`${arch}.ssm.conv_kernel`]: 4,
        [`${arch}.ssm.group_count`]: 1,
        [`${arch}.ssm.time_step_rank`]: 48,
      }),
    },
    tensors: [{ name: 'token_embd.weight', shape: [256, 8], type: 14 }],
  };
}

const every10 = [5, 15, 25, 35];

/** Every row of granite.md §2 that has one. */
export const graniteShapes = {
  '350m': { name: 'Granite 4.0 350m', embedding: 1024, layers: 28, heads: 16, kvHeads: 4 },
  'h-350m': {
    name: 'Granite 4.0 H 350m',
    embedding: 768,
    layers: 32,
    heads: 12,
    kvHeads: 4,
    attention: [10, 13, 17, 27],
  },
  '1b': { name: 'Granite 4.0 1b', embedding: 2048, layers: 40, heads: 16, kvHeads: 4 },
  'h-1b': {
    name: 'Granite 4.0 H 1b',
    embedding: 1536,
    layers: 40,
    heads: 12,
    kvHeads: 4,
    attention: every10,
  },
  micro: { name: 'Granite 4.0 Micro', embedding: 2560, layers: 40, heads: 40, kvHeads: 8 },
  'h-micro': {
    name: 'Granite 4.0 H Micro',
    embedding: 2048,
    layers: 40,
    heads: 32,
    kvHeads: 8,
    attention: every10,
  },
  'h-tiny': {
    name: 'Granite 4.0 H Tiny',
    embedding: 1536,
    layers: 40,
    heads: 12,
    kvHeads: 4,
    attention: every10,
  },
  'h-small': {
    name: 'Granite 4.0 H Small',
    embedding: 4096,
    layers: 40,
    heads: 32,
    kvHeads: 8,
    attention: every10,
  },
  '4.1-3b': { name: 'Granite 4.1 3b', embedding: 2560, layers: 40, heads: 40, kvHeads: 8 },
  '4.1-8b': { name: 'Granite 4.1 8b', embedding: 4096, layers: 40, heads: 32, kvHeads: 8 },
  '4.1-30b': { name: 'Granite 4.1 30b', embedding: 4096, layers: 64, heads: 32, kvHeads: 8 },
} as const satisfies Record<string, GraniteShape>;
