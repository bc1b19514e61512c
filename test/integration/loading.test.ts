import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeLauncher } from '../../electron/engine/fake.ts';
import { toErrorShape } from '../../electron/ipc/app-error.ts';
import { createBench, gib, importMicro } from './models-support.ts';
import type { Bench } from './models-support.ts';

const { signal } = new AbortController();
let folder = '';
let launcher: FakeLauncher;
let bench: Bench;
let id = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-loading-'));
  launcher = createFakeLauncher();
  bench = createBench(launcher, folder);
  id = await importMicro(bench, folder);
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

const load = async (wish: object) => {
  const { taskId } = await bench.models.handlers['models.load']({ modelId: id, ...wish });
  await bench.tasks.finished(taskId);
};
const plan = (wish: object = {}) => bench.models.handlers['models.plan']({ modelId: id, ...wish });
const acquire = () => bench.models.provider.acquire(id, { signal });
const refusal = (work: Promise<unknown>) => work.then(() => null, toErrorShape);
const model = async () => (await bench.list()).find((one) => one.id === id);
const alive = () => launcher.engines.filter(({ closed }) => !closed);

describe('two loads of a model', () => {
  it('never run beside each other: of two wishes at once the second is refused (jan#4727)', async () => {
    await load({ contextSize: 4096 });
    const wishes = [8192, 16_384].map((contextSize) => load({ contextSize }));
    const [first, second] = await Promise.all(wishes.map(refusal));
    expect(first).toBeNull();
    expect(second).toMatchObject({ code: 'model-busy', detail: { reason: 'loading' } });
    expect(alive()).toHaveLength(1);
    expect((await model())?.loaded).toMatchObject({ state: 'ready', contextSize: 8192 });
  });

  it('are one where they wish the same, and a turn waits for it', async () => {
    await load({ contextSize: 4096 });
    const anew = [load({ contextSize: 8192 }), load({ contextSize: 8192 })];
    const lease = await acquire();
    await Promise.all(anew);
    expect(lease.engine.info.contextSize).toBe(8192);
    lease.release();
    expect(launcher.launches).toHaveLength(2);
    expect(alive()).toHaveLength(1);
  });
});

describe('a longer context for a loaded model', () => {
  it('is refused with numbers while an answer is written', async () => {
    await load({ contextSize: 4096, sessions: 1 });
    const lease = await acquire();
    const error = await refusal(load({ contextSize: 65_536 }));
    expect(error).toMatchObject({ code: 'model-busy', detail: { context: 65_536 } });
    const { needed, available } = await plan({ contextSize: 65_536 });
    expect(error?.detail).toMatchObject({ needed, available });
    expect(await plan({ contextSize: 65_536 })).toMatchObject({ isBusy: true });
    expect(alive()).toHaveLength(1);
    lease.release();
    await load({ contextSize: 65_536 });
    expect((await model())?.loaded).toMatchObject({ contextSize: 65_536 });
  });

  it('that does not fit leaves it loaded as it was, and says what would (lmstudio#1544)', async () => {
    await load({ contextSize: 4096, sessions: 4 });
    bench.machine.available = 12 * gib;
    const wish = { contextSize: 131_072, sessions: 4 };
    const error = await refusal(load(wish));
    expect(error).toMatchObject({
      code: 'model-too-large',
      detail: { context: 131_072, sessions: 4 },
    });
    expect((await plan(wish)).refusal?.detail).toEqual(error?.detail);
    const lease = await acquire();
    expect(lease.engine.info.pid).toBe(launcher.engines[0]?.info.pid);
    lease.release();
  });

  it('is shown with what it was loaded with, however little is left beside it (jan#4727)', async () => {
    await load({ contextSize: 16_384, sessions: 2 });
    const before = await model();
    bench.machine.available = gib / 8;
    const after = await model();
    expect(after).toMatchObject({ plannedContext: 16_384, fit: { verdict: 'loaded' } });
    expect(after?.predictedBytes).toBe(before?.predictedBytes);
  });

  it('fits with every choice that the refusal names (jan#8236)', async () => {
    bench.machine.available = 17 * gib;
    const wish = { contextSize: 131_072, sessions: 4 };
    const { detail = {} } = (await refusal(load(wish)))!;
    const choices = [
      { ...wish, contextSize: Number(detail['shorter']) },
      { ...wish, kvType: detail['kv'], contextSize: Number(detail['kvContext']) },
      { ...wish, sessions: Number(detail['fewer']), contextSize: Number(detail['fewerContext']) },
    ];
    expect(detail['kv']).toBe('q4_0');
    for (const choice of choices) await load(choice);
    expect(launcher.launches).toMatchObject(choices);
  });
});

