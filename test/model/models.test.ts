import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../electron/core/log.ts';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import type { EngineLease } from '../../electron/engine/port.ts';
import { createBench, miniature } from '../integration/models-support.ts';
import type { Bench } from '../integration/models-support.ts';

// The miniature through the real ENGINE, one thread.

const signal = new AbortController().signal;
const prompt = {
  messages: [{ role: 'user' as const, content: 'Who are you?' }],
};
const sampling = { temperature: 0, topP: 1, topK: 0 };

let folder = '';
let bench: Bench;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-real-'));
  bench = createBench(createEngineLauncher({ nodePath: process.execPath, log: silentLog }));
  await bench.set({ values: { threads: 1, sessions: 2 } });
});
afterAll(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The miniature with its last weight changed: another model with the same header. */
function variant(name: string, value: number): string {
  const path = join(folder, name);
  copyFileSync(miniature, path);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = value;
  writeFileSync(path, bytes);
  return path;
}
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
const importAs = async (path: string, mode: 'copy' | 'reference') => {
  const started = await bench.models.handlers['models.import']({ paths: [path], mode });
  await bench.tasks.finished(started.taskId);
  return started.modelId;
};
const state = async (id: string) => (await bench.list()).find((model) => model.id === id);
async function answer(lease: EngineLease): Promise<string> {
  let text = '';
  const request = { sessionId: 'a', prompt, sampling, maxTokens: 12 };
  for await (const event of lease.engine.generate(request, signal)) {
    if (event.type === 'text') text += event.text;
  }
  return text;
}
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('imported models', () => {
  it.each(['copy', 'reference'] as const)(
    '%s: right hash, loads, answers, unloads',
    async (mode) => {
      const path = variant(`${mode}.gguf`, mode === 'copy' ? 1 : 2);
      const id = await importAs(path, mode);
      const model = await state(id);
      expect(model).toMatchObject({ sha256: sha256(path), promptLimit: 704 });
      expect(model!.path === path).toBe(mode === 'reference');
      const lease = await bench.models.provider.acquire(id, { signal });
      expect((await answer(lease)).length).toBeGreaterThan(0);
      lease.release();
      const { pid } = lease.engine.info;
      expect(isAlive(pid)).toBe(true);
      await bench.models.handlers['models.unload']({ modelId: id });
      expect(isAlive(pid)).toBe(false);
      expect((await state(id))!.loaded).toBeNull();
    },
  );

  it('refuses the miniature itself: it is already there', async () => {
    const path = join(folder, 'same.gguf');
    copyFileSync(miniature, path);
    await expect(importAs(path, 'copy')).rejects.toMatchObject({ code: 'model-exists' });
  });
});

describe('memory of the miniature', () => {
  it('is what the closed form says, part by part', async () => {
    const { id, header } = await bench.named('Miniature (demo)');
    const lease = await bench.models.provider.acquire(id, { signal });
    await answer(lease);
    lease.release();
    const [loaded] = await bench.memory.handlers['memory.loaded']({});
    const { sample, predicted, errorPercent } = loaded!;
    expect(sample.kv).toBe(predicted.kv);
    expect(sample.kv).toBe(2048 * 2 * header.kvBytesPerToken);
    expect(sample.recurrent).toBe(predicted.recurrent);
    expect(sample.recurrent).toBe(2 * 289_792);
    expect(sample.weights).toBe(header.tensorBytes);
    expect(sample.compute).toBeGreaterThan(0);
    expect(sample.output).toBeGreaterThan(0);
    const parts = sample.weights + sample.kv + sample.recurrent;
    expect(parts).toBeLessThanOrEqual(sample.resident);
    // Printed for the record; the bound only catches a model of memory that is plainly wrong.
    console.log(
      `predicted ${predicted.total}, resident ${sample.resident}: ${errorPercent.toFixed(1)} %, ` +
        `compute predicted ${predicted.compute}, reported ${sample.compute}`,
    );
    expect(Math.abs(errorPercent)).toBeLessThan(50);
    await expect
      .poll(
        async () =>
          (await bench.memory.handlers['memory.history']({ since: 0, modelId: id })).length,
        { timeout: 15_000 },
      )
      .toBeGreaterThan(0);
  });
});

describe('an engine that is killed', () => {
  it('is noticed, and another is started at once', async () => {
    const { id } = await bench.named('Miniature (demo)');
    const lease = await bench.models.provider.acquire(id, { signal });
    const { pid } = lease.engine.info;
    process.kill(pid, 'SIGKILL');
    const loaded = async () => (await state(id))!.loaded;
    await expect.poll(async () => (await loaded())?.pid, { timeout: 15_000 }).not.toBe(pid);
    await expect.poll(async () => (await loaded())?.state, { timeout: 15_000 }).toBe('ready');
    lease.release();
    const next = await bench.models.provider.acquire(id, { signal });
    expect(next.engine.info.pid).not.toBe(pid);
    expect((await answer(next)).length).toBeGreaterThan(0);
    next.release();
    await bench.models.close();
    expect(isAlive(next.engine.info.pid)).toBe(false);
  });
});
