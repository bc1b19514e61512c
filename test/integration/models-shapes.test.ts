import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import { shapeModel } from '../shapes/models.ts';
import { planShape, writeShape } from '../shapes/write.ts';
import { createBench } from './models-support.ts';
import type { Bench } from './models-support.ts';

const signal = new AbortController().signal;
let folder = '';
let bench: Bench;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-shape-'));
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

async function importShape(): Promise<string> {
  const model = shapeModel('h-350m');
  const shape = { ...model.shape, vocabulary: 2048, layers: 2, attentionLayers: [1] };
  const path = join(folder, 'shape.gguf');
  await writeShape(planShape({ ...model, shape }, 'Q4_0'), path, 1);
  const { modelId, taskId } = await bench.models.handlers['models.import']({
    paths: [path],
    mode: 'reference',
  });
  await bench.tasks.finished(taskId);
  return modelId;
}

it('a shape of random weights is listed and loads, but no turn uses it', async () => {
  bench = createBench(createFakeLauncher(), undefined, { environment: {} });
  const modelId = await importShape();
  const { header } = await bench.named('Shape of h-350m (random weights)');
  expect(header.isShape).toBe(true);

  await expect(bench.models.provider.acquire(modelId, { signal })).rejects.toMatchObject({
    code: 'model-is-shape',
    detail: { name: 'Shape of h-350m (random weights)' },
  });
  // Neither as the newest import nor as the default model.
  await bench.set({ values: { defaultModelId: modelId } });
  const lease = await bench.models.provider.acquire(null, { signal });
  expect(lease.modelName).toBe('Miniature (demo)');
  lease.release();

  const { taskId } = await bench.models.handlers['models.load']({ modelId });
  await bench.tasks.finished(taskId);
  expect(bench.models.loaded().map(({ model }) => model.id)).toContain(modelId);
});

it('measuring may ask for turns with it', async () => {
  bench = createBench(createFakeLauncher(), undefined, { environment: { QUARRY_MEASURE: '1' } });
  const modelId = await importShape();
  const lease = await bench.models.provider.acquire(modelId, { signal });
  expect(lease.modelId).toBe(modelId);
  lease.release();
});
