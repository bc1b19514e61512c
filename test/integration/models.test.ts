import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeLauncher } from '../../electron/engine/fake.ts';
import { ggufBytes, graniteFixture, graniteShapes } from '../../electron/models/gguf.fixture.ts';
import { createBench, gib, miniature } from './models-support.ts';
import type { Bench } from './models-support.ts';

const signal = new AbortController().signal;

let folder = '';
let launcher: FakeLauncher;
let bench: Bench;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-files-'));
  launcher = createFakeLauncher();
  bench = createBench(launcher);
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A file with a real header and zeros for weights; `fill` makes files that differ only there. */
function modelFile(shape: keyof typeof graniteShapes, fill = 0, name = `${shape}.gguf`): string {
  const bytes = ggufBytes(graniteFixture(graniteShapes[shape]));
  bytes.fill(fill, bytes.length - 64);
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const importAs = async (path: string, mode: 'copy' | 'reference') => {
  const started = await bench.models.handlers['models.import']({ paths: [path], mode });
  await bench.tasks.finished(started.taskId);
  return started.modelId;
};
const byId = async (id: string) => (await bench.list()).find((model) => model.id === id);

describe('the library', () => {
  it('has the miniature from the start, hashed in the background', async () => {
    const [model] = await bench.list();
    expect(model).toMatchObject({
      name: 'Miniature (demo)',
      origin: 'builtin',
      promptLimit: 704,
      plannedContext: 2048,
      contextLimit: 8192,
      missing: false,
      loaded: null,
      error: null,
    });
    expect(JSON.stringify(model)).not.toMatch(/granite mini/i);
    const hashing = bench.tasks.list().find((task) => task.kind === 'hash');
    expect(hashing).toMatchObject({ unit: 'bytes', total: 10_347_968, targetId: model!.id });
    await bench.tasks.finished(hashing!.id);
    expect(await byId(model!.id)).toMatchObject({ sha256: sha256(miniature), hashState: 'done' });
    await expect(
      bench.models.handlers['models.remove']({ modelId: model!.id }),
    ).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('copies a file: known by its hash, left alone at its place, gone with the model', async () => {
    const path = modelFile('h-tiny');
    const id = await importAs(path, 'copy');
    const model = await byId(id);
    expect(model).toMatchObject({
      name: 'Granite 4.0 H Tiny',
      origin: 'copied',
      sha256: sha256(path),
    });
    expect(model!.path).toBe(join(bench.folder, 'models', `${sha256(path)}.gguf`));
    expect(sha256(model!.path)).toBe(sha256(path));
    expect(model).toMatchObject({ contextLimit: 131_072, plannedContext: 32_768 });

    await bench.models.handlers['models.remove']({ modelId: id });
    expect(existsSync(model!.path)).toBe(false);
    expect(existsSync(path)).toBe(true);
    expect(await byId(id)).toBeUndefined();
  });

  it('refers to a file: usable at once, never deleted', async () => {
    const path = modelFile('micro');
    const { modelId, taskId } = await bench.models.handlers['models.import']({
      paths: [path],
      mode: 'reference',
    });
    expect(await byId(modelId)).toMatchObject({ origin: 'referenced', path });
    await bench.tasks.finished(taskId);
    expect(await byId(modelId)).toMatchObject({ sha256: sha256(path), hashState: 'done' });
    await bench.models.handlers['models.remove']({ modelId });
    expect(existsSync(path)).toBe(true);
  });

  it('names the model that is already there', async () => {
    const path = modelFile('micro');
    const id = await importAs(path, 'copy');
    const twin = modelFile('micro', 0, 'twin.gguf');
    for (const mode of ['copy', 'reference'] as const) {
      await expect(importAs(twin, mode)).rejects.toMatchObject({
        code: 'model-exists',
        detail: { id, name: 'Granite 4.0 Micro' },
      });
    }
    expect(readdirSync(join(bench.folder, 'models'))).toHaveLength(1);
    // The same header with other weights is another model.
    const sibling = await importAs(modelFile('micro', 1, 'sibling.gguf'), 'reference');
    expect(await byId(sibling)).toMatchObject({ hashState: 'done' });
    await expect(
      bench.models.handlers['models.import']({
        paths: [join(folder, 'sibling.gguf')],
        mode: 'reference',
      }),
    ).rejects.toMatchObject({ code: 'model-exists' });
  });

  it('leaves nothing behind when a copy is stopped', async () => {
    const { modelId, taskId } = await bench.models.handlers['models.import']({
      paths: [modelFile('h-micro')],
      mode: 'copy',
    });
    bench.tasks.cancel(taskId);
    await expect(bench.tasks.finished(taskId)).rejects.toMatchObject({ code: 'cancelled' });
    expect(await byId(modelId)).toBeUndefined();
    const left = existsSync(join(bench.folder, 'models'))
      ? readdirSync(join(bench.folder, 'models'))
      : [];
    expect(left).toEqual([]);
  });

  it('refuses what is no model, with a code', async () => {
    const text = join(folder, 'text.gguf');
    writeFileSync(text, 'no model');
    const cut = join(folder, 'cut.gguf');
    writeFileSync(cut, readFileSync(miniature).subarray(0, 1_000_000));
    for (const [path, code] of [
      [text, 'model-not-gguf'],
      [cut, 'model-truncated'],
      [join(folder, 'none.gguf'), 'model-missing'],
    ] as const) {
      const { 'models.inspect': inspect, 'models.import': add } = bench.models.handlers;
      await expect(inspect({ paths: [path] })).rejects.toMatchObject({ code });
      await expect(add({ paths: [path], mode: 'copy' })).rejects.toMatchObject({ code });
    }
    expect(await bench.list()).toHaveLength(1);
  });

  it('notices that a file is gone, is back, or is another one', async () => {
    const path = modelFile('h-tiny');
    const id = await importAs(path, 'reference');
    const bytes = readFileSync(path);
    rmSync(path);
    expect(await byId(id)).toMatchObject({ missing: true, error: { code: 'model-missing' } });
    await expect(bench.models.provider.acquire(id, { signal })).rejects.toMatchObject({
      code: 'model-missing',
    });
    writeFileSync(path, bytes);
    expect(await byId(id)).toMatchObject({ missing: false, error: null });
    modelFile('h-small', 0, 'h-tiny.gguf');
    await bench.list();
    expect(await byId(id)).toMatchObject({ name: 'Granite 4.0 H Small' });
  });

  it('goes on with hashes and tidies up at the next start', async () => {
    const profile = join(folder, 'profile');
    const first = createBench(launcher, profile);
    const { modelId } = await first.models.handlers['models.import']({
      paths: [modelFile('h-tiny')],
      mode: 'reference',
    });
    await first.close();
    const part = join(profile, 'models', '01234567-89ab-7def-8123-456789abcdef.part');
    mkdirSync(join(profile, 'models'));
    writeFileSync(part, 'half a copy');

    const second = createBench(launcher, profile);
    try {
      const hashed = async () =>
        (await second.list()).find((model) => model.id === modelId)?.sha256 ?? null;
      await expect.poll(hashed).toBe(sha256(join(folder, 'h-tiny.gguf')));
      expect(existsSync(part)).toBe(false);
      // The miniature is registered once, not once a start.
      expect(await second.list()).toHaveLength(2);
    } finally {
      await second.close();
    }
  });
});

describe('engines', () => {
  it('loads once for many who ask at once, and lends', async () => {
    launcher.script.loadMs = 30;
    const { id } = await bench.named('Miniature (demo)');
    const fractions: number[] = [];
    const leases = await Promise.all(
      [null, id, id].map((modelId) =>
        bench.models.provider.acquire(modelId, {
          signal,
          onLoading: (_, fraction) => fractions.push(fraction),
        }),
      ),
    );
    expect(launcher.launches).toHaveLength(1);
    expect(launcher.launches[0]).toMatchObject({ contextSize: 2048, sessions: 4, threads: null });
    expect(new Set(leases.map((lease) => lease.engine)).size).toBe(1);
    expect(leases[0]).toMatchObject({
      modelId: id,
      modelName: 'Miniature (demo)',
      promptLimit: 704,
    });
    expect(fractions).toContain(0.5);
    await expect(bench.models.handlers['models.unload']({ modelId: id })).rejects.toMatchObject({
      code: 'model-busy',
    });
    for (const lease of leases) {
      lease.release();
      lease.release();
    }
    await bench.models.handlers['models.unload']({ modelId: id });
    expect(launcher.engines[0]!.closed).toBe(true);
    expect((await byId(id))!.loaded).toBeNull();
  });

  it('shows a load as a task and keeps the measured threads for the next', async () => {
    const { id } = await bench.named('Miniature (demo)');
    const { taskId } = await bench.models.handlers['models.load']({ modelId: id });
    await bench.tasks.finished(taskId);
    expect(bench.tasks.list().find((task) => task.id === taskId)).toMatchObject({
      kind: 'load',
      state: 'done',
      targetId: id,
    });
    expect((await byId(id))!.loaded).toMatchObject({
      state: 'ready',
      contextSize: 2048,
      threads: 1,
    });
    await bench.models.handlers['models.unload']({ modelId: id });
    (await bench.models.provider.acquire(id, { signal })).release();
    expect(launcher.launches.map((launch) => launch.threads)).toEqual([null, 1]);
  });

  it('loads again with another context when nobody writes', async () => {
    const { id } = await bench.named('Miniature (demo)');
    (await bench.models.provider.acquire(id, { signal })).release();
    const { taskId } = await bench.models.handlers['models.load']({
      modelId: id,
      contextSize: 1024,
    });
    await bench.tasks.finished(taskId);
    expect((await byId(id))!.loaded).toMatchObject({ contextSize: 1024 });
    expect(launcher.engines[0]!.closed).toBe(true);
  });

  it('gives up a load when the last who waits leaves', async () => {
    launcher.script.loadMs = 10_000;
    const { id } = await bench.named('Miniature (demo)');
    const leaving = new AbortController();
    const waiting = bench.models.provider.acquire(id, { signal: leaving.signal });
    await expect.poll(async () => (await byId(id))!.loaded?.state).toBe('loading');
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(async () => (await byId(id))!.loaded).toBeNull();
    expect(launcher.engines).toHaveLength(0);
  });

  it('says a crash, forgets the engine, and starts another', async () => {
    const { id } = await bench.named('Miniature (demo)');
    const lease = await bench.models.provider.acquire(id, { signal });
    launcher.engines[0]!.crash();
    await expect.poll(async () => (await byId(id))!.loaded?.pid).toBe(40_001);
    expect(bench.pushes).toContainEqual({ name: 'models.changed', data: { modelId: id } });
    lease.release();
    const next = await bench.models.provider.acquire(id, { signal });
    expect(next.engine.info.pid).toBe(launcher.engines[1]!.info.pid);
    expect(launcher.engines).toHaveLength(2);
    expect((await byId(id))!.error).toBeNull();
    next.release();
  });

  it('keeps why a load failed, and tries again', async () => {
    const { id } = await bench.named('Miniature (demo)');
    launcher.script.loadError = { code: 'model-load-failed' };
    await expect(bench.models.provider.acquire(id, { signal })).rejects.toMatchObject({
      code: 'model-load-failed',
    });
    expect((await byId(id))!.error).toMatchObject({ code: 'model-load-failed' });
    delete launcher.script.loadError;
    (await bench.models.provider.acquire(id, { signal })).release();
    expect((await byId(id))!.error).toBeNull();
  });

  it('refuses with numbers what does not fit, before any process starts', async () => {
    const { id } = await bench.named('Miniature (demo)');
    Object.assign(bench.machine, { total: 4 * gib, available: 0.1 * gib });
    await expect(bench.models.provider.acquire(id, { signal })).rejects.toMatchObject({
      code: 'model-too-large',
      detail: { available: 0.1 * gib, total: 4 * gib, context: 2048, sessions: 4 },
    });
    expect(launcher.launches).toHaveLength(0);
  });

  it('unloads an idle model to make room, never a busy one, never in vain', async () => {
    const small = await bench.named('Miniature (demo)');
    const large = await importAs(modelFile('micro'), 'reference');
    const lease = await bench.models.provider.acquire(small.id, { signal });
    const { needed } = await neededBytes(large);
    // Just short of what a comfortable context of the second takes.
    Object.assign(bench.machine, { total: 4 * gib, available: needed - 1 });
    await expect(bench.models.provider.acquire(large, { signal })).rejects.toMatchObject({
      code: 'model-too-large',
    });
    expect(launcher.engines[0]!.closed).toBe(false);
    lease.release();
    // The idle one gives its share back as soon as it is gone.
    launcher.engines[0]!.onExit(() => {
      bench.machine.available = 48 * gib;
    });
    (await bench.models.provider.acquire(large, { signal })).release();
    expect(launcher.engines[0]!.closed).toBe(true);
    expect((await byId(large))!.loaded).toMatchObject({ state: 'ready' });

    const third = await importAs(modelFile('4.1-30b'), 'reference');
    await bench.set({ values: { contextSize: 131_072 } });
    bench.machine.available = 0.2 * gib;
    await expect(bench.models.provider.acquire(third, { signal })).rejects.toMatchObject({
      code: 'model-too-large',
    });
    expect(launcher.engines[1]!.closed).toBe(false);
  });

  /** What the refusal says the smallest context of a model needs. */
  async function neededBytes(id: string): Promise<{ needed: number }> {
    const before = { ...bench.machine };
    Object.assign(bench.machine, { total: 4 * gib, available: 0 });
    const refused = await bench.models.provider.acquire(id, { signal }).catch((error) => error);
    Object.assign(bench.machine, before);
    return refused.detail;
  }

  it('takes the default model, else the last used, else the newest import', async () => {
    const first = await importAs(modelFile('micro'), 'reference');
    const second = await importAs(modelFile('h-tiny'), 'reference');
    const chosen = async () => {
      const lease = await bench.models.provider.acquire(null, { signal });
      lease.release();
      return lease.modelId;
    };
    expect(await chosen()).toBe(second);
    (await bench.models.provider.acquire(first, { signal })).release();
    expect(await chosen()).toBe(first);
    await bench.set({ values: { defaultModelId: second } });
    expect(await chosen()).toBe(second);
    await bench.models.handlers['models.remove']({ modelId: second });
    expect(await chosen()).toBe(first);
  });

  it('ends every engine when closed, and a load that runs', async () => {
    const { id } = await bench.named('Miniature (demo)');
    const other = await importAs(modelFile('micro'), 'reference');
    (await bench.models.provider.acquire(id, { signal })).release();
    launcher.script.loadMs = 10_000;
    await bench.models.handlers['models.load']({ modelId: other });
    await bench.models.close();
    expect(launcher.engines.map((engine) => engine.closed)).toEqual([true]);
    await expect(bench.models.provider.acquire(id, { signal })).rejects.toBeDefined();
  });
});
