import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shapeModel } from '../../shapes/models.ts';
import { planShape, writeShape } from '../../shapes/write.ts';
import { miniature } from '../engine-support.ts';

export const modelNames = ['miniature', 'moe', 'dense'] as const;
export type ModelName = (typeof modelNames)[number];

/** Weights F16: of quantised ones llama.cpp multiplies several rows at once, so that they look at each other. */
const common = {
  tied: false,
  vocabulary: 1024,
  embedding: 128,
  heads: 2,
  kvHeads: 1,
  headSize: 64,
};
const shapes = {
  moe: {
    id: 'h-tiny',
    shape: {
      ...{ layers: 5, attentionLayers: [2, 4], feedForward: 128 },
      experts: { count: 8, used: 2, size: 64 },
      ssm: { heads: 4, headWidth: 64, inner: 256, state: 128, convolution: 4, groups: 1 },
    },
  },
  dense: { id: 'micro', shape: { layers: 3, feedForward: 256 } },
};

const folder = fileURLToPath(new URL('../../../.cache/exactness/', import.meta.url));

/** The file of a model; those of random weights are written when they are first asked for. */
export async function modelFile(name: ModelName): Promise<string> {
  if (name === 'miniature') return miniature;
  const { id, shape } = shapes[name];
  const base = shapeModel(id);
  const model = { ...base, shape: { ...base.shape, ...common, ...shape } };
  const path = join(folder, `${name}.gguf`);
  await writeShape(planShape(model, 'F16'), path, 1);
  return path;
}
