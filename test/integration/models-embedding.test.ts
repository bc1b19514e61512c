import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import { createEmbedders } from '../../electron/models/embedder.ts';
import type { Embedders } from '../../electron/models/embedder.ts';
import { ensureEmbedding } from '../shapes/embedding.ts';
import { createFakeEmbedders } from '../support/fake-embedder.ts';
import { createBench, gib } from './models-support.ts';
import type { Bench } from './models-support.ts';

const never = new AbortController().signal;
let folder = '';
let launcher: ReturnType<typeof createFakeLauncher>;
let embedders: ReturnType<typeof createFakeEmbedders>;
let bench: Bench;
let now = 1_000_000;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-embedding-'));
  launcher = createFakeLauncher();
  embedders = createFakeEmbedders();
  bench = createBench(launcher, folder, { embedderLauncher: embedders });
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

const state = () => bench.models.handlers['models.embedding']({});

/** @returns the model's id. */
async function add(name: string, changes: Parameters<typeof ensureEmbedding>[0] = {}) {
  const path = join(folder, `${name}.gguf`);
  copyFileSync((await ensureEmbedding(changes)).path, path);
  const { modelId, taskId } = await bench.models.handlers['models.import']({
    paths: [path],
    mode: 'reference',
  });
  await bench.tasks.finished(taskId);
  return modelId;
}

describe('an embedding model in the library', () => {
  it('is recognised by its file, and one that ranks or pools nothing is of no use', async () => {
    const id = await add('vectors');
    const ranks = await add('ranks', { pooling: 4 });
    const bare = await add('bare', { pooling: 0 });
    const models = new Map((await bench.list()).map((model) => [model.id, model]));
    expect(models.get(id)?.header).toMatchObject({ purpose: 'embedding', pooling: 'mean' });
    expect(models.get(id)?.header.kvBytesPerToken).toBe(0);
    expect(models.get(ranks)?.header.purpose).toBe('other');
    expect(models.get(bare)?.header.purpose).toBe('other');
    expect(await state()).toMatchObject({ status: 'resting', model: { id, dimensions: 64 } });
    expect((await state()).installed).toHaveLength(1);
  });

  it('is never what a conversation is answered with', async () => {
    const id = await add('vectors');
    const lease = await bench.models.provider.acquire(null, { signal: never });
    expect(lease.modelName).toBe('Miniature (demo)');
    lease.release();
    await bench.set({ values: { defaultModelId: id } });
    expect((await bench.models.provider.look(null)).modelId).not.toBe(id);
    const refused = { code: 'model-not-writing' };
    await expect(bench.models.provider.acquire(id, { signal: never })).rejects.toMatchObject(
      refused,
    );
    await expect(bench.models.handlers['models.load']({ modelId: id })).rejects.toMatchObject(
      refused,
    );
    expect(launcher.engines).toHaveLength(1);
    expect(embedders.launched).toHaveLength(0);
  });

  it('is used as the setting says: the newest, one by name, none, and a chosen one that is gone', async () => {
    expect(await state()).toMatchObject({ status: 'none', model: null, installed: [] });
    expect(bench.models.embedder.look()).toBeNull();
    expect(bench.models.embedder.lack()).toBe('none');
    const first = await add('first');
    const second = await add('second', { pooling: 2 });
    const told: (string | undefined)[] = [];
    bench.models.embedder.onChange(() => told.push(bench.models.embedder.look()?.modelId));
    expect(bench.models.embedder.look()?.modelId).toBe(second);
    const choose = async (embeddingModel: string) => {
      await bench.set({ values: { embeddingModel } });
      await bench.models.settingsChanged();
    };
    await choose(first);
    expect(bench.models.embedder.look()?.modelId).toBe(first);
    expect(bench.models.embedder.lack()).toBeNull();
    await choose('none');
    expect(await state()).toMatchObject({ status: 'off', model: null });
    expect(bench.models.embedder.lack()).toBe('off');
    await choose(first);
    await bench.models.handlers['models.remove']({ modelId: first });
    expect(await state()).toMatchObject({ status: 'missing', model: null });
    expect(bench.models.embedder.lack()).toBe('missing');
    await expect(bench.models.embedder.acquire(never)).rejects.toMatchObject({ code: 'not-found' });
    await choose('automatic');
    expect(told).toEqual([first, undefined, first, undefined, second]);
  });

  it('has a fingerprint of its bytes and of how vectors are made of them', async () => {
    await add('one');
    const one = bench.models.embedder.look()!;
    expect(one.fingerprint).toMatch(/^[0-9a-f]{64}:mean:64:v1$/);
    await add('two', { pooling: 2 });
    expect(bench.models.embedder.look()!.fingerprint).toMatch(/:cls:64:v1$/);
    expect(bench.models.embedder.look()!.fingerprint).not.toBe(one.fingerprint);
  });
});

