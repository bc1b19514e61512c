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
    const { total, ceiling, ...parts } = predicted;
    expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBe(total);
    expect(ceiling).toBeGreaterThanOrEqual(total);
    // Nothing was read yet, so that compute buffers are not touched.
    const untouched = total - predicted.compute;
    const error = ((untouched - sample.resident) / sample.resident) * 100;
    expect(entry!.errorPercent).toBeCloseTo(error);
    expect(entry).toMatchObject({ kvType: 'f16', hasAnswered: false, shares: [] });
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

/** One answer of the fake engine, as a turn would ask for it. */
const answer = async (conversationId: string): Promise<string> => {
  const { id } = await bench.named('Miniature (demo)');
  const lease = await bench.models.provider.acquire(id, { signal });
  const events = lease.engine.generate(
    {
      sessionId: conversationId,
      prompt: { messages: [{ role: 'user', content: 'one two three' }] },
      sampling: { temperature: 0, topP: 1, topK: 0 },
      maxTokens: 8,
    },
    signal,
  );
  for await (const event of events) if (event.type === 'end') break;
  lease.release();
  return id;
};

describe('predictions', () => {
  it('are compared with the first answer of every load, once, and the errors kept (lmstudio#1631)', async () => {
    const accuracy = () => bench.memory.handlers['memory.accuracy']({});
    expect(await accuracy()).toMatchObject({ count: 0, withinPercent: null, records: [] });
    const id = await loadMiniature();
    const [{ predicted } = { predicted: null }] = await bench.memory.handlers['memory.loaded']({});
    await answer('c');
    await expect.poll(async () => (await accuracy()).count, { timeout: 10_000 }).toBe(1);
    await answer('c');
    await expect
      .poll(async () => (await bench.memory.handlers['memory.history']({ since: 0 })).length)
      .toBeGreaterThan(1);
    const { count, records, medianPercent, withinPercent } = await accuracy();
    expect(count).toBe(1);
    expect(records[0]).toMatchObject({
      modelId: id,
      contextSize: 2048,
      sessions: 4,
      kvType: 'f16',
    });
    const { errorPercent, predicted: told, measured } = records[0]!;
    expect(measured).toBe(60_000_000);
    // A few words were read: of the compute buffers a part was touched.
    expect(told).toBeLessThan(predicted!.total);
    expect(told).toBeGreaterThan(predicted!.total - predicted!.compute);
    expect(errorPercent).toBeCloseTo(((told - measured) / measured) * 100);
    expect([medianPercent, withinPercent]).toEqual([
      Math.abs(errorPercent),
      Math.abs(errorPercent),
    ]);
    expect(await bench.memory.handlers['memory.accuracy']({ modelId: 'other' })).toMatchObject({
      count: 0,
    });
  });

  it('learn what a process takes on this machine', async () => {
    const id = (await bench.named('Miniature (demo)')).id;
    const processOf = async () =>
      (await bench.memory.handlers['memory.predict']({ modelId: id })).prediction.process;
    const before = await processOf();
    launcher.script.memory = { process: 900 * mib };
    await loadMiniature();
    await answer('c');
    await expect.poll(processOf, { timeout: 10_000 }).toBeGreaterThan(before + 700 * mib);
  });

  it('are not compared where memory was swapped out', async () => {
    launcher.script.memory = { swapped: 1 };
    await loadMiniature();
    await answer('c');
    await expect
      .poll(async () => (await bench.memory.handlers['memory.history']({ since: 0 })).length)
      .toBeGreaterThan(0);
    expect(await bench.memory.handlers['memory.accuracy']({})).toMatchObject({ count: 0 });
  });

  it('answer for models that are here and models of the catalogue (lmstudio#1038)', async () => {
    const { id } = await bench.named('Miniature (demo)');
    const { 'memory.predict': predict } = bench.memory.handlers;
    const small = await predict({ modelId: id, contextSize: 1024, sessions: 2, kvType: 'q8_0' });
    expect(small.prediction.kv).toBe(2 * 1024 * 1536 * (34 / 64));
    expect(small).toMatchObject({ catalogId: null, perToken: 816, fits: true });
    expect(small.perSession).toBe(1024 * 816 + 289_792);

    const catalogId = 'granite-4.0-h-micro';
    const hybrid = await predict({ catalogId, contextSize: 131_072, sessions: 1, checkpoints: 2 });
    expect(hybrid).toMatchObject({ isHybrid: true, quantization: 'Q4_K_M', contextSize: 131_072 });
    expect(hybrid.prediction.kv).toBe(1024 * mib);
    expect(hybrid.prediction.checkpoints).toBe(2 * 77_377_536);
    bench.machine.available = 2000 * mib;
    expect((await predict({ catalogId, contextSize: 131_072 })).fits).toBe(false);
    // No header's 2^20: the context is the trained one.
    expect((await predict({ catalogId, contextSize: 2 ** 20 })).contextSize).toBe(131_072);
  });

  it('refuse what names no model, or two', async () => {
    const { 'memory.predict': predict } = bench.memory.handlers;
    const error = (code: string) => expect.objectContaining({ code });
    await expect(async () => predict({})).rejects.toThrow(error('invalid-argument'));
    await expect(async () => predict({ modelId: 'a', catalogId: 'b' })).rejects.toThrow(
      error('invalid-argument'),
    );
    await expect(async () => predict({ modelId: 'none' })).rejects.toThrow(error('not-found'));
    await expect(async () =>
      predict({ catalogId: 'granite-4.0-micro', quantization: 'Q9' }),
    ).rejects.toThrow(error('not-found'));
  });
});