describe('how a model is loaded', () => {
  const wish = { contextSize: 8192, sessions: 2, kvType: 'q8_0' } as const;

  it('is remembered where that is wished, through a restart, until it is not', async () => {
    await load({ ...wish, remember: true });
    expect((await plan()).remembered).toEqual(wish);
    await bench.close();
    bench = createBench(launcher, folder);
    (await acquire()).release();
    expect(launcher.launches.at(-1)).toMatchObject(wish);
    await load({ remember: false });
    expect((await plan()).remembered).toBeNull();
    await bench.models.handlers['models.unload']({ modelId: id });
    (await acquire()).release();
    expect(launcher.launches.at(-1)).toMatchObject({ sessions: 4, kvType: 'f16' });
  });

  it('follows the setting for the memory for text, in predictions too', async () => {
    const before = await plan({ contextSize: 8192 });
    await bench.set({ values: { kvType: 'q4_0' } });
    const after = await plan({ contextSize: 8192 });
    expect(after.prediction.kv).toBe((before.prediction.kv * 18) / 64);
    (await acquire()).release();
    expect(launcher.launches.at(-1)).toMatchObject({ kvType: 'q4_0' });
    expect(await bench.memory.handlers['memory.predict']({ modelId: id })).toMatchObject({
      kvType: 'q4_0',
    });
    const odd = { kvType: 'q2' as unknown as 'f16' };
    expect(() => bench.set({ values: odd })).toThrow('kvType');
  });
});

describe('memory that runs short', () => {
  it('while loading is a refusal with numbers, not a crash (ollama#12982)', async () => {
    launcher.script.loadError = {
      code: 'model-too-large',
      detail: { neededBytes: 1, availableBytes: 2 },
    };
    const error = await refusal(load({ contextSize: 32_768, sessions: 4 }));
    expect(error).toMatchObject({
      code: 'model-too-large',
      detail: { reason: 'allocation', modelId: id, kv: 'q8_0', fewer: 3, shorter: 16_384 },
    });
    expect((await model())?.error).toEqual(error);
  });

  it('and has the system kill the load is one too', async () => {
    launcher.script.loadError = {
      code: 'engine-crashed',
      detail: { signal: 'SIGKILL', reason: 'memory' },
    };
    expect(await refusal(load({ contextSize: 32_768 }))).toMatchObject({
      code: 'model-too-large',
      detail: { reason: 'killed', kv: 'q8_0' },
    });
    launcher.script.loadError = { code: 'engine-crashed', detail: { signal: 'SIGSEGV' } };
    expect(await refusal(load({ contextSize: 32_768 }))).toMatchObject({ code: 'engine-crashed' });
  });

  it('and has the system kill an answering model says so, with what would fit', async () => {
    await load({ contextSize: 32_768, sessions: 4 });
    const lease = await acquire();
    // What it held is all that is available afterwards.
    bench.machine.available = (await plan()).prediction.total;
    launcher.engines[0]!.crash('SIGKILL');
    const thrown = await lease.engine.memory().catch((error: unknown) => error);
    const explained = toErrorShape(await lease.explain!(thrown));
    await expect.poll(async () => (await model())?.error?.detail).toBeDefined();
    expect((await model())?.error).toMatchObject({
      code: 'engine-crashed',
      detail: { reason: 'memory', context: 32_768, sessions: 4, modelId: id },
    });
    expect(explained).toEqual((await model())?.error);
    lease.release();
  });

  it('is not what a kill with memory to spare is called', async () => {
    await load({ contextSize: 4096 });
    const lease = await acquire();
    launcher.engines[0]!.crash('SIGKILL');
    lease.release();
    // Only where memory ran out is it not started again at once.
    await expect.poll(async () => (await model())?.loaded?.state).toBe('ready');
    expect((await model())?.error).toBeNull();
  });
});
