import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackendTrial, MachineProbe, TrialResult } from '../../electron/core/ports.ts';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeLauncher } from '../../electron/engine/fake.ts';
import { createMachineProbe } from '../../electron/engine/machine-probe.ts';
import type { LoadRequest } from '../../electron/engine/port.ts';
import type { BackendReason } from '../../electron/ipc/contract/index.ts';
import { createBench } from './models-support.ts';
import type { Bench } from './models-support.ts';

const signal = new AbortController().signal;

/** Each trial's answer by backend; what is not named works. */
let outcomes: Record<string, BackendReason | 'wrong'>;
let tried: BackendTrial[];
let present: Set<string>;
let fingerprint: string;
let folder: string;
let launcher: FakeLauncher;
let requests: LoadRequest[];
let bench: Bench;

const good = (models: number): TrialResult => ({
  ok: true,
  devices: [],
  total: 0,
  free: 0,
  runs: Array.from({ length: models }, () => ({ steps: [{ token: 1, shares: [[1, 1]] }] })),
});
const probe: MachineProbe = {
  measure: async () => ({ bandwidth: { one: 10e9, all: 20e9, threads: 2 } }),
  async tryBackend(trial) {
    tried.push(trial);
    const outcome = outcomes[trial.backend];
    if (outcome !== undefined && outcome !== 'wrong') return { ok: false, reason: outcome };
    const result = good(trial.models.length);
    if (!result.ok || trial.backend === 'cpu') return result;
    const card = { devices: [`A card of ${trial.backend}`], total: 8e9, free: 7e9 };
    if (outcome !== 'wrong') return { ...result, ...card };
    return { ...result, ...card, runs: result.runs.map(() => ({ steps: [{ token: 2, shares: [[2, 1]] }] })) }; // prettier-ignore
  },
};
const open = (engineVersion = 'binding 1'): Bench =>
  createBench(
    {
      launch(request, options) {
        requests.push(request);
        return launcher.launch(request, options);
      },
    },
    folder,
    {
      probe,
      engineVersion,
      drivers: () => ({
        order: ['cuda', 'vulkan', 'cpu'],
        has: (name) => name === 'cpu' || name.startsWith('own:') || present.has(name),
        fingerprint,
      }),
    },
  );

beforeEach(() => {
  outcomes = {};
  tried = [];
  requests = [];
  present = new Set(['cuda', 'vulkan']);
  fingerprint = 'driver 1';
  folder = mkdtempSync(join(tmpdir(), 'quarry-backends-'));
  launcher = createFakeLauncher();
  bench = open();
});
afterEach(async () => {
  await bench.close();
  rmSync(folder, { recursive: true, force: true });
});
async function again(engineVersion?: string): Promise<void> {
  await bench.close();
  bench = open(engineVersion);
}
async function load(): Promise<LoadRequest['gpu']> {
  const { id } = await bench.named('Miniature (demo)');
  await bench.models.handlers['models.unload']({ modelId: id });
  (await bench.models.provider.acquire(id, { signal })).release();
  return requests.at(-1)!.gpu;
}
const list = async () => bench.models.handlers['backends.list']({});
const reasons = async () =>
  Object.fromEntries((await list()).list.map(({ name, reason }) => [name, reason]));
const names = () => tried.map(({ backend }) => backend);
/** A module as a recipe leaves it in the profile. */
function own(name: string, manifest: object | null): void {
  mkdirSync(join(folder, 'backends', name), { recursive: true });
  const text = manifest === null ? 'not JSON' : JSON.stringify(manifest);
  writeFileSync(join(folder, 'backends', name, 'manifest.json'), text);
}

