import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCore } from '../../electron/core/compose.ts';
import type { Core } from '../../electron/core/compose.ts';
import { createIds } from '../../electron/core/ids.ts';
import { silentLog } from '../../electron/core/log.ts';
import { createMachine } from '../../electron/core/machine.ts';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { ModelDownload } from '../../electron/ipc/contract/index.ts';
import { sha256 } from '../support/hostile-server.ts';
import { miniature, root } from './models-support.ts';

const revision = 'c'.repeat(40);
const catalogId = 'granite-4.0-h-tiny';
const file = 'granite-4.0-h-tiny-Q4_K_M.gguf';
const clock = { now: () => Date.now() };
// Another last weight than the miniature's: the same header, another hash.
const good = Buffer.from(readFileSync(miniature));
good[good.length - 1]! ^= 1;
const hash = sha256(good);

/** What the hub and the storage behind it do; free to change between calls. */
interface Hub {
  origin: string;
  asked: string[];
  body: Buffer;
  said: { bytes: number; sha256: string; commit: string };
  status: number;
  /** Stop after half of the file and hold the line. */
  stalls: boolean;
}
let folder: string;
let hub: Hub;
let closers: (() => unknown)[];
let core: Core;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-get-'));
  closers = [() => rmSync(folder, { recursive: true, force: true })];
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  hub = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    body: good,
    said: { bytes: good.length, sha256: hash, commit: revision },
    status: 200,
    stalls: false,
  };
});
afterEach(async () => {
  for (const close of closers.reverse()) await close();
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  hub.asked.push(`${request.method} ${request.url}`);
  if (hub.status !== 200) return void response.writeHead(hub.status).end();
  if (request.url?.startsWith('/api/')) {
    return void response.end(JSON.stringify({ sha: revision, gated: false }));
  }
  const facts = {
    etag: `"${hub.said.sha256}"`,
    'x-linked-etag': `"${hub.said.sha256}"`,
    'x-linked-size': String(hub.said.bytes),
    'x-repo-commit': hub.said.commit,
    'accept-ranges': 'bytes',
  };
  const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]) + 1, hub.body.length) : hub.body.length;
  response.writeHead(range ? 206 : 200, {
    ...facts,
    'content-length': end - start,
    ...(range && { 'content-range': `bytes ${start}-${end - 1}/${hub.body.length}` }),
  });
  if (request.method === 'HEAD') response.end();
  else if (hub.stalls) response.write(hub.body.subarray(start, start + ((end - start) >> 1)));
  else response.end(hub.body.subarray(start, end));
}

/** CORE over a catalogue whose one file is pinned as told. */
async function start(pinned: { sha256?: string; bytes?: number } = {}): Promise<Core> {
  const resources = join(folder, 'resources');
  mkdirSync(resources, { recursive: true });
  cpSync(join(root, 'resources', 'miniature'), join(resources, 'miniature'), { recursive: true });
  const catalog = JSON.parse(readFileSync(join(root, 'resources', 'catalog.json'), 'utf8'));
  const model = catalog.models.find(({ id }: { id: string }) => id === catalogId);
  model.gguf.revision = revision;
  model.gguf.revisionStatus = 'pinned';
  model.gguf.files = [
    {
      name: file,
      quantization: 'Q4_K_M',
      size: { bytes: pinned.bytes ?? good.length, status: 'pinned' },
      sha256: { value: pinned.sha256 ?? hash, status: 'pinned' },
    },
  ];
  writeFileSync(join(resources, 'catalog.json'), JSON.stringify(catalog));
  core = await createCore({
    clock,
    ids: createIds(clock),
    log: silentLog,
    machine: createMachine(),
    announcer: { push() {} },
    launcher: createFakeLauncher({}),
    dataFolder: join(folder, 'data'),
    resourcesFolder: resources,
    appVersion: '1.2.3',
    engineVersion: 'fake',
    environment: { HF_ENDPOINT: hub.origin },
  });
  const made = core;
  closers.push(() => made.close());
  await core.handlers['models.list']({});
  return core;
}

const get = async () => core.handlers['models.download']({ catalogId, file });
const list = async () => core.handlers['models.downloads']({});
const installed = async () =>
  (await core.handlers['models.list']({})).filter(({ origin }) => origin === 'copied');
