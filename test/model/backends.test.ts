import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import { createMachineProbe } from '../../electron/engine/machine-probe.ts';
import type { TrialRun } from '../../electron/core/ports.ts';
import { distance, judge, tolerated } from '../../electron/models/backends/judge.ts';
import { findBinaries } from '../../native/llama/binaries.ts';
import { answer, ask, launcher, load, miniature, silent } from './engine-support.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const trial = (name: string): string => join(root, 'resources', 'trial', `${name}.gguf`);
const models = [miniature, trial('scan'), trial('dense')];
const probe = createMachineProbe({ nodePath: process.execPath });

async function processorRuns(): Promise<readonly TrialRun[]> {
  const result = await probe.tryBackend({ backend: 'cpu', models });
  if (!result.ok) throw new Error(`the processor failed: ${result.reason}`);
  return result.runs;
}

describe('the trial of the processor', () => {
  it('evaluates a hybrid, one with a state of 128, and a dense model, the same each time', async () => {
    const runs = await processorRuns();
    expect(runs.map(({ steps }) => steps.length)).toEqual([12, 12, 12]);
    expect(
      judge({ ok: true, devices: [], total: 0, free: 0, runs: await processorRuns() }, runs),
    ).toBe(null);
    // Peaked enough that rubbish would show: a flat distribution agrees with every other flat one.
    const flat = Array.from({ length: 40 }, (_, token) => [token, 1 / 40] as const);
    for (const { steps } of runs) {
      for (const { shares } of steps) expect(distance(shares, flat)).toBeGreaterThan(2 * tolerated);
    }
  });

  it('tells binaries that are not there', async () => {
    const missing = process.platform === 'darwin' ? 'vulkan' : 'metal';
    expect(findBinaries(missing)).toBeNull();
    const result = await probe.tryBackend({ backend: missing, models });
    expect(result).toEqual({ ok: false, reason: 'not-built' });
  });
});

const build = join(root, 'native', 'recipes', 'build.mjs');
const check = spawnSync(process.execPath, [build, 'cpu', '--check'], { encoding: 'utf8' });
const lacks = check.status === 0 ? null : check.stderr.trim().replace(/\s*\n\s*/g, '; ');

// Without a compiler this is skipped, and says what is missing; bootstrap brings one where it may.
describe.skipIf(lacks !== null)(`the recipe "cpu"${lacks === null ? '' : ` (${lacks})`}`, () => {
  const name = 'own:cpu';
  let folder = '';
  let module: { name: string; folder: string };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-recipe-'));
    module = { name, folder: join(folder, 'backends', 'cpu') };
    // A compiler says much on a machine where it has not run yet.
    const options = { stdio: 'pipe', maxBuffer: 256 * 1024 * 1024 } as const;
    execFileSync(process.execPath, [build, 'cpu', '--profile', folder], options);
  }, 900_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A copy whose manifest says something else. */
  function copy(changes: object): typeof module {
    const other = { name, folder: mkdtempSync(join(folder, 'copy-')) };
    cpSync(module.folder, other.folder, { recursive: true });
    const path = join(other.folder, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...manifest, ...changes }));
    return other;
  }
  const refusal = async (own: typeof module): Promise<unknown> =>
    probe.tryBackend({ backend: name, module: own, models });

  it('builds a module that gives the answers of the shipped one', async () => {
    const result = await probe.tryBackend({ backend: name, module, models });
    const reference = await processorRuns();
    expect(judge(result, reference)).toBeNull();
    if (!result.ok) throw new Error(result.reason);
    // The whole greedy texts, not only up to a near tie.
    const texts = (runs: readonly TrialRun[]) => runs.map(({ steps }) => steps.map(({ token }) => token)); // prettier-ignore
    expect(texts(result.runs)).toEqual(texts(reference));
  });

  it('is really what an engine calculates with: the shipped one is not even loaded', async () => {
    const usual = await launcher.launch(load());
    const own = await launcher.launch(load({ module }));
    try {
      expect(own.info.backend).toBe(name);
      expect(usual.info.backend).toBe('cpu');
      const talk = { messages: [{ role: 'user', content: 'Hello, who are you?' }] } as const;
      const expected = await answer(usual, ask('a', talk));
      expect((await answer(own, ask('a', talk))).text).toBe(expected.text);
      if (existsSync('/proc/self/maps')) {
        const mapped = readFileSync(`/proc/${own.info.pid}/maps`, 'utf8');
        expect(mapped).toContain(join(module.folder, 'libggml-cpu.so'));
        expect(mapped).not.toContain('libggml-cpu-');
      }
    } finally {
      await Promise.all([usual.close(), own.close()]);
    }
  });

  it('is refused when it is of another release, for another system, or changed', async () => {
    expect(await refusal(copy({ release: 'v0.3.9' }))).toEqual({ ok: false, reason: 'release' });
    expect(await refusal(copy({ platform: 'haiku' }))).toEqual({ ok: false, reason: 'platform' });
    expect(await refusal(copy({ file: '../../x.so' }))).toEqual({
      ok: false,
      reason: 'unreadable',
    });
    const changed = copy({});
    const path = join(changed.folder, 'libggml-cpu.so');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1;
    rmSync(path);
    writeFileSync(path, bytes);
    expect(await refusal(changed)).toEqual({ ok: false, reason: 'changed' });
  });

  it('that no longer fits leaves the processor to calculate, and says so', async () => {
    let lost = 0;
    const engines = createEngineLauncher({ nodePath: process.execPath, log: silent });
    const request = load({ module: copy({ release: 'v0.3.9' }) });
    const engine = await engines.launch(request, { onBackendLost: () => (lost += 1) });
    expect(engine.info.backend).toBe('cpu');
    expect(lost).toBe(1);
    await engine.close();
  });
});
