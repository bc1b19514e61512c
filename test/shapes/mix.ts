import type { Tensor } from './tensors.ts';

export type Quantization = 'Q4_0' | 'Q4_K_M' | 'Q8_0' | 'F16';
export const quantizations: readonly Quantization[] = ['Q4_0', 'Q4_K_M', 'Q8_0', 'F16'];

export type BlockType = 'F32' | 'F16' | 'Q4_0' | 'Q5_0' | 'Q8_0' | 'Q4_K' | 'Q6_K';

interface Block {
  /** Its id in the file. */
  readonly id: number;
  readonly elements: number;
  readonly bytes: number;
}

export const blocks: Readonly<Record<BlockType, Block>> = {
  F32: { id: 0, elements: 1, bytes: 4 },
  F16: { id: 1, elements: 1, bytes: 2 },
  Q4_0: { id: 2, elements: 32, bytes: 18 },
  Q5_0: { id: 6, elements: 32, bytes: 22 },
  Q8_0: { id: 8, elements: 32, bytes: 34 },
  Q4_K: { id: 12, elements: 256, bytes: 144 },
  Q6_K: { id: 14, elements: 256, bytes: 210 },
};

/** `general.file_type` of a quantisation. */
export const fileType: Readonly<Record<Quantization, number>> = {
  F16: 1,
  Q4_0: 2,
  Q8_0: 7,
  Q4_K_M: 15,
};

export interface TypedTensor extends Tensor {
  readonly type: BlockType;
  readonly elements: number;
  readonly bytes: number;
}

/**
 * Which type llama.cpp's quantiser gives to each tensor of these four mixes, without an importance
 * matrix (llama-quant.cpp: tensor_allows_quantization, llama_tensor_get_type_impl,
 * tensor_type_fallback; what stays F32 in F16 files: conversion/base.py).
 */
export function typed(
  tensors: readonly Tensor[],
  quantization: Quantization,
): readonly TypedTensor[] {
  const isTied = !tensors.some((tensor) => tensor.name === 'output.weight');
  const layers = 1 + Math.max(...tensors.map((tensor) => layerOf(tensor.name)));
  const values = tensors.filter((tensor) => tensor.name.endsWith('attn_v.weight'));
  const base = quantization === 'Q4_K_M' ? 'Q4_K' : quantization;
  return tensors.map((tensor) => {
    const { name } = tensor;
    let type: BlockType = base;
    const isTable = name === 'output.weight' || (isTied && name === 'token_embd.weight');
    if (!isQuantised(tensor)) type = 'F32';
    else if (base === 'F16') type = 'F16';
    else if (isTable) type = base === 'Q8_0' || !fits(tensor, base) ? 'Q8_0' : 'Q6_K';
    else if (quantization === 'Q4_K_M') {
      const isFiner =
        (name.endsWith('attn_v.weight') && moreBits(values.indexOf(tensor), values.length)) ||
        (name.includes('ffn_down') && moreBits(layerOf(name), layers));
      if (isFiner) type = 'Q6_K';
    }
    type = fallback(tensor, type);
    const elements = tensor.dimensions.reduce((product, size) => product * size, 1);
    const block = blocks[type];
    return { ...tensor, type, elements, bytes: (elements / block.elements) * block.bytes };
  });
}

const layerOf = (name: string): number => Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? -1);

/** The first and last eighth of the layers and every third between. */
function moreBits(index: number, count: number): boolean {
  const eighth = Math.floor(count / 8);
  return index < eighth || index >= Math.floor((7 * count) / 8) || (index - eighth) % 3 === 2;
}

function isQuantised({ name, dimensions }: Tensor): boolean {
  const axes = dimensions.findLastIndex((size) => size > 1) + 1;
  const isKept = /_norm\.weight$|ffn_gate_inp\.weight$|ssm_conv1d/.test(name);
  return axes >= 2 && name.endsWith('weight') && !isKept;
}

const fits = ({ dimensions }: Tensor, type: BlockType): boolean =>
  (dimensions[0] ?? 1) % blocks[type].elements === 0;

/** Rows that are no whole number of 256-blocks get a type of 32-blocks, or F16. */
function fallback(tensor: Tensor, type: BlockType): BlockType {
  if (fits(tensor, type)) return type;
  const smaller = type === 'Q4_K' ? 'Q5_0' : type === 'Q6_K' ? 'Q8_0' : type;
  return fits(tensor, smaller) ? smaller : 'F16';
}
