import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeLauncher } from '../../electron/engine/fake.ts';
import { ggufBytes, graniteFixture, graniteShapes } from '../../electron/models/gguf.fixture.ts';
import { insertDownload, listDownloads } from '../../electron/storage/repositories/downloads.ts';
import { saveDownloadProgress } from '../../electron/storage/repositories/downloads.ts';
import { setDownloadState } from '../../electron/storage/repositories/downloads.ts';
import { createBench } from './models-support.ts';
import type { Bench } from './models-support.ts';

const noLink = async () => {
  throw new Error('no second names here');
};
const isRoot = process.getuid?.() === 0;

let base = '';
let profile = '';
let other = '';
let launcher: FakeLauncher;
let bench: Bench;
const open = (over: Parameters<typeof createBench>[2] = { disk: { link: noLink } }) =>
  (bench = createBench(launcher, profile, over));
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'quarry-move-'));
  profile = join(base, 'profile');
  other = join(base, 'other');
  mkdirSync(other);
  launcher = createFakeLauncher();
  open();
});
afterEach(async () => {
  await bench.close();
  rmSync(base, { recursive: true, force: true });
});

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
function modelFile(shape: keyof typeof graniteShapes, fill = 0): string {
  const bytes = ggufBytes(graniteFixture(graniteShapes[shape]));
  bytes.fill(fill, bytes.length - 64);
  const path = join(base, `${shape}.gguf`);
  writeFileSync(path, bytes);
  return path;
}
const copyIn = async (...args: Parameters<typeof modelFile>) => {
  const paths = [modelFile(...args)];
  const { modelId, taskId } = await bench.models.handlers['models.import']({ paths, mode: 'copy' });
  await bench.tasks.finished(taskId);
  return modelId;
};
const move = async (to: string) => {
  const { taskId } = await bench.models.handlers['models.move']({ paths: [to] });
  await bench.tasks.finished(taskId);
};
const storage = () => bench.models.handlers['models.storage']({});
const byId = async (id: string) => (await bench.list()).find((model) => model.id === id)!;
/** Every copied model is whole where the list says it is. */
const allWhole = async () => {
  for (const model of await bench.list()) {
    if (model.origin !== 'copied') continue;
    expect(model).toMatchObject({ missing: false, error: null });
    expect(sha256(model.path)).toBe(model.sha256);
  }
};

