import { readFileSync } from 'node:fs';
import { shapeKey } from '../../electron/models/header.ts';
import { fileType, blocks } from './mix.ts';
import type { Quantization, TypedTensor } from './mix.ts';
import type { ShapeModel } from './models.ts';
import { special } from './tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';

export const alignment = 32;
export const aligned = (bytes: number): number => Math.ceil(bytes / alignment) * alignment;

/** One more whenever the same request gives other bytes, so that files of before are written again. */
const generator = 1;

const templatePath = new URL('../miniature/train/chat_template.jinja', import.meta.url);

/** A value of a file's metadata. */
export interface Value {
  readonly kind: keyof typeof kinds;
  readonly value: string | number | boolean | readonly (string | number)[];
}
/** The format's ids of value types. */
const kinds = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, u64: 10, i32s: 9, strings: 9 } as const;

export const u32 = (value: number): Value => ({ kind: 'u32', value });
export const f32 = (value: number): Value => ({ kind: 'f32', value });
export const text = (value: string): Value => ({ kind: 'string', value });
const flag = (value: boolean): Value => ({ kind: 'bool', value });

export interface HeaderFacts {
  readonly model: ShapeModel;
  readonly quantization: Quantization;
  readonly seed: number;
  readonly tokenizer: Tokenizer;
  readonly tensors: readonly TypedTensor[];
}

/** Everything before the weights, padded to where they begin. Keys as llama.cpp's converter writes them. */
export function headerBytes(facts: HeaderFacts): Buffer {
  return encodeHeader(metadataOf(facts), facts.tensors);
}

/** The same of any metadata; tensors stand behind it in this order, each at the next aligned place. */
export function encodeHeader(
  values: Readonly<Record<string, Value>>,
  tensors: readonly TypedTensor[],
): Buffer {
  const metadata = Object.entries(values);
  const parts: Buffer[] = [Buffer.from('GGUF'), number32(3)];
  parts.push(number64(tensors.length), number64(metadata.length));
  for (const [key, value] of metadata) parts.push(string(key), encode(value));
  let offset = 0;
  for (const { name, dimensions, type, bytes } of tensors) {
    parts.push(string(name), number32(dimensions.length), ...dimensions.map(number64));
    parts.push(number32(blocks[type].id), number64(offset));
    offset += aligned(bytes);
  }
  const header = Buffer.concat(parts);
  return Buffer.concat([header, Buffer.alloc(aligned(header.length) - header.length)]);
}

