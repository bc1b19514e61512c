import type { Shape } from '../../electron/models/catalog/catalog.ts';

/** What a tensor is for: it decides how its random numbers are spread. */
export type Role =
  | 'norm'
  | 'matrix'
  | 'table'
  | 'convolution'
  | 'bias'
  | 'decay'
  | 'step'
  | 'skip'
  | 'word'
  | 'place';

export interface Tensor {
  readonly name: string;
  /** In GGUF's order: the length of a row first. */
  readonly dimensions: readonly number[];
  readonly role: Role;
}

/**
 * The tensors of a Granite model by llama.cpp's names and shapes (its loaders of `granite` and
 * `granitehybrid`), in the order of a quantised file: those of no layer first, then layer by layer,
 * each by name.
 */
export function tensorsOf(shape: Shape): readonly Tensor[] {
  const { embedding, vocabulary, layers } = shape;
  const top: Tensor[] = [
    { name: 'output_norm.weight', dimensions: [embedding], role: 'norm' },
    { name: 'token_embd.weight', dimensions: [embedding, vocabulary], role: 'table' },
  ];
  if (!shape.tied) {
    top.unshift({ name: 'output.weight', dimensions: [embedding, vocabulary], role: 'table' });
  }
  const all = Array.from({ length: layers }, (_, layer) => {
    const isAttention = shape.attentionLayers?.includes(layer) ?? true;
    return [
      { name: 'attn_norm.weight', dimensions: [embedding], role: 'norm' } as const,
      ...(isAttention ? attention(shape) : mamba(shape)),
      { name: 'ffn_norm.weight', dimensions: [embedding], role: 'norm' } as const,
      ...(shape.experts === null ? feedForward(shape, '') : experts(shape)),
    ]
      .map((tensor) => ({ ...tensor, name: `blk.${layer}.${tensor.name}` }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  });
  return [...top, ...all.flat()];
}

const matrix = (name: string, ...dimensions: number[]): Tensor => ({
  name: `${name}.weight`,
  dimensions,
  role: 'matrix',
});

function attention({ embedding, heads, kvHeads, headSize }: Shape): Tensor[] {
  return [
    matrix('attn_q', embedding, heads * headSize),
    matrix('attn_k', embedding, kvHeads * headSize),
    matrix('attn_v', embedding, kvHeads * headSize),
    matrix('attn_output', heads * headSize, embedding),
  ];
}

function mamba({ embedding, ssm }: Shape): Tensor[] {
  if (ssm === null) throw new Error('a layer without attention needs the numbers of its state');
  const mixed = ssm.inner + 2 * ssm.groups * ssm.state;
  return [
    matrix('ssm_in', embedding, ssm.inner + mixed + ssm.heads),
    { name: 'ssm_conv1d.weight', dimensions: [ssm.convolution, mixed], role: 'convolution' },
    { name: 'ssm_conv1d.bias', dimensions: [mixed], role: 'bias' },
    { name: 'ssm_dt.bias', dimensions: [ssm.heads], role: 'step' },
    { name: 'ssm_a', dimensions: [1, ssm.heads], role: 'decay' },
    { name: 'ssm_d', dimensions: [1, ssm.heads], role: 'skip' },
    {
      name: 'ssm_norm.weight',
      dimensions: [ssm.inner / ssm.groups, ssm.groups],
      role: 'norm',
    },
    matrix('ssm_out', ssm.inner, embedding),
  ];
}

function feedForward({ embedding, feedForward: size }: Shape, suffix: string): Tensor[] {
  return [
    matrix(`ffn_gate${suffix}`, embedding, size),
    matrix(`ffn_up${suffix}`, embedding, size),
    matrix(`ffn_down${suffix}`, size, embedding),
  ];
}

function experts(shape: Shape): Tensor[] {
  const { embedding, experts: told } = shape;
  if (told === null) return [];
  const { count, size } = told;
  return [
    matrix('ffn_gate_inp', embedding, count),
    matrix('ffn_gate_exps', embedding, size, count),
    matrix('ffn_up_exps', embedding, size, count),
    matrix('ffn_down_exps', size, embedding, count),
    ...feedForward(shape, '_shexp'),
  ];
}