const until = async (state: ModelDownload['state']) =>
  vi.waitFor(
    async () => {
      const [download] = await list();
      expect(download?.state).toBe(state);
      return download!;
    },
    { timeout: 20_000 },
  );
const models = () => {
  const path = join(folder, 'data', 'models');
  return existsSync(path) ? readdirSync(path) : [];
};

describe('getting a model of the catalogue', () => {
  it('touches no network until asked, then installs a file that loads, hash known', async () => {
    await start();
    await core.handlers['models.catalog']({});
    expect(hub.asked).toEqual([]);
    await get();
    await vi.waitFor(async () => expect(await installed()).toHaveLength(1), { timeout: 20_000 });
    const [model] = await installed();
    expect(model).toMatchObject({ sha256: hash, hashState: 'done', bytes: good.length });
    expect(sha256(readFileSync(model!.path))).toBe(hash);
    await vi.waitFor(async () => expect(await list()).toEqual([]));
    expect(hub.asked[0]).toBe(`HEAD /ibm-granite/${catalogId}-GGUF/resolve/${revision}/${file}`);
    await core.handlers['models.load']({ modelId: model!.id });
    await vi.waitFor(async () => expect((await installed())[0]?.loaded?.state).toBe('ready'));
    await expect(get()).rejects.toMatchObject({ code: 'model-exists' });
  });

  it('refuses a file other than the pinned one before any byte', async () => {
    await start({ sha256: 'd'.repeat(64) });
    await expect(get()).rejects.toMatchObject({ code: 'download-mismatch' });
    hub.said.commit = 'e'.repeat(40);
    await expect(get()).rejects.toMatchObject({ code: 'download-mismatch' });
    expect(hub.asked.some((line) => line.startsWith('GET'))).toBe(false);
    expect(await list()).toEqual([]);
  });

  it('never installs bytes with a wrong hash, and leaves nothing after cancel', async () => {
    await start();
    hub.body = Buffer.from(good);
    hub.body[1000]! ^= 1;
    const { downloadId } = await get();
    expect((await until('failed')).error).toMatchObject({ code: 'download-mismatch' });
    expect(await installed()).toEqual([]);
    await core.handlers['models.cancelDownload']({ downloadId });
    expect(await list()).toEqual([]);
    expect(models()).toEqual([]);
  });

  it('does not install what is right but no model', async () => {
    hub.body = Buffer.alloc(good.length, 7);
    hub.said.sha256 = sha256(hub.body);
    await start({ sha256: hub.said.sha256 });
    const { downloadId } = await get();
    expect((await until('failed')).error).toMatchObject({ code: 'model-not-gguf' });
    expect(await installed()).toEqual([]);
    await core.handlers['models.cancelDownload']({ downloadId });
    expect(models()).toEqual([]);
  });

  it('stays paused over a restart, asks nothing, and goes on when resumed', async () => {
    await start();
    hub.stalls = true;
    const { downloadId } = await get();
    await vi.waitFor(async () => expect((await list())[0]?.done).toBeGreaterThan(0), {
      timeout: 20_000,
    });
    await core.close();
    hub.stalls = false;
    const before = hub.asked.length;
    await start();
    expect(await until('paused')).toMatchObject({ id: downloadId, catalogId, file });
    expect((await list())[0]?.done).toBeGreaterThan(0);
    expect(hub.asked).toHaveLength(before);
    await core.handlers['models.resumeDownload']({ downloadId });
    await vi.waitFor(async () => expect(await installed()).toHaveLength(1), { timeout: 20_000 });
    expect(sha256(readFileSync((await installed())[0]!.path))).toBe(hash);
  });

  it('pauses and says so', async () => {
    await start();
    hub.stalls = true;
    const { downloadId } = await get();
    await core.handlers['models.pauseDownload']({ downloadId });
    expect((await list())[0]?.state).toBe('paused');
    await core.handlers['models.cancelDownload']({ downloadId });
    expect(models()).toEqual([]);
  });

  it('says what the hub said', async () => {
    await start();
    for (const [status, reason] of [
      [401, 'denied'],
      [404, 'missing'],
      [503, 'busy'],
    ] as const) {
      hub.status = status;
      await expect(get()).rejects.toMatchObject({ code: 'download-failed', detail: { reason } });
    }
    hub.origin = 'http://127.0.0.1:1';
    await core.close();
    await start();
    await expect(get()).rejects.toMatchObject({ code: 'network-unreachable' });
  });
});
