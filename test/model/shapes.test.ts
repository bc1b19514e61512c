import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Shape } from '../../electron/models/catalog/catalog.ts';
import type { Quantization } from '../shapes/mix.ts';
import { shapeModel } from '../shapes/models.ts';
import { loadAndAnswer } from '../shapes/try.ts';
import { planShape, writeShape } from '../shapes/write.ts';
import { temporaryFolder } from './engine-support.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

const sizes = { vocabulary: 4096, embedding: 256, layers: 4, feedForward: 512 };
const heads = { heads: 4, kvHeads: 2, headSize: 64 };
const ssm = { heads: 8, headWidth: 64, inner: 512, state: 128, convolution: 4, groups: 1 };

// A few layers of each kind of Granite, in each mix: llama.cpp loads them, numbers stay finite, and what
// it reports is what the formulas say.
test.each<[string, Quantization, Partial<Shape>]>([
  ['h-350m', 'Q4_K_M', { attentionLayers: [1], ssm }],
  ['h-tiny', 'Q8_0', { attentionLayers: [2], ssm, experts: { count: 8, used: 2, size: 256 } }],
  ['h-tiny', 'Q4_0', { attentionLayers: [2], ssm, experts: { count: 8, used: 2, size: 256 } }],
  ['micro', 'F16', {}],
  ['4.2-3b', 'Q4_0', {}],
  // Rows of 288 numbers: the mix falls back to Q5_0 and Q8_0.
  ['1b', 'Q4_K_M', { embedding: 288, ...{ heads: 9, kvHeads: 3, headSize: 32 } }],
])('a small %s in %s loads, writes and takes the memory of the formulas', async (id, mix, over) => {
  const model = shapeModel(id);
  const small = { ...model, shape: { ...model.shape, ...sizes, ...heads, ...over } };
  const path = join(folder.path, `${id}-${mix}.gguf`);
  await writeShape(planShape(small, mix), path, 1);

  const tried = await loadAndAnswer(path, 24);
  expect(tried.header.isShape).toBe(true);
  expect(tried.memory.kv).toBe(tried.kv);
  expect(tried.memory.recurrent).toBe(tried.recurrent);
  expect(tried.kv).toBeGreaterThan(0);
  expect(tried.recurrent > 0).toBe(model.shape.ssm !== null);
  // Numbers that are not finite would draw one token again and again.
  expect(tried.answerTokens).toBe(24);
  expect(new Set(tried.text).size).toBeGreaterThan(8);
});
