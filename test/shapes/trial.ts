import { fileURLToPath } from 'node:url';
import { shapeModel } from './models.ts';
import { planShape, writeShape } from './write.ts';

// Writes resources/trial/*.gguf: `node test/shapes/trial.ts`. Commit what it writes.

const seed = 1;
const likeTiny = shapeModel('h-tiny');

/**
 * Random weights, small enough to ship, with the sizes that kernels on graphics cards ask for: a state
 * of 128 and heads of 64 (the miniature's state of 32 would be left to the processor), attention heads
 * of 64, experts.
 */
const scan = {
  ...likeTiny,
  id: 'trial',
  context: 1024,
  scales: { embedding: 12, residual: 0.22, attention: 1 / 64, logit: 0.5 },
  shape: {
    ...likeTiny.shape,
    ...{ vocabulary: 512, embedding: 128, layers: 3, attentionLayers: [1], feedForward: 128 },
    ...{ heads: 2, kvHeads: 1, headSize: 64 },
    experts: { count: 4, used: 2, size: 64 },
    ssm: { heads: 4, headWidth: 64, inner: 256, state: 128, convolution: 4, groups: 1 },
  },
};

/** For backends that know no hybrids. */
const dense = {
  ...scan,
  shape: {
    ...{ ...scan.shape, architecture: 'granite' as const, layers: 2, attentionLayers: null },
    ...{ experts: null, ssm: null },
  },
};

for (const [name, model] of Object.entries({ scan, dense })) {
  const path = fileURLToPath(new URL(`../../resources/trial/${name}.gguf`, import.meta.url));
  const { bytes } = await writeShape(planShape(model, 'Q8_0', seed), path, seed);
  console.log(`${path}: ${bytes} bytes`);
}
