import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeLauncher } from '../../electron/engine/fake.ts';
import type { MemorySample } from '../../electron/ipc/contract/index.ts';
import {
  dropSamples,
  insertSample,
  listSamples,
  thinSamples,
} from '../../electron/storage/repositories/memory.ts';
import { createBench } from './models-support.ts';
import type { Bench } from './models-support.ts';

const signal = new AbortController().signal;
const mib = 1024 * 1024;

let launcher: FakeLauncher;
let bench: Bench;
beforeEach(() => {
  launcher = createFakeLauncher();
  bench = createBench(launcher);
});
afterEach(() => bench.close());

const loadMiniature = async (): Promise<string> => {
  const { id } = await bench.named('Miniature (demo)');
  (await bench.models.provider.acquire(id, { signal })).release();
  return id;
};

describe('what is loaded', () => {
  it('shows measured beside predicted, and how far apart they are', async () => {
    expect(await bench.memory.handlers['memory.loaded']({})).toEqual([]);
    const id = await loadMiniature();
    const [entry] = await bench.memory.handlers['memory.loaded']({});
    expect(entry).toMatchObject({
      modelId: id,
      modelName: 'Miniature (demo)',
      contextSize: 2048,
      sessions: 4,
      sample: { resident: 60_000_000, kv: 4_000_000 },
    });
    const { predicted, sample } = entry!;
    expect(predicted.kv).toBe(4 * 2048 * 1536);
    expect(predicted.recurrent).toBe(4 * 289_792);
    const { weights, kv, recurrent, compute, process, total } = predicted;
    expect(weights + kv + recurrent + compute + process).toBe(total);
    expect(entry!.errorPercent).toBeCloseTo(((total - sample.resident) / sample.resident) * 100);
  });

  it('writes samples while the model runs and announces them', async () => {
    const id = await loadMiniature();
    const history = () => bench.memory.handlers['memory.history']({ since: 0, modelId: id });
    await expect.poll(history, { timeout: 10_000 }).toHaveLength(1);
    expect(bench.pushes).toContainEqual({ name: 'memory.changed', data: { modelId: id } });
    launcher.script.memory = { resident: 90_000_000 };
    await expect
      .poll(async () => (await history()).at(-1)?.resident, { timeout: 10_000 })
      .toBe(90_000_000);
  });

  it('skips an engine that is gone', async () => {
    await loadMiniature();
    launcher.engines[0]!.crash();
    expect(await bench.memory.handlers['memory.loaded']({})).toEqual([]);
  });
});

describe('the matrix', () => {
  it('compares the hybrid with the same model of attention only', async () => {
    const { id } = await bench.named('Miniature (demo)');
    const matrix = await bench.memory.handlers['memory.matrix']({ modelId: id });
    expect(matrix).toMatchObject({
      isHybrid: true,
      kvBytesPerToken: 1536,
      denseKvBytesPerToken: (1536 / 3) * 7,
      recurrentBytesPerSession: 289_792,
      machineTotal: bench.machine.total,
      machineAvailable: bench.machine.available,
    });
    expect(matrix.cells).toHaveLength(9);
    const cell = matrix.cells.find((one) => one.contextSize === 131_072 && one.sessions === 16)!;
    expect(cell.asIs).toBe(matrix.weights + 16 * (131_072 * 1536 + 289_792));
    expect(cell.dense).toBe(matrix.weights + 16 * 131_072 * 3584);
    expect(cell.fits).toBe(true);
    bench.machine.available = 10 * mib;
    const again = await bench.memory.handlers['memory.matrix']({ modelId: id });
    expect(again.cells.every((one) => !one.fits)).toBe(true);
  });

  it('does not know a model that is not there', async () => {
    await bench.list();
    expect(() => bench.memory.handlers['memory.matrix']({ modelId: 'none' })).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });
});

describe('thinning', () => {
  const sample = (at: number, modelId = 'a'): MemorySample => ({
    at,
    modelId,
    pid: 1,
    resident: at,
    proportional: null,
    privateBytes: null,
    swapped: null,
    footprint: null,
    commit: null,
    weights: 0,
    kv: 0,
    recurrent: 0,
    compute: 0,
    output: 0,
    checkpoints: 0,
    process: 0,
    untouched: 0,
    vram: null,
  });
  const times = () => listSamples(bench.db, 0).map((one) => `${one.modelId}${one.at / 1000}`);

  it('keeps the first of every step, for each model, and nothing new is touched', () => {
    for (let at = 0; at < 40_000; at += 1000) insertSample(bench.db, sample(at));
    insertSample(bench.db, sample(15_000, 'b'));
    insertSample(bench.db, sample(16_000, 'b'));
    thinSamples(bench.db, 0, 30_000, 10_000);
    expect(times()).toEqual([
      'a0',
      'a10',
      'b15',
      'a20',
      ...Array.from({ length: 10 }, (_, index) => `a${30 + index}`),
    ]);
  });

  it('bounds the rows whatever happens', () => {
    for (let at = 0; at < 100_000; at += 1000) insertSample(bench.db, sample(at));
    expect(dropSamples(bench.db, 20_000, 30)).toBe(70);
    expect(times()[0]).toBe('a70');
    expect(times()).toHaveLength(30);
  });
});