function metadataOf({ model, quantization, seed, tokenizer }: HeaderFacts): Record<string, Value> {
  const { id, shape, scales } = model;
  const own = shape.architecture;
  const isHybrid = shape.ssm !== null;
  const is42 = model.splitting === 'granite-docling';
  const kvHeads = Array.from({ length: shape.layers }, (_, layer) =>
    shape.attentionLayers?.includes(layer) ? shape.kvHeads : 0,
  );
  return {
    'general.architecture': text(own),
    'general.type': text('model'),
    'general.name': text(`Shape of ${id} (random weights)`),
    'general.description': text(
      'Random weights in the shape of a real model, for measuring memory and speed. It cannot answer.',
    ),
    'general.file_type': u32(fileType[quantization]),
    'general.quantization_version': u32(2),
    [shapeKey]: text(id),
    [`${shapeKey}.version`]: u32(generator),
    [`${shapeKey}.seed`]: { kind: 'u64', value: seed },
    [`${own}.block_count`]: u32(shape.layers),
    [`${own}.context_length`]: u32(model.context),
    [`${own}.embedding_length`]: u32(shape.embedding),
    [`${own}.feed_forward_length`]: u32(shape.experts?.size ?? shape.feedForward),
    [`${own}.vocab_size`]: u32(shape.vocabulary),
    [`${own}.attention.head_count`]: u32(shape.heads),
    [`${own}.attention.head_count_kv`]: isHybrid
      ? { kind: 'i32s', value: kvHeads }
      : u32(shape.kvHeads),
    [`${own}.attention.layer_norm_rms_epsilon`]: f32(1e-5),
    [`${own}.attention.scale`]: f32(scales.attention),
    [`${own}.embedding_scale`]: f32(scales.embedding),
    [`${own}.residual_scale`]: f32(scales.residual),
    [`${own}.logit_scale`]: f32(scales.logit),
    [`${own}.rope.dimension_count`]: u32(shape.headSize),
    [`${own}.rope.freq_base`]: f32(model.ropeBase),
    // llama.cpp's switch for "no rotary embedding" in Granite.
    [`${own}.rope.scaling.finetuned`]: flag(!isHybrid),
    ...(shape.experts && {
      [`${own}.expert_count`]: u32(shape.experts.count),
      [`${own}.expert_used_count`]: u32(shape.experts.used),
      [`${own}.expert_shared_feed_forward_length`]: u32(shape.feedForward),
    }),
    ...(shape.ssm && {
      [`${own}.ssm.conv_kernel`]: u32(shape.ssm.convolution),
      [`${own}.ssm.state_size`]: u32(shape.ssm.state),
      [`${own}.ssm.group_count`]: u32(shape.ssm.groups),
      [`${own}.ssm.inner_size`]: u32(shape.ssm.inner),
      [`${own}.ssm.time_step_rank`]: u32(shape.ssm.heads),
    }),
    'tokenizer.ggml.model': text('gpt2'),
    'tokenizer.ggml.pre': text(model.splitting),
    'tokenizer.ggml.tokens': { kind: 'strings', value: tokenizer.tokens },
    'tokenizer.ggml.token_type': { kind: 'i32s', value: tokenizer.kinds },
    'tokenizer.ggml.merges': { kind: 'strings', value: tokenizer.merges },
    'tokenizer.ggml.bos_token_id': u32(is42 ? model.bos : last(tokenizer, special.endOfText)),
    'tokenizer.ggml.eos_token_id': u32(last(tokenizer, special.endOfText)),
    'tokenizer.ggml.unknown_token_id': u32(last(tokenizer, special.unknown)),
    'tokenizer.ggml.padding_token_id': u32(last(tokenizer, special.pad)),
    'tokenizer.ggml.add_bos_token': flag(false),
    'tokenizer.chat_template': text(readFileSync(templatePath, 'utf8')),
  };
}

/** Special tokens stand at the end; in a smaller table (for tests) at lower ids. */
const last = (tokenizer: Tokenizer, id: number): number => tokenizer.tokens.length - (100_352 - id);

function encode({ kind, value }: Value): Buffer {
  const head = number32(kinds[kind]);
  switch (kind) {
    case 'string':
      return Buffer.concat([head, string(String(value))]);
    case 'bool':
      return Buffer.concat([head, Buffer.from([value === true ? 1 : 0])]);
    case 'u64':
      return Buffer.concat([head, number64(Number(value))]);
    case 'f32': {
      const bytes = Buffer.alloc(4);
      bytes.writeFloatLE(Number(value));
      return Buffer.concat([head, bytes]);
    }
    case 'i32s': {
      const list = value as readonly number[];
      const bytes = Buffer.alloc(4 * list.length);
      list.forEach((one, index) => bytes.writeInt32LE(one, 4 * index));
      return Buffer.concat([head, number32(kinds.i32), number64(list.length), bytes]);
    }
    case 'strings': {
      const list = value as readonly string[];
      const texts = list.map((one) => Buffer.byteLength(one));
      const bytes = Buffer.alloc(texts.reduce((sum, length) => sum + 8 + length, 0));
      let at = 0;
      list.forEach((one, index) => {
        bytes.writeUInt32LE(texts[index] ?? 0, at);
        at += 8 + bytes.write(one, at + 8);
      });
      return Buffer.concat([head, number32(kinds.string), number64(list.length), bytes]);
    }
    default:
      return Buffer.concat([head, number32(Number(value))]);
  }
}

function string(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([number64(bytes.length), bytes]);
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function number64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
