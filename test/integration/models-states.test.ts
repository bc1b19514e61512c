import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeLauncher } from '../../electron/engine/fake.ts';
import { createBench, gib, importMicro, miniature } from './models-support.ts';
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

it('an idle model saves its conversations before it ends for another one, which waits for it', async () => {
  const small = await bench.named('Miniature (demo)');
  const large = await importMicro(bench, folder);
  const done: string[] = [];
  launcher.script.saveStates = async ({ modelPath }) => {
    done.push(modelPath === miniature ? 'save' : 'other');
    return 5;
  };
  (await bench.models.provider.acquire(small.id, { signal })).release();
  expect(launcher.launches[0]?.states?.folder).toBe(join(bench.folder, 'states', small.id));
  Object.assign(bench.machine, { total: 4 * gib, available: 0 });
  const refused = await bench.models.provider.acquire(large, { signal }).catch((error) => error);
  // Just short of what it takes.
  bench.machine.available = refused.detail.needed - 1;
  launcher.engines[0]!.onExit(() => {
    done.push('end');
    bench.machine.available = 48 * gib;
  });
  (await bench.models.provider.acquire(large, { signal })).release();
  expect(done).toEqual(['save', 'end']);
  // A person who unloads a model is not short of memory.
  await bench.models.handlers['models.unload']({ modelId: large });
  expect(done).toEqual(['save', 'end']);
});

it('an engine that cannot save is ended all the same', async () => {
  const small = await bench.named('Miniature (demo)');
  launcher.script.saveStates = async () => {
    throw new Error('no room');
  };
  (await bench.models.provider.acquire(small.id, { signal })).release();
  expect(await bench.models.saveStates(small.id)).toBe(0);
  await bench.models.unload(small.id);
  expect(launcher.engines[0]!.closed).toBe(true);
});

it('nothing is saved or looked for where the setting is off', async () => {
  await bench.set({ values: { keepStates: false } });
  const small = await bench.named('Miniature (demo)');
  (await bench.models.provider.acquire(small.id, { signal })).release();
  expect(launcher.launches[0]).not.toHaveProperty('states');
  expect(await bench.models.saveStates(small.id)).toBe(0);
  expect(launcher.engines[0]!.saves).toEqual([]);
});