describe('choosing what runs the models', () => {
  it('tries in order before the first load, takes the first that works, remembers it', async () => {
    outcomes = { cuda: 'crashed' };
    expect(await load()).toBe('vulkan');
    expect(names()).toEqual(['cuda', 'vulkan', 'cpu']);
    expect(await list()).toMatchObject({ choice: 'auto', chosen: 'vulkan', isTrying: false });
    expect(await reasons()).toEqual({ cuda: 'crashed', vulkan: null, cpu: null });
    expect(await load()).toBe('vulkan');
    await again();
    expect(await load()).toBe('vulkan');
    expect(tried).toHaveLength(3);
  });

  it('leaves the rest alone once one works', async () => {
    expect(await load()).toBe('cuda');
    expect(names()).toEqual(['cuda', 'cpu']);
    expect(await reasons()).toEqual({ cuda: null, vulkan: 'not-tried', cpu: null });
  });

  it('starts no process where there is no driver', async () => {
    present.clear();
    expect(await load()).toBe(false);
    expect(tried).toEqual([]);
    expect(await reasons()).toEqual({ cuda: 'no-driver', vulkan: 'no-driver', cpu: 'not-tried' });
  });

  it('takes the processor where a driver computes rubbish (a GPU that answers nonsense)', async () => {
    outcomes = { cuda: 'wrong', vulkan: 'wrong' };
    expect(await load()).toBe(false);
    expect(await reasons()).toEqual({ cuda: 'different', vulkan: 'different', cpu: null });
  });

  it('trusts no driver where the processor itself fails its trial', async () => {
    outcomes = { cpu: 'crashed' };
    expect(await load()).toBe(false);
    expect(await reasons()).toMatchObject({ cuda: 'failed', vulkan: 'failed' });
  });

  it.each(['no-device', 'timed-out', 'not-built', 'does-not-load', 'failed'] as const)(
    'says why: %s',
    async (reason) => {
      outcomes = { cuda: reason, vulkan: reason };
      expect(await load()).toBe(false);
      expect(await reasons()).toMatchObject({ cuda: reason, vulkan: reason });
    },
  );

  it('tries again when the driver or the binding changes, or somebody asks', async () => {
    outcomes = { cuda: 'crashed', vulkan: 'no-device' };
    await load();
    expect(names()).toEqual(['cuda', 'vulkan']);
    fingerprint = 'driver 2';
    expect(await reasons()).toMatchObject({ cuda: 'not-tried', vulkan: 'not-tried' });
    outcomes = { vulkan: 'no-device' };
    expect(await load()).toBe('cuda');
    tried.length = 0;
    await again('binding 2');
    expect(await load()).toBe('cuda');
    expect(names()).toEqual(['cuda', 'cpu']);
    tried.length = 0;
    outcomes = {};
    const all = await bench.models.handlers['backends.try']({});
    expect(names().sort()).toEqual(['cpu', 'cuda', 'vulkan']);
    expect(all.list.map(({ reason }) => reason)).toEqual([null, null, null]);
    expect(bench.pushes).toContainEqual({ name: 'models.changed', data: { modelId: null } });
  });

  it('does not try while an answer is written', async () => {
    present.clear();
    const { id } = await bench.named('Miniature (demo)');
    const lease = await bench.models.provider.acquire(id, { signal });
    await expect(async () => bench.models.handlers['backends.try']({})).rejects.toMatchObject({
      code: 'model-busy',
    });
    lease.release();
  });

  it('does what a person wants, as long as it works', async () => {
    const { handlers } = bench.models;
    expect(await handlers['backends.choose']({ choice: 'cpu' })).toMatchObject({ chosen: 'cpu' });
    expect(await load()).toBe(false);
    expect(tried).toEqual([]);
    await handlers['backends.choose']({ choice: 'vulkan' });
    expect(await load()).toBe('vulkan');
    await again();
    expect(await list()).toMatchObject({ choice: 'vulkan', chosen: 'vulkan' });
    fingerprint = 'driver 2';
    outcomes = { vulkan: 'crashed', cuda: 'crashed' };
    expect(await load()).toBe(false);
    expect(await list()).toMatchObject({ choice: 'vulkan', chosen: 'cpu' });
    await expect(async () =>
      bench.models.handlers['backends.choose']({ choice: 'abacus' }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('tells the devices of what was chosen, and no speed for them', async () => {
    await load();
    const speed = await bench.models.handlers['models.measure']({});
    const graphics = { backend: 'cuda', devices: ['A card of cuda'], total: 8e9, free: 7e9 };
    expect(speed.graphics).toEqual(graphics);
    await bench.models.handlers['backends.choose']({ choice: 'cpu' });
    expect((await bench.models.handlers['models.measure']({})).graphics).toBeNull();
  });
});

describe('a backend that crashes in use', () => {
  it('is not used until it is tried again (a driver that ends the app at every question)', async () => {
    outcomes = { vulkan: 'no-device' };
    expect(await load()).toBe('cuda');
    launcher.engines.at(-1)!.crash('SIGSEGV');
    expect(await reasons()).toMatchObject({ cuda: 'crashed-in-use' });
    expect(await load()).toBe(false);
    await again();
    expect(await load()).toBe(false);
    await bench.models.handlers['backends.try']({});
    expect(await load()).toBe('cuda');
  });

  it('is not blamed for lack of memory, nor for what somebody ended', async () => {
    expect(await load()).toBe('cuda');
    for (const signalled of ['SIGKILL', 'SIGTERM']) {
      launcher.engines.at(-1)!.crash(signalled);
      expect(await load()).toBe('cuda');
    }
  });

  it('while it loads a model gives way to the processor', async () => {
    expect(await load()).toBe('cuda');
    await bench.models.handlers['models.unload']({
      modelId: (await bench.named('Miniature (demo)')).id,
    });
    const launch = launcher.launch.bind(launcher);
    launcher.launch = async (request, options) => {
      options?.onBackendLost?.();
      return launch({ ...request, gpu: false }, options);
    };
    await load();
    expect(await reasons()).toMatchObject({ cuda: 'crashed-in-use' });
  });
});

describe('own modules', () => {
  it('come before the rest, their processor just before the usual one', async () => {
    own('cpu', { replacesProcessor: true, denseOnly: false });
    own('rocm', { replacesProcessor: false, denseOnly: false });
    const all = await bench.models.handlers['backends.try']({});
    const order = ['own:rocm', 'cuda', 'vulkan', 'own:cpu', 'cpu'];
    expect(all.list.map(({ name }) => name)).toEqual(order);
    expect(all.chosen).toBe('own:rocm');
    expect(tried.find(({ backend }) => backend === 'own:rocm')?.module).toEqual({
      name: 'own:rocm',
      folder: join(folder, 'backends', 'rocm'),
    });
    await load();
    expect(requests.at(-1)).toMatchObject({ gpu: false, module: { name: 'own:rocm' } });
  });

  it('without what hybrids need never get one, and are tried with a dense model', async () => {
    own('hexagon', { replacesProcessor: false, denseOnly: true });
    present.clear();
    expect(await load()).toBe(false);
    expect(requests.at(-1)?.module).toBeUndefined();
    const { models } = tried.find(({ backend }) => backend === 'own:hexagon')!;
    expect(models.map((path) => path.split(/[\\/]/).at(-1))).toEqual(['dense.gguf']);
    expect(await list()).toMatchObject({ chosen: 'own:hexagon' });
  });

  it('are tried again after every build, and refused without a manifest', async () => {
    present.clear();
    own('cpu', { replacesProcessor: true, denseOnly: false, sha256: 'a' });
    await load();
    expect(await reasons()).toMatchObject({ 'own:cpu': null });
    own('cpu', { replacesProcessor: true, denseOnly: false, sha256: 'b' });
    expect(await reasons()).toMatchObject({ 'own:cpu': 'not-tried' });
    own('cpu', null);
    outcomes = { 'own:cpu': 'unreadable' };
    expect(await load()).toBe(false);
    expect(await reasons()).toMatchObject({ 'own:cpu': 'unreadable' });
  });
});

describe('the process of a trial', () => {
  const asked = { backend: 'vulkan', models: [] };
  const withEntry = (text: string, limitMs = 20_000) => {
    const entry = join(folder, 'entry.mjs');
    writeFileSync(entry, text);
    return createMachineProbe({ nodePath: process.execPath, entry, limitMs });
  };

  it('tells a crash', async () => {
    const result = await withEntry('process.abort();').tryBackend(asked);
    expect(result).toEqual({ ok: false, reason: 'crashed' });
  });

  it('stops what hangs, and what hangs after its answer', async () => {
    const hangs = 'setInterval(() => {}, 1000);';
    const result = await withEntry(hangs, 300).tryBackend(asked);
    expect(result).toEqual({ ok: false, reason: 'timed-out' });
    const late = `process.send({ ok: false, reason: 'no-device' }); ${hangs}`;
    const answered = await withEntry(late).tryBackend(asked);
    expect(answered).toEqual({ ok: false, reason: 'no-device' });
  });

  it('does not start', async () => {
    const none = createMachineProbe({ nodePath: join(folder, 'no-node') });
    expect(await none.tryBackend(asked)).toEqual({ ok: false, reason: 'failed' });
  });
});
