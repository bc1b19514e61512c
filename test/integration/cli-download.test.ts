import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startLocalHub } from '../support/local-hub.ts';
import type { LocalHub } from '../support/local-hub.ts';
import { quarry } from './cli-support.ts';
import type { CliOptions } from './cli-support.ts';
import { miniature } from './models-support.ts';

const body = Buffer.from(readFileSync(miniature));
body[body.length - 1]! ^= 1;
// Not pinned in the catalogue, so that the hub here may say what it is.
const file = 'granite-4.0-h-350m-Q8_0.gguf';
let folder: string;
let hub: LocalHub;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-cli-get-'));
  hub = await startLocalHub(body, 'c'.repeat(40), [file]);
});
afterEach(async () => {
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = (args: readonly string[], options: CliOptions = {}) =>
  quarry(['models', ...args, '--data', join(folder, 'profile')], {
    ...options,
    env: { HOME: folder, XDG_CONFIG_HOME: folder, TMPDIR: folder, HF_ENDPOINT: hub.origin },
  });
const get = (options?: CliOptions) =>
  run(['download', 'Granite 4.0 H-350M', '--quant', 'q8_0', '--json'], options);

describe('quarry models download', () => {
  it('fetches, checks and adds a model; the second time it is already here', async () => {
    const first = await get();
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      ...{ model: { sha256: hub.sha256, origin: 'copied' }, how: 'fetched and checked' },
    });
    expect(first.stderr).toContain(`${file}: fetching, `);
    const asked = hub.asked.length;
    const second = await get();
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ how: 'already here' });
    expect(hub.asked).toHaveLength(asked);
  });

  it('pauses at Ctrl+C, keeps what is here, and goes on from there', async () => {
    hub.rate = body.length / 4;
    const stopped = await get({
      interrupt: { signal: 'SIGINT', after: /fetching, [1-9]/, on: 'stderr' },
    });
    expect(stopped).toMatchObject({ code: 130, stdout: '' });
    expect(stopped.stderr).toMatch(/paused at [\d.]+ MiB of 9\.9 MiB; the same command goes on/);
    const asked = hub.asked.length;
    // Whoever only looks fetches nothing.
    expect((await run(['list'])).code).toBe(0);
    expect(hub.asked).toHaveLength(asked);
    const before = hub.sent();
    hub.rate = 0;
    expect((await get()).code).toBe(0);
    expect(hub.sent() - before).toBeLessThan(body.length);
  });

  it('says what went wrong and what there is', async () => {
    hub.status = 404;
    const missing = await get();
    expect(missing.code).toBe(1);
    expect(JSON.parse(missing.stdout)).toMatchObject({ error: { code: 'download-failed' } });
    expect(missing.stderr).toContain('quarry: the hub does not have this file');
    const unknown = await run(['download', 'granite-9']);
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toMatch(/there are granite-4\.0-h-tiny, .*granite-4\.2-30b/);
    const quant = await run(['download', 'granite-4.0-h-350m', '--quant', 'Q9']);
    expect(quant.code).toBe(2);
    expect(quant.stderr).toContain('Q4_K_M');
  });
});
