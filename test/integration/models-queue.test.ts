import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createCore } from '../../electron/core/compose.ts';
import type { Core } from '../../electron/core/compose.ts';
import { createIds } from '../../electron/core/ids.ts';
import { silentLog } from '../../electron/core/log.ts';
import { createMachine } from '../../electron/core/machine.ts';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { ModelDownload, PushName } from '../../electron/ipc/contract/index.ts';
import { throttled } from '../../electron/models/throttle.ts';
import { startLocalHub } from '../support/local-hub.ts';
import type { LocalHub } from '../support/local-hub.ts';
import { miniature, root } from './models-support.ts';

interface Gguf {
  readonly repository: string;
  readonly revision: string;
  readonly revisionStatus: string;
  readonly files: readonly { name: string; sha256: { status: string } }[];
}
/** A file that the catalogue does not know, of a repository whose revision stands as told. */
function unknownFile(revisionStatus: 'pinned' | 'unknown') {
  const { models } = JSON.parse(readFileSync(join(root, 'resources', 'catalog.json'), 'utf8')) as {
    models: { id: string; gguf: Gguf | null }[];
  };
  for (const { id, gguf } of models) {
    const file = gguf?.files.find(({ sha256 }) => sha256.status === 'unknown');
    if (gguf?.revisionStatus !== revisionStatus || file === undefined) continue;
    const { repository, revision } = gguf;
    return { repository, revision, asked: { catalogId: id, file: file.name } };
  }
  throw new Error('the catalogue knows all files by now: change this test');
}
const { repository, revision, asked: pinned } = unknownFile('pinned');
const unpinned = unknownFile('unknown').asked;
const body = Buffer.from(readFileSync(miniature));
body[body.length - 1]! ^= 1;

