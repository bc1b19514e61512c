import { join } from 'node:path';
import { miniature } from '../model/engine-support.ts';
import { shapeModel } from '../shapes/models.ts';
import { planShape, writeShape } from '../shapes/write.ts';

/** Models whose states differ in kind: small enough to be made for a test. */
export const stateModels = ['miniature', 'hybrid with experts', 'dense'] as const;
export type StateModel = (typeof stateModels)[number];

const sizes = { vocabulary: 4096, embedding: 256, feedForward: 512 };
const heads = { heads: 4, kvHeads: 2, headSize: 64 };
const hybrid = {
  ...{ layers: 4, attentionLayers: [1, 3] },
  experts: { count: 4, used: 2, size: 128 },
  ssm: { heads: 16, headWidth: 32, inner: 512, state: 32, convolution: 4, groups: 1 },
};

/** The model's file: the miniature, or random weights of a real model's kinds of layers. */
export async function stateModelFile(kind: StateModel, folder: string): Promise<string> {
  if (kind === 'miniature') return miniature;
  const model = shapeModel(kind === 'dense' ? 'micro' : 'h-tiny');
  const over = kind === 'dense' ? { layers: 3 } : hybrid;
  const shape = { ...model.shape, ...sizes, ...heads, ...over };
  const path = join(folder, `${kind.replaceAll(' ', '-')}.gguf`);
  await writeShape(planShape({ ...model, shape }, 'Q8_0'), path, 1);
  return path;
}
