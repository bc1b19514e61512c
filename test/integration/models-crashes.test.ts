import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeLauncher } from '../../electron/engine/fake.ts';
import type { EngineLease } from '../../electron/engine/port.ts';
import { toErrorShape } from '../../electron/ipc/app-error.ts';
import { createBench, importMicro } from './models-support.ts';
import type { Bench } from './models-support.ts';

// A model whose engine ends by itself: started again, but not for ever.

const { signal } = new AbortController();
let folder = '';
let launcher: FakeLauncher;
let bench: Bench;
let id = '';
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-crashes-'));
  launcher = createFakeLauncher();
  bench = createBench(launcher, folder);
  id = await importMicro(bench, folder);
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

const acquire = () => bench.models.provider.acquire(id, { signal });
const model = async () => (await bench.list()).find((one) => one.id === id);
const newest = () => launcher.engines.at(-1)!;

/** Asks and reads to the end. @returns the code it failed with, or null. */
async function ask(): Promise<string | null> {
  let lease: EngineLease | null = null;
  try {
    lease = await acquire();
    const prompt = { messages: [{ role: 'user' as const, content: 'Who are you?' }] };
    const sampling = { temperature: 0, topP: 1, topK: 0 };
    const request = { sessionId: 'a', prompt, sampling, maxTokens: 12 };
    for await (const event of lease.engine.generate(request, signal)) void event;
    return null;
  } catch (error) {
    return toErrorShape(error).code;
  } finally {
    lease?.release();
  }
}

describe('an engine that crashes', () => {
  it('is started again at once, so that the next question need not wait for it', async () => {
    expect(await ask()).toBeNull();
    newest().crash('SIGSEGV');
    await expect.poll(async () => (await model())?.loaded?.state).toBe('ready');
    expect(launcher.engines).toHaveLength(2);
    const { modelPath, contextSize, sessions, kvType } = launcher.launches[0]!;
    const wish = { modelPath, contextSize, sessions, kvType };
    expect(launcher.launches[1]).toMatchObject({ ...wish, threads: 1 });
    expect(await ask()).toBeNull();
    expect((await model())?.error).toBeNull();
  });

  it('three times in a row is not started again by itself, and says why', async () => {
    launcher.script.crashAfterPieces = 1;
    expect(await ask()).toBe('engine-crashed');
    await expect.poll(async () => (await model())?.loaded?.state).toBe('ready');
    expect(await ask()).toBe('engine-crashed');
    await expect.poll(async () => (await model())?.loaded?.state).toBe('ready');
    expect(await ask()).toBe('engine-crashed');
    expect(await ask()).toBe('engine-crash-loop');
    expect(launcher.engines).toHaveLength(3);
    const { loaded, error } = (await model())!;
    expect(loaded).toBeNull();
    expect(error).toMatchObject({
      code: 'engine-crash-loop',
      detail: { name: 'Granite 4.0 Micro', times: 3, how: 'SIGKILL' },
    });
  });

  it('after that is tried once more when somebody loads it, and is forgiven by a whole answer', async () => {
    launcher.script.crashAfterPieces = 1;
    for (const _ of [1, 2, 3]) {
      await ask();
      await expect.poll(async () => (await model())?.loaded?.state ?? 'none').not.toBe('loading');
    }
    expect(await ask()).toBe('engine-crash-loop');
    const load = () => bench.models.handlers['models.load']({ modelId: id });
    await bench.tasks.finished((await load()).taskId);
    expect(await ask()).toBe('engine-crashed');
    expect(await ask()).toBe('engine-crash-loop');
    delete launcher.script.crashAfterPieces;
    await bench.tasks.finished((await load()).taskId);
    expect(await ask()).toBeNull();
    newest().crash('SIGSEGV');
    await expect.poll(async () => (await model())?.loaded?.state).toBe('ready');
    expect(await ask()).toBeNull();
  });

  it('while it loads counts too, and another model is not blamed', async () => {
    launcher.script.loadError = { code: 'engine-crashed', detail: { signal: 'SIGSEGV' } };
    for (const _ of [1, 2, 3]) expect(await ask()).toBe('engine-crashed');
    expect(await ask()).toBe('engine-crash-loop');
    expect((await model())?.error?.detail).toMatchObject({ times: 3, how: 'SIGSEGV' });
    delete launcher.script.loadError;
    const other = (await bench.named('Miniature (demo)')).id;
    (await bench.models.provider.acquire(other, { signal })).release();
    expect(await ask()).toBe('engine-crash-loop');
  });
});