describe('a comparison', () => {
  it('sets a hybrid beside the dense model of its size, with the break-even (ollama#12692)', async () => {
    const { 'memory.compare': compare } = bench.memory.handlers;
    const at = (contextSize: number) =>
      compare({ one: { catalogId: 'granite-4.0-h-micro' }, contextSize, sessions: 1 });
    const long = await at(131_072);
    expect(long.other).toMatchObject({ catalogId: 'granite-4.0-micro', isHybrid: false });
    expect(long.differencePercent).toBeLessThan(-70);
    expect(long.one.totals).toHaveLength(long.contexts.length);
    expect(long.measuredPercent).toBeNull();
    // At short contexts the state of fixed size weighs more than the cache it replaces.
    expect((await at(4096)).differencePercent).toBeGreaterThan(-30);
    expect(long.breakEven).toBeGreaterThanOrEqual(256);
    expect(long.breakEven).toBeLessThan(8192);
  });

  it('takes any two, the other way round too, and says so where there is no other', async () => {
    const { 'memory.compare': compare } = bench.memory.handlers;
    const { id } = await bench.named('Miniature (demo)');
    const dense = await compare({
      one: { catalogId: 'granite-4.0-micro' },
      contextSize: 32_768,
      sessions: 4,
    });
    expect(dense.other).toMatchObject({ catalogId: 'granite-4.0-h-micro', isHybrid: true });
    expect(dense.differencePercent).toBeGreaterThan(0);
    expect(dense.breakEven).toBe(dense.breakEven === null ? null : 256);
    const alone = await compare({ one: { modelId: id }, contextSize: 1024, sessions: 1 });
    expect(alone).toMatchObject({ other: null, differencePercent: null, breakEven: null });
  });
});

describe('conversations', () => {
  it('are told with what each takes, running or resting (jundot/omlx#1271)', async () => {
    const id = await answer('gone');
    const [only, ...more] = await bench.memory.handlers['memory.sessions']({});
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      modelId: id,
      conversationId: 'gone',
      title: null,
      state: 'resting',
      contextSize: 2048,
      kv: 2048 * 1536,
      recurrent: 289_792,
      checkpointBytes: 0,
      savedBytes: 0,
    });
    expect(only!.total).toBe(only!.kv + only!.recurrent);
    expect(only!.kvUsed).toBe(only!.tokens * 1536);
    const [loaded] = await bench.memory.handlers['memory.loaded']({});
    expect(loaded!.shares).toEqual([only]);
    expect(loaded!.hasAnswered).toBe(true);
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

  it('drops what a clock that was set back left in the future', () => {
    for (const at of [1000, 2000, 9_000_000]) insertSample(bench.db, sample(at));
    expect(dropSamples(bench.db, 0, 100, 5000)).toBe(1);
    expect(times()).toEqual(['a1', 'a2']);
  });

  it('bounds the rows whatever happens', () => {
    for (let at = 0; at < 100_000; at += 1000) insertSample(bench.db, sample(at));
    expect(dropSamples(bench.db, 20_000, 30)).toBe(70);
    expect(times()[0]).toBe('a70');
    expect(times()).toHaveLength(30);
  });
});