describe('moving the library', () => {
  it.each([
    ['by copies that are read back', { disk: { link: noLink } }],
    ['by second names on the same disk', {}],
  ])('takes every model along, %s, and leaves nothing behind', async (_, over) => {
    await bench.close();
    open(over);
    const ids = [await copyIn('h-tiny'), await copyIn('micro')];
    const before = await Promise.all(ids.map(byId));
    await move(other);
    const folder = join(other, 'Quarry');
    expect(await storage()).toMatchObject({ folder, isDefault: false, isThere: true, move: null });
    for (const [index, id] of ids.entries()) {
      const { path, sha256: hash } = await byId(id);
      expect(path).toBe(join(folder, `${before[index]!.sha256}.gguf`));
      expect(hash).toBe(before[index]!.sha256);
    }
    await allWhole();
    expect(readdirSync(join(profile, 'models'))).toEqual([]);
    expect(readdirSync(folder).sort()).toEqual(
      ['.quarry-library', ...before.map((model) => `${model.sha256}.gguf`)].sort(),
    );
    // What comes later lies there too, also after a start.
    await bench.close();
    open(over);
    const later = await copyIn('h-micro');
    expect((await byId(later)).path.startsWith(folder)).toBe(true);
    await allWhole();

    const { taskId } = await bench.models.handlers['models.moveBack']({});
    await bench.tasks.finished(taskId);
    expect(await storage()).toMatchObject({ folder: join(profile, 'models'), isDefault: true });
    expect(existsSync(folder)).toBe(false);
    await allWhole();
  });

  it('to another device copies, whatever the disk thinks of second names', async (context) => {
    const shm = '/dev/shm';
    if (!existsSync(shm) || statSync(shm).dev === statSync(base).dev) return context.skip();
    const device = mkdtempSync(join(shm, 'quarry-'));
    try {
      await bench.close();
      open({});
      const id = await copyIn('h-tiny');
      await move(device);
      expect((await byId(id)).path.startsWith(device)).toBe(true);
      await allWhole();
      await bench.close();
      open({});
      await allWhole();
    } finally {
      rmSync(device, { recursive: true, force: true });
    }
    // The disk is away: the model says so and what to do, and nothing is made in its place.
    const [gone] = (await bench.list()).filter(({ origin }) => origin === 'copied');
    expect(gone).toMatchObject({ missing: true, error: { code: 'library-missing' } });
    expect((await storage()).isThere).toBe(false);
    await expect(
      bench.models.handlers['models.import']({ paths: [modelFile('micro')], mode: 'copy' }),
    ).rejects.toMatchObject({ code: 'library-missing', detail: { path: join(device, 'Quarry') } });
    expect(existsSync(device)).toBe(false);
  });

  it('brings models back when their disk is connected again, and tells the window', async () => {
    const id = await copyIn('h-tiny');
    await move(other);
    await bench.close();
    renameSync(other, `${other}-unplugged`);
    mkdirSync(join(other, 'Quarry'), { recursive: true });

    const looks: (() => void)[] = [];
    open({ repeat: (_, work) => (looks.push(work), () => undefined) });
    expect(await byId(id)).toMatchObject({ missing: true, error: { code: 'library-missing' } });
    await expect(bench.models.handlers['models.load']({ modelId: id })).rejects.toMatchObject({
      code: 'library-missing',
    });
    // An empty mount point is not filled.
    await expect(copyIn('micro')).rejects.toMatchObject({ code: 'library-missing' });
    expect(readdirSync(join(other, 'Quarry'))).toEqual([]);

    rmSync(other, { recursive: true });
    renameSync(`${other}-unplugged`, other);
    const before = bench.pushes.length;
    for (const look of looks) look();
    await expect
      .poll(() => bench.pushes.slice(before).some(({ name }) => name === 'models.changed'))
      .toBe(true);
    expect(await byId(id)).toMatchObject({ missing: false, error: null });
    await allWhole();
  });

  it('refuses folders that hold something else, with the reason', async () => {
    await copyIn('h-tiny');
    const refused = async (path: string, reason: string) =>
      expect(move(path)).rejects.toMatchObject({ code: 'folder-unusable', detail: { reason } });
    await refused(join(base, 'nowhere'), 'none');
    await refused(modelFile('micro'), 'none');
    await refused(profile, 'same');
    await refused(join(profile, 'models'), 'same');
    mkdirSync(join(other, 'Quarry'));
    writeFileSync(join(other, 'Quarry', 'diary.txt'), 'mine');
    await refused(other, 'filled');
    writeFileSync(join(other, 'Quarry', '.quarry-library'), 'another one');
    await refused(other, 'foreign');
    const linked = join(base, 'linked');
    mkdirSync(linked);
    symlinkSync(base, join(linked, 'Quarry'));
    await refused(linked, 'filled');
    // A folder of that very name is used as it is.
    const own = join(base, 'Quarry');
    mkdirSync(own);
    await move(own);
    expect((await storage()).folder).toBe(own);
    await refused(base, 'same');
    mkdirSync(join(own, 'below'));
    await refused(join(own, 'below'), 'inside');
  });

  it('keeps foreign files of the same name at the target', async () => {
    const id = await copyIn('h-tiny');
    const { sha256: hash } = await byId(id);
    await move(other);
    const { taskId } = await bench.models.handlers['models.moveBack']({});
    const home = join(profile, 'models', `${hash}.gguf`);
    // Came there in the meantime, with the very name.
    writeFileSync(home, 'not a model');
    await bench.tasks.finished(taskId);
    const { path } = await byId(id);
    expect([home, join(profile, 'models', `${hash}-2.gguf`)]).toContain(path);
    await allWhole();
  });

  it('works where the library’s folder is a link', async () => {
    await bench.close();
    const real = join(base, 'real');
    mkdirSync(real);
    mkdirSync(profile, { recursive: true });
    rmSync(join(profile, 'models'), { recursive: true, force: true });
    symlinkSync(real, join(profile, 'models'));
    open();
    await copyIn('h-tiny');
    expect(readdirSync(real)).toHaveLength(1);
    await move(other);
    expect(readdirSync(real)).toEqual([]);
    await allWhole();
    // The link's disk goes: that is no reason to fill its place.
    const { taskId } = await bench.models.handlers['models.moveBack']({});
    await bench.tasks.finished(taskId);
    await allWhole();
    rmSync(real, { recursive: true });
    expect(await storage()).toMatchObject({ isDefault: true, isThere: false });
    await expect(copyIn('micro')).rejects.toMatchObject({ code: 'library-missing' });
  });

  it('stopped: all models are where they were, and no copy stays', async () => {
    const ids = [await copyIn('h-tiny'), await copyIn('micro'), await copyIn('h-micro')];
    const paths = await Promise.all(ids.map(async (id) => (await byId(id)).path));
    const { taskId } = await bench.models.handlers['models.move']({ paths: [other] });
    while (!existsSync(join(other, 'Quarry', '.quarry-library'))) await setTimeout(1);
    bench.tasks.cancel(taskId);
    await expect(bench.tasks.finished(taskId)).rejects.toMatchObject({ code: 'cancelled' });
    expect(await Promise.all(ids.map(async (id) => (await byId(id)).path))).toEqual(paths);
    expect(existsSync(join(other, 'Quarry'))).toBe(false);
    expect((await storage()).move).toBeNull();
    await allWhole();
    await move(other);
    await allWhole();
  });

  it('stopped while it waits for its turn, it has not begun', async () => {
    await copyIn('h-tiny');
    const { taskId } = await bench.models.handlers['models.move']({ paths: [other] });
    const elsewhere = join(base, 'elsewhere');
    mkdirSync(elsewhere);
    await expect(move(elsewhere)).rejects.toMatchObject({ code: 'library-busy' });
    // The same one asked for again is the same one.
    const again = await bench.models.handlers['models.move']({ paths: [other] });
    expect(again.taskId).toBe(taskId);
    bench.tasks.cancel(taskId);
    await bench.tasks.finished(taskId).catch(() => undefined);
    expect(existsSync(join(other, 'Quarry'))).toBe(false);
    await allWhole();
  });

  it('goes on after a quit in the middle', async () => {
    const ids = [await copyIn('h-tiny'), await copyIn('micro'), await copyIn('h-micro')];
    await bench.models.handlers['models.move']({ paths: [other] });
    while (!existsSync(join(other, 'Quarry', '.quarry-library'))) await setTimeout(1);
    await bench.close();
    open();
    await bench.models.ready;
    const going = bench.tasks.list().find(({ kind }) => kind === 'move');
    if (going !== undefined) await bench.tasks.finished(going.id);
    for (const id of ids) expect((await byId(id)).path.startsWith(other)).toBe(true);
    await allWhole();
    expect(readdirSync(join(profile, 'models'))).toEqual([]);
  });

  it('refuses with both numbers where the other disk has not enough room', async (context) => {
    const shm = '/dev/shm';
    if (!existsSync(shm) || statSync(shm).dev === statSync(base).dev) return context.skip();
    const device = mkdtempSync(join(shm, 'quarry-'));
    try {
      await bench.close();
      open({ disk: { free: async () => 1000 } });
      await copyIn('h-tiny');
      await expect(move(device)).rejects.toMatchObject({
        code: 'disk-full',
        detail: { available: 1000 },
      });
      expect(readdirSync(device)).toEqual([]);
      await allWhole();
    } finally {
      rmSync(device, { recursive: true, force: true });
    }
  });

  it('a disk that fills up in the middle changes nothing', async (context) => {
    if (!isRoot || process.platform !== 'linux') return context.skip();
    const mount = join(base, 'small');
    mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount], { stdio: 'ignore' });
    } catch {
      return context.skip();
    }
    try {
      await bench.close();
      open({ disk: { free: async () => 2 ** 40 } });
      const id = await copyIn('h-tiny');
      const { path } = await byId(id);
      writeFileSync(join(mount, 'full'), Buffer.alloc(1024 * 1024 - statSync(path).size / 2));
      await expect(move(mount)).rejects.toMatchObject({ code: 'disk-full' });
      expect(readdirSync(mount)).toEqual(['full']);
      expect((await byId(id)).path).toBe(path);
      await allWhole();
      rmSync(join(mount, 'full'));
      await move(mount);
      await allWhole();
      await bench.close();
      execFileSync('mount', ['-o', 'remount,ro', mount]);
      // Read-only from now on: it can be used there, and not be moved from there without a word.
      open();
      await allWhole();
    } finally {
      await bench.close();
      execFileSync('umount', [mount]);
      open();
    }
  });

  it('a target that is read-only is refused and nothing changes', async (context) => {
    if (!isRoot || process.platform !== 'linux') return context.skip();
    const mount = join(base, 'locked');
    mkdirSync(mount);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', mount], { stdio: 'ignore' });
    } catch {
      return context.skip();
    }
    try {
      const id = await copyIn('h-tiny');
      const { path } = await byId(id);
      await expect(move(mount)).rejects.toMatchObject({ code: 'permission-denied' });
      expect((await byId(id)).path).toBe(path);
      expect(await storage()).toMatchObject({ isDefault: true, move: null });
      await allWhole();
    } finally {
      execFileSync('umount', [mount]);
    }
  });

  it('unloads an idle engine; one that answers keeps its file until it is done', async () => {
    const idle = await copyIn('h-tiny');
    const busy = await copyIn('micro');
    const signal = new AbortController().signal;
    (await bench.models.provider.acquire(idle, { signal })).release();
    const lease = await bench.models.provider.acquire(busy, { signal });
    const { path } = await byId(busy);
    const { taskId } = await bench.models.handlers['models.move']({ paths: [other] });
    await expect
      .poll(async () => (await storage()).move?.step, { timeout: 20_000 })
      .toBe('deleting');
    expect(existsSync(path)).toBe(true);
    lease.release();
    await bench.tasks.finished(taskId);
    expect(existsSync(path)).toBe(false);
    expect(bench.models.loaded()).toHaveLength(0);
    const again = await bench.models.provider.acquire(busy, { signal });
    expect(launcher.launches.at(-1)?.modelPath.startsWith(other)).toBe(true);
    again.release();
  });

  it('lmstudio#1696: a download that was paused goes along with every byte it has', async () => {
    await bench.models.ready;
    const id = '01234567-89ab-7def-8123-456789abcdef';
    const fileName = `${'ab'.repeat(32)}.gguf`;
    const url = 'https://hub.invalid/m/resolve/main/m.gguf';
    insertDownload(bench.db, {
      ...{ id, subject: 'granite/m.gguf', url, fileName, sha256: 'ab'.repeat(32) },
      ...{ bytes: 4000, expectedEtag: null, createdAt: 1 },
    });
    setDownloadState(bench.db, id, 'paused', 1);
    const spans = [{ start: 0, end: 1000 }];
    saveDownloadProgress(bench.db, id, { spans, fetched: 1000, at: 1 });
    await copyIn('h-tiny');
    const part = `.${fileName}.${id}.part`;
    writeFileSync(join(profile, 'models', part), Buffer.alloc(1000, 7));

    await move(other);
    expect(readFileSync(join(other, 'Quarry', part))).toEqual(Buffer.alloc(1000, 7));
    expect(existsSync(join(profile, 'models', part))).toBe(false);
    const [download] = await bench.models.handlers['models.downloads']({});
    expect(download).toMatchObject({ id, state: 'paused', done: 1000 });
    expect(listDownloads(bench.db)).toHaveLength(1);
    const parts = (await storage()).parts;
    expect(parts.find(({ kind }) => kind === 'downloads')).toMatchObject({ files: 1 });
    // It is not taken for a leftover there, also not at the next start.
    await bench.close();
    open();
    await bench.list();
    expect(existsSync(join(other, 'Quarry', part))).toBe(true);
    expect((await storage()).leftovers).toEqual([]);
  });

  it('a model that is removed while it moves is gone from both places', async () => {
    const stays = await copyIn('micro');
    const goes = await copyIn('h-tiny');
    const { taskId } = await bench.models.handlers['models.move']({ paths: [other] });
    await bench.models.handlers['models.remove']({ modelId: goes });
    await bench.tasks.finished(taskId);
    expect((await byId(stays)).path.startsWith(other)).toBe(true);
    expect(readdirSync(join(other, 'Quarry'))).toHaveLength(2);
    expect(readdirSync(join(profile, 'models'))).toEqual([]);
  });
});
