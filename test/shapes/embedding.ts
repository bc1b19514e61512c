import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shapeKey } from '../../electron/models/header.ts';
import { aligned, encodeHeader, f32, text, u32 } from './header.ts';
import type { Value } from './header.ts';
import { blocks } from './mix.ts';
import type { TypedTensor } from './mix.ts';
import type { Role } from './tensors.ts';
import type { PlannedShape, WrittenShape } from './write.ts';
import { defaultSeed, writeShape } from './write.ts';

/** A made-up embedding model: an encoder of llama.cpp's kind `bert` with random weights. */
export interface EmbeddingShape {
  readonly dimensions: number;
  readonly layers: number;
  readonly heads: number;
  readonly feedForward: number;
  /** Tokens of one text. */
  readonly context: number;
  /** llama.cpp's numbers: 0 none, 1 mean, 2 first token, 4 ranks. */
  readonly pooling: number;
  readonly seed: number;
}

/** About 2 MB. Texts with the same words have near vectors: nothing was trained, the words' own are averaged. */
export const tinyEmbedding: EmbeddingShape = {
  ...{ dimensions: 64, layers: 2, heads: 4, feedForward: 128 },
  ...{ context: 512, pooling: 1, seed: defaultSeed },
};

/** Wide and deep enough that speeds say something; the shape of no model in particular. */
export const middleEmbedding: EmbeddingShape = {
  ...{ dimensions: 384, layers: 6, heads: 12, feedForward: 1536 },
  ...{ context: 512, pooling: 1, seed: defaultSeed },
};

const folder = fileURLToPath(new URL('../../.cache/shapes/', import.meta.url));

/** Writes it, or finds it there already: .cache/shapes, the same bytes on every machine. */
export function ensureEmbedding(
  changes: Partial<EmbeddingShape> = {},
  file?: string,
): Promise<WrittenShape> {
  const shape = { ...tinyEmbedding, ...changes };
  const { dimensions, layers, pooling, context, seed } = shape;
  const name = `embedding-${dimensions}x${layers}-p${pooling}-c${context}-s${seed}.gguf`;
  return writeShape(planEmbedding(shape), file ?? join(folder, name), seed);
}

export function planEmbedding(shape: EmbeddingShape): PlannedShape {
  const { tokens, kinds } = wordPieces();
  const tensors = tensorsOf(shape, tokens.length);
  const header = encodeHeader(metadataOf(shape, tokens, kinds), tensors);
  const bytes = tensors.reduce((sum, tensor) => sum + aligned(tensor.bytes), header.length);
  return { header, tensors, bytes };
}

const special = { padding: 0, unknown: 1, first: 2, last: 3, mask: 4 } as const;
const specialTexts = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'];
/** llama.cpp's mark of a word's begin. */
const begin = '▁';
const miniaturePath = new URL('../miniature/train/tokenizer.json', import.meta.url);

/**
 * A WordPiece vocabulary: single characters, as a word's begin and within it, so that every word of Latin
 * letters comes out in known pieces, then the miniature's own pieces of words.
 */
function wordPieces(): { tokens: string[]; kinds: number[] } {
  const { merges } = JSON.parse(readFileSync(miniaturePath, 'utf8')) as {
    merges: [string, string][];
  };
  const characters = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index))
    .filter((character) => character === character.toLowerCase())
    .concat([...'äöüßáéíóúñàèìòùâêîôûç€°']);
  const pieces = merges
    .map(([left, right]) => (left + right).toLowerCase())
    .filter((piece) => /^Ġ?[a-z]+$/i.test(piece))
    .map((piece) => (/^ġ/.test(piece) ? begin + piece.slice(1) : piece));
  const tokens = [
    ...new Set([
      ...specialTexts,
      begin,
      ...characters.flatMap((character) => [begin + character, character]),
      ...pieces,
    ]),
  ];
  return { tokens, kinds: tokens.map((_, id) => (id < specialTexts.length ? 3 : 1)) };
}

/** By llama.cpp's names (src/models/bert.cpp), rows first. */
function tensorsOf(shape: EmbeddingShape, vocabulary: number): TypedTensor[] {
  const { dimensions: width, layers, feedForward: inner, context } = shape;
  const tensor = (name: string, role: Role, ...dimensions: number[]): TypedTensor => {
    const type = role === 'matrix' ? 'F16' : 'F32';
    const elements = dimensions.reduce((product, size) => product * size, 1);
    return { name, role, dimensions, type, elements, bytes: elements * blocks[type].bytes };
  };
  const normed = (name: string): TypedTensor[] => [
    tensor(`${name}.weight`, 'norm', width),
    tensor(`${name}.bias`, 'bias', width),
  ];
  const linear = (name: string, from: number, to: number): TypedTensor[] => [
    tensor(`${name}.weight`, 'matrix', from, to),
    tensor(`${name}.bias`, 'bias', to),
  ];
  return [
    tensor('token_embd.weight', 'word', width, vocabulary),
    tensor('token_types.weight', 'place', width, 2),
    tensor('position_embd.weight', 'place', width, context),
    ...normed('token_embd_norm'),
    ...Array.from({ length: layers }, (_, layer) => `blk.${layer}`).flatMap((block) => [
      ...linear(`${block}.attn_q`, width, width),
      ...linear(`${block}.attn_k`, width, width),
      ...linear(`${block}.attn_v`, width, width),
      ...linear(`${block}.attn_output`, width, width),
      ...normed(`${block}.attn_output_norm`),
      ...linear(`${block}.ffn_up`, width, inner),
      ...linear(`${block}.ffn_down`, inner, width),
      ...normed(`${block}.layer_output_norm`),
    ]),
  ];
}

/** One more whenever the same shape gives other bytes. */
const generator = 1;

function metadataOf(
  shape: EmbeddingShape,
  tokens: readonly string[],
  kinds: readonly number[],
): Record<string, Value> {
  return {
    'general.architecture': text('bert'),
    'general.type': text('model'),
    'general.name': text(`Test embedding ${shape.dimensions} (random weights)`),
    'general.file_type': u32(1),
    [`${shapeKey}.version`]: u32(generator),
    [`${shapeKey}.seed`]: { kind: 'u64', value: shape.seed },
    'bert.block_count': u32(shape.layers),
    'bert.context_length': u32(shape.context),
    'bert.embedding_length': u32(shape.dimensions),
    'bert.feed_forward_length': u32(shape.feedForward),
    'bert.attention.head_count': u32(shape.heads),
    'bert.attention.layer_norm_epsilon': f32(1e-12),
    'bert.attention.causal': { kind: 'bool', value: false },
    'bert.pooling_type': u32(shape.pooling),
    'tokenizer.ggml.model': text('bert'),
    'tokenizer.ggml.pre': text('default'),
    'tokenizer.ggml.token_type_count': u32(2),
    'tokenizer.ggml.tokens': { kind: 'strings', value: tokens },
    'tokenizer.ggml.token_type': { kind: 'i32s', value: kinds },
    'tokenizer.ggml.bos_token_id': u32(special.first),
    'tokenizer.ggml.cls_token_id': u32(special.first),
    'tokenizer.ggml.eos_token_id': u32(special.last),
    'tokenizer.ggml.seperator_token_id': u32(special.last),
    'tokenizer.ggml.unknown_token_id': u32(special.unknown),
    'tokenizer.ggml.padding_token_id': u32(special.padding),
    'tokenizer.ggml.mask_token_id': u32(special.mask),
  };
}