let folder: string;
let hub: LocalHub;
let core: Core;
let pushes: { name: PushName; data: unknown }[];
let opened: Core[];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-queue-'));
  hub = await startLocalHub(body, revision, [pinned.file, unpinned.file, 'other-Q8_0.gguf']);
  pushes = [];
  opened = [];
});
afterEach(async () => {
  for (const one of opened) await one.close();
  await hub.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(goOn = true): Promise<void> {
  const clock = { now: () => Date.now() };
  core = await createCore({
    clock,
    ids: createIds(clock),
    log: silentLog,
    machine: createMachine(),
    announcer: { push: (name, data) => void pushes.push({ name, data }) },
    launcher: createFakeLauncher({}),
    dataFolder: folder,
    resourcesFolder: join(root, 'resources'),
    appVersion: '1.2.3',
    engineVersion: 'fake',
    environment: { HF_ENDPOINT: hub.origin },
    goOnWithDownloads: goOn,
  });
  opened.push(core);
  await core.handlers['models.list']({});
}
const get = (one = pinned) => core.handlers['models.download'](one);
const list = async () => core.handlers['models.downloads']({});
const copied = async () =>
  (await core.handlers['models.list']({})).filter(({ origin }) => origin === 'copied');
const arrived = () =>
  vi.waitFor(async () => expect(await copied()).toHaveLength(1), { timeout: 20_000 });
const until = (check: (download: ModelDownload) => void) =>
  vi.waitFor(
    async () => {
      const [download] = await list();
      check(download!);
    },
    { timeout: 20_000 },
  );
const events = (lines: readonly { event: string }[]) => lines.map(({ event }) => event);

describe('what the hub tells about a file', () => {
  it('is asked once at the pinned revision and remembered, and is not called pinned', async () => {
    await start();
    await get();
    await arrived();
    expect(hub.asked.filter((line) => line.includes('/tree/'))).toEqual([
      `GET /api/models/${repository}/tree/${revision}?recursive=true&expand=false`,
    ]);
    const { entries } = await core.handlers['models.catalog']({});
    const entry = entries.find(({ id }) => id === pinned.catalogId);
    const offer = entry?.offers.find(({ file }) => file === pinned.file);
    expect(offer).toMatchObject({
      ...{ bytes: body.length, bytesSource: 'hub', sha256: hub.sha256, sha256Source: 'hub' },
    });
    expect(entry).toMatchObject({ revision, revisionSource: 'pinned' });
    const [model] = await copied();
    expect(model).toMatchObject({ sha256: hub.sha256, proof: { level: 'unverified' } });
  });

  it('keeps the commit that the newest was when it was asked first', async () => {
    await start();
    const { downloadId } = await get(unpinned);
    await core.handlers['models.cancelDownload']({ downloadId });
    await core.close();
    await start();
    hub.rate = 1;
    await get(unpinned);
    const branches = hub.asked.filter((line) => line.includes('/revision/main'));
    expect(branches).toHaveLength(1);
    const { entries } = await core.handlers['models.catalog']({});
    expect(entries.find(({ id }) => id === unpinned.catalogId)).toMatchObject({
      ...{ revision, revisionSource: 'hub' },
    });
  });
});

describe('downloads as a person sees them', () => {
  it('tell of their progress apart from the models, and of the model once', async () => {
    hub.rate = body.length;
    await start();
    // The miniature is hashed at the first start.
    await vi.waitFor(async () => {
      const models = await core.handlers['models.list']({});
      expect(models.every(({ hashState }) => hashState === 'done')).toBe(true);
    });
    await get();
    pushes.length = 0;
    await vi.waitFor(async () => expect((await list())[0]?.bytesPerSecond).toBeGreaterThan(0), {
      timeout: 20_000,
    });
    expect(pushes.filter(({ name }) => name === 'models.changed')).toEqual([]);
    await vi.waitFor(() =>
      expect(pushes.some(({ name }) => name === 'downloads.changed')).toBe(true),
    );
    hub.rate = 0;
    await arrived();
    const [model] = await copied();
    await vi.waitFor(() =>
      expect(
        pushes.filter(({ data }) => (data as { modelId: unknown }).modelId === model!.id),
      ).toContainEqual({ name: 'downloads.changed', data: { modelId: model!.id } }),
    );
    expect(await list()).toEqual([]);
  });

  it('keep what happened, for the model’s details, until the model goes', async () => {
    await start();
    await get();
    await arrived();
    const [model] = await copied();
    const log = await core.handlers['models.downloadLog']({ modelId: model!.id });
    expect(events(log)).toEqual([
      ...['queued', 'started', 'identified', 'fetched', 'verified', 'installed'],
    ]);
    await core.close();
    await start();
    expect(await core.handlers['models.downloadLog']({ modelId: model!.id })).toHaveLength(6);
    await core.handlers['models.remove']({ modelId: model!.id });
    expect(readdirSync(join(folder, 'models'))).toEqual([]);
    // Getting it anew begins a new story.
    hub.rate = 1;
    const { downloadId } = await get();
    const begun = await core.handlers['models.downloadLog']({ downloadId });
    expect(events(begun).filter((event) => event === 'queued')).toHaveLength(1);
    expect(await core.handlers['models.downloadLog']({ modelId: model!.id })).toEqual([]);
  });

  it('go on by themselves after the app ended in the middle, paused ones do not (LM Studio 1696)', async () => {
    hub.rate = body.length / 4;
    await start();
    const { downloadId } = await get();
    await until(({ done }) => expect(done).toBeGreaterThan(0));
    await core.close();
    await start();
    expect((await list())[0]).toMatchObject({ id: downloadId, wentOn: true });
    expect((await list())[0]!.done).toBeGreaterThan(0);
    expect(events(await core.handlers['models.downloadLog']({ downloadId }))).toContain('went-on');
    await core.handlers['models.pauseDownload']({ downloadId });
    await core.close();
    await start();
    expect((await list())[0]).toMatchObject({ state: 'paused', wentOn: false });
    hub.rate = 0;
    await core.handlers['models.resumeDownload']({ downloadId });
    await arrived();
  });

  it('are left alone by whoever only looks, and still go on in the app', async () => {
    hub.rate = body.length / 4;
    await start();
    const { downloadId } = await get();
    await until(({ done }) => expect(done).toBeGreaterThan(0));
    await core.close();
    const before = hub.asked.length;
    await start(false);
    expect((await list())[0]).toMatchObject({ state: 'paused' });
    await core.close();
    expect(hub.asked).toHaveLength(before);
    hub.rate = 0;
    await start();
    await arrived();
    expect(downloadId).toBeTruthy();
  });

  it('say that the server asked to wait, and until when', async () => {
    hub.rate = body.length / 4;
    await start();
    await get();
    await until(({ done }) => expect(done).toBeGreaterThan(0));
    Object.assign(hub, { status: 429, retryAfter: 40 });
    hub.cut();
    await until(({ state, wait }) => {
      expect({ state, reason: wait?.reason }).toEqual({ state: 'waiting', reason: 'asked' });
      expect(wait!.until - Date.now()).toBeGreaterThan(20_000);
    });
    Object.assign(hub, { status: 200, rate: 0 });
    // Not before its time, unless the network is another one.
    await core.handlers['models.wakeDownloads']({});
    await arrived();
  });

  it('wait without a network and go on when it is back (Jan 7066)', async () => {
    hub.rate = body.length / 4;
    await start();
    const { downloadId } = await get();
    await until(({ done }) => expect(done).toBeGreaterThan(0));
    hub.status = 503;
    hub.cut();
    await until(({ state }) => expect(state).toBe('waiting'));
    hub.status = 200;
    hub.rate = 0;
    await core.handlers['models.wakeDownloads']({});
    await arrived();
    expect(downloadId).toBeTruthy();
  });
});

describe('announcements', () => {
  it('are at most as many as told, the first at once, the last never lost', () => {
    vi.useFakeTimers();
    try {
      let count = 0;
      const push = throttled(() => (count += 1), 500);
      // Three downloads, each announcing every 100 ms, for ten seconds.
      for (let at = 0; at < 10_000; at += 100) {
        for (let one = 0; one < 3; one += 1) push.request();
        if (at === 0) expect(count).toBe(1);
        vi.advanceTimersByTime(100);
      }
      expect(count).toBeLessThanOrEqual(21);
      expect(count).toBeGreaterThanOrEqual(19);
      const before = count;
      push.request();
      vi.advanceTimersByTime(1000);
      expect(count).toBe(before + 1);
      push.stop();
    } finally {
      vi.useRealTimers();
    }
  });
});
