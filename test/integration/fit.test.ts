import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { MachineProbe } from '../../electron/core/ports.ts';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeLauncher } from '../../electron/engine/fake.ts';
import { createMachineProbe } from '../../electron/engine/machine-probe.ts';
import { AppError } from '../../electron/ipc/app-error.ts';
import { explain } from '../../electron/core/cli-errors.ts';
import { createBench, gib, miniature } from './models-support.ts';
import type { Bench } from './models-support.ts';

const signal = new AbortController().signal;
const measure = { bandwidth: { one: 10e9, all: 20e9, threads: 2 }, graphics: null };

let folder = '';
let launcher: FakeLauncher;
let bench: Bench;
let measured = 0;
let probe: MachineProbe;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-fit-'));
  launcher = createFakeLauncher();
  measured = 0;
  probe = {
    measure: async () => {
      measured += 1;
      return measure;
    },
    tryBackend: async () => ({ ok: false, reason: 'failed' }),
  };
  bench = createBench(launcher, undefined, { probe });
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The miniature with its last weight changed: another model with the same header. */
async function another(value: number): Promise<string> {
  const path = join(folder, `${value}.gguf`);
  copyFileSync(miniature, path);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] = value;
  writeFileSync(path, bytes);
  const { handlers } = bench.models;
  const { modelId, taskId } = await handlers['models.import']({ paths: [path], mode: 'reference' });
  await bench.tasks.finished(taskId);
  return modelId;
}
const state = async (id: string) => (await bench.list()).find((model) => model.id === id)?.loaded;

describe('how fast this machine reads', () => {
  it('is measured at first need, remembered for the machine, measured again when asked', async () => {
    const { handlers } = bench.models;
    expect((await handlers['models.catalog']({})).machine.speed).toBeNull();
    await expect
      .poll(async () => (await handlers['models.catalog']({})).machine.speed)
      .toMatchObject(measure);
    expect(measured).toBe(1);
    expect(bench.pushes).toContainEqual({ name: 'models.changed', data: { modelId: null } });
    await handlers['models.measure']({});
    expect(measured).toBe(1);
    await handlers['models.measure']({ again: true });
    expect(measured).toBe(2);
    const { entries } = await handlers['models.catalog']({});
    expect(entries.find(({ id }) => id === 'granite-4.0-h-tiny')?.best?.speed).toMatchObject({
      from: 'bandwidth',
    });
    // The miniature's steps between tokens decide: nothing is claimed of it.
    expect((await bench.named('Miniature (demo)')).speed).toBeNull();
    // As if it were another machine: nothing measured here is said of that one.
    expect((await handlers['models.catalog']({ memory: 8 * gib })).machine.speed).toBeNull();
  });

  it('is not measured while an answer is written', async () => {
    const { id } = await bench.named('Miniature (demo)');
    const lease = await bench.models.provider.acquire(id, { signal });
    await expect(bench.models.handlers['models.measure']({ again: true })).rejects.toMatchObject({
      code: 'model-busy',
    });
    lease.release();
    expect(await bench.models.handlers['models.measure']({})).toMatchObject(measure);
  });

  it('leaves everything else alone where it cannot be measured', async () => {
    probe.measure = async () => {
      throw new AppError('engine-start-failed', 'no');
    };
    const { entries, machine } = await bench.models.handlers['models.catalog']({});
    expect(machine.speed).toBeNull();
    expect(entries[0]?.best?.verdict).toBe('fits');
  });

  it('comes from a process that is thrown away', async () => {
    const found = await createMachineProbe({ nodePath: process.execPath }).measure();
    expect(found.bandwidth.one).toBeGreaterThan(1e8);
    expect(found.bandwidth.all).toBeGreaterThanOrEqual(found.bandwidth.one);
    const gone = createMachineProbe({ nodePath: process.execPath, entry: '/nowhere.js' });
    await expect(gone.measure()).rejects.toMatchObject({ code: 'engine-start-failed' });
  });
});

describe('switching', () => {
  it('keeps the earlier model where there is memory, and goes back without loading (jan#4727)', async () => {
    const first = (await bench.named('Miniature (demo)')).id;
    const second = await another(1);
    for (const id of [first, second, first]) {
      (await bench.models.provider.acquire(id, { signal })).release();
    }
    expect(launcher.launches).toHaveLength(2);
    expect((await bench.list()).map(({ fit }) => fit?.verdict)).toEqual(['loaded', 'loaded']);
  });

  it('says beforehand which model goes, where there is not (lmstudio#1562)', async () => {
    const { id: first } = await bench.named('Miniature (demo)');
    const second = await another(1);
    (await bench.models.provider.acquire(first, { signal })).release();
    const fitOf = async () => (await bench.list()).find(({ id }) => id === second)?.fit;
    Object.assign(bench.machine, { total: 4 * gib, available: 0 });
    // All that the first gives back is less than the second needs with what stays free for others.
    const { needed, verdict } = (await fitOf())!;
    expect(verdict).toBe('no');
    bench.machine.available = needed - 2 ** 20;
    expect(await fitOf()).toMatchObject({
      verdict: 'makes-room',
      unloads: ['Miniature (demo)'],
    });
  });
});

describe('loads that cross other things', () => {
  it('gives up a load that waits in line at once, however long the one before takes', async () => {
    launcher.script.loadMs = 60_000;
    const first = (await bench.named('Miniature (demo)')).id;
    const second = await another(1);
    const { handlers } = bench.models;
    const ahead = await handlers['models.load']({ modelId: first });
    const queued = await handlers['models.load']({ modelId: second });
    await expect.poll(() => launcher.launches.length).toBe(1);
    bench.tasks.cancel(queued.taskId);
    await expect(bench.tasks.finished(queued.taskId)).rejects.toMatchObject({ code: 'cancelled' });
    expect(await state(second)).toBeNull();
    expect(await state(first)).toMatchObject({ state: 'loading' });
    bench.tasks.cancel(ahead.taskId);
    await expect(bench.tasks.finished(ahead.taskId)).rejects.toMatchObject({ code: 'cancelled' });
    expect(launcher.launches).toHaveLength(1);
  });

  it('loads again what is being unloaded when it is asked for', async () => {
    const { id } = await bench.named('Miniature (demo)');
    (await bench.models.provider.acquire(id, { signal })).release();
    const { handlers } = bench.models;
    const leaving = handlers['models.unload']({ modelId: id });
    const { taskId } = await handlers['models.load']({ modelId: id });
    await leaving;
    await bench.tasks.finished(taskId);
    expect(launcher.launches).toHaveLength(2);
    expect(await state(id)).toMatchObject({ state: 'ready' });
  });
});

describe('the words of a refusal on the command line', () => {
  it('hold what is needed, what is there and what would help', () => {
    const detail = {
      ...{ needed: 12 * gib, available: 9.1 * gib, total: 16 * gib, context: 131_072 },
      ...{ shorter: 16_384, smaller: 'Granite 4.0 H-Tiny Q3_K_M', smallerNeeds: 4 * gib },
    };
    const words = explain({ code: 'model-too-large', message: '', detail });
    expect(words).toContain('needs 12.0 GiB at 131072 tokens, 9.1 GiB of 16.0 GiB are available');
    expect(words).toContain('a context of 16384 tokens fits');
    expect(words).toContain('Granite 4.0 H-Tiny Q3_K_M fits, it needs 4.0 GiB');
  });
});