describe('its process', () => {
  it('is started when it is needed, once for all who ask, and counted with the others', async () => {
    const id = await add('vectors');
    const [one, two] = await Promise.all([
      bench.models.embedder.acquire(never),
      bench.models.embedder.acquire(never),
    ]);
    expect(embedders.launched).toHaveLength(1);
    const { vectors } = await one.embedder.embed({ texts: ['a', 'b'], use: 'passage' }, never);
    expect(vectors).toHaveLength(2);
    expect(await state()).toMatchObject({ status: 'ready', residentBytes: 150 << 20 });
    expect((await bench.list()).find((model) => model.id === id)?.loaded?.state).toBe('ready');
    const [memory] = await bench.memory.handlers['memory.loaded']({});
    expect(memory).toMatchObject({ modelId: id, sample: { resident: 150 << 20, kv: 0 } });
    await expect(bench.models.unload(id)).rejects.toMatchObject({ code: 'model-busy' });
    one.release();
    two.release();
    two.release();
    await bench.models.handlers['models.unload']({ modelId: id });
    expect(embedders.launched[0]?.closed).toBe(true);
    expect(await state()).toMatchObject({ status: 'resting', residentBytes: null });
  });

  it('is not started where there is no room, and goes where a model that writes needs its room', async () => {
    await add('vectors');
    bench.machine.available = gib / 8;
    await expect(bench.models.embedder.acquire(never)).rejects.toMatchObject({
      code: 'model-too-large',
    });
    expect((await state()).status).toBe('failed');
    bench.machine.available = 4 * gib;
    (await bench.models.embedder.acquire(never)).release();
    expect((await state()).status).toBe('ready');
    bench.machine.total = 4 * gib;
    bench.machine.available = gib / 2;
    await bench.models.provider.acquire(null, { signal: never }).catch(() => undefined);
    expect(embedders.launched.at(-1)?.closed).toBe(true);
  });

  it('is started again after a crash, three times in a row and then only when a person asks', async () => {
    await add('vectors');
    for (let times = 0; times < 3; times += 1) {
      const lease = await bench.models.embedder.acquire(never);
      embedders.launched.at(-1)!.crash();
      await expect(
        lease.embedder.embed({ texts: ['a'], use: 'passage' }, never),
      ).rejects.toMatchObject({ code: 'engine-crashed' });
      lease.release();
    }
    await expect(bench.models.embedder.acquire(never)).rejects.toMatchObject({
      code: 'engine-crash-loop',
      detail: { times: 3, how: 'SIGSEGV' },
    });
    expect(await state()).toMatchObject({ status: 'failed', error: { code: 'engine-crash-loop' } });
    await bench.models.handlers['models.loadEmbedding']({});
    expect(await state()).toMatchObject({ status: 'ready', error: null });
    expect(embedders.launched).toHaveLength(4);
  });

  it('who leaves while it is loaded hears of it at once; who stays gets it', async () => {
    await add('vectors');
    let open = (): void => undefined;
    embedders.gate = new Promise((resolve) => {
      open = resolve;
    });
    const leaving = new AbortController();
    const left = bench.models.embedder.acquire(leaving.signal);
    const stays = bench.models.embedder.acquire(never);
    const refused = expect(left).rejects.toMatchObject({ code: 'cancelled' });
    leaving.abort();
    await refused;
    open();
    (await stays).release();
    expect(embedders.launched).toHaveLength(1);
  });

  it('another choice ends it, at once or when it is given back', async () => {
    await add('vectors');
    const lease = await bench.models.embedder.acquire(never);
    await bench.set({ values: { embeddingModel: 'none' } });
    await bench.models.settingsChanged();
    expect(embedders.launched[0]?.closed).toBe(false);
    lease.release();
    await expect.poll(() => embedders.launched[0]?.closed).toBe(true);
  });
});

describe('another choice while it works', () => {
  const busy = async () => {
    const first = await add('first');
    const second = await add('second', { pooling: 2 });
    await choose(first);
    embedders.work = new Promise(() => undefined);
    const lease = await bench.models.embedder.acquire(never);
    const made = lease.embedder
      .embed({ texts: ['a'], use: 'passage' }, never)
      .then(() => 'made', toCode)
      .finally(() => lease.release());
    embedders.work = Promise.resolve();
    return { first, second, made };
  };
  const choose = async (embeddingModel: string) => {
    await bench.set({ values: { embeddingModel } });
    await bench.models.settingsChanged();
  };
  const toCode = (error: unknown) => (error as { code: string }).code;
  const failures = async () =>
    (await bench.list()).filter(({ error }) => error !== null).map(({ name }) => name);

  it('cancels what is in hand, ends the process when that is given back, and uses the new one', async () => {
    const { second, made } = await busy();
    await choose(second);
    const lease = await bench.models.embedder.acquire(never);
    expect(lease.modelId).toBe(second);
    expect(
      (await lease.embedder.embed({ texts: ['b'], use: 'passage' }, never)).vectors,
    ).toHaveLength(1);
    lease.release();
    expect(await made).toBe('cancelled');
    expect(embedders.launched.map(({ closed }) => closed)).toEqual([true, false]);
    expect(await failures()).toEqual([]);
    expect(await state()).toMatchObject({ status: 'ready', error: null, model: { id: second } });
  });

  it('and none at all ends it the same way', async () => {
    const { made } = await busy();
    await choose('none');
    expect(await made).toBe('cancelled');
    await expect.poll(() => embedders.launched[0]?.closed).toBe(true);
    expect(await failures()).toEqual([]);
    expect(await state()).toMatchObject({ status: 'off', error: null });
  });

  it('back to the same one before it has gone begins anew with it', async () => {
    const { first, second, made } = await busy();
    await choose(second);
    await choose(first);
    const lease = await bench.models.embedder.acquire(never);
    expect(
      (await lease.embedder.embed({ texts: ['b'], use: 'passage' }, never)).vectors,
    ).toHaveLength(1);
    lease.release();
    expect(await made).toBe('cancelled');
    expect(await state()).toMatchObject({ status: 'ready', error: null, model: { id: first } });
    expect(embedders.launched.filter(({ closed }) => !closed)).toHaveLength(1);
  });
});

describe('rest', () => {
  it('five minutes without use end it; a clock that was set back does not keep it', async () => {
    const id = await add('vectors');
    const model = bench.models.get(id);
    let tick = (): void => undefined;
    const alone: Embedders = createEmbedders({
      launcher: embedders,
      clock: { now: () => now },
      log: { info() {}, warn() {}, error() {} },
      machine: { memory: () => bench.machine, cores: 1, fingerprint: '' },
      settings: { get: () => ({ embeddingModel: 'automatic', threads: 1 }) as never },
      library: { list: () => [model], problem: () => null, look: async () => null },
      backends: {
        forLoad: async () => ({ name: 'cpu', request: { gpu: false } }) as never,
        crashed() {},
      },
      ...{ bare: () => undefined, others: () => [], onChanged() {}, onActivity() {} },
      repeat(_, work) {
        tick = work;
        return () => undefined;
      },
    });
    const used = async (): Promise<void> => (await alone.provider.acquire(never)).release();
    await used();
    const [first] = embedders.launched;
    now += 4 * 60_000;
    tick();
    await used();
    now += 4 * 60_000;
    tick();
    expect(first?.closed).toBe(false);
    now += 2 * 60_000;
    tick();
    await expect.poll(() => first?.closed).toBe(true);
    const lease = await alone.provider.acquire(never);
    now += 60 * 60_000;
    tick();
    expect(embedders.launched[1]?.closed).toBe(false);
    lease.release();
    now -= 60 * 60_000;
    tick();
    await expect.poll(() => embedders.launched[1]?.closed).toBe(true);
    await alone.close();
  });
});
