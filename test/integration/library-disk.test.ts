import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import { ggufBytes, graniteFixture, graniteShapes } from '../../electron/models/gguf.fixture.ts';
import { createBench } from './models-support.ts';
import type { Bench } from './models-support.ts';

const day = 24 * 60 * 60_000;
const launcher = createFakeLauncher();

let base = '';
let profile = '';
let bench: Bench;
let now = Date.UTC(2026, 10, 22);
/** What would run from time to time, by how often in ms. */
let repeated: Map<number, () => void>;
const open = () => {
  repeated = new Map();
  bench = createBench(launcher, profile, {
    clock: { now: () => now },
    repeat: (ms, work) => {
      repeated.set(ms, work);
      return () => repeated.delete(ms);
    },
  });
};
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'quarry-disk-'));
  profile = join(base, 'profile');
  open();
  await settle();
});
afterEach(async () => {
  await bench.close();
  rmSync(base, { recursive: true, force: true });
});

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
function modelFile(shape: keyof typeof graniteShapes): string {
  const path = join(base, `${shape}.gguf`);
  writeFileSync(path, ggufBytes(graniteFixture(graniteShapes[shape])));
  return path;
}
const add = async (shape: keyof typeof graniteShapes, mode: 'copy' | 'reference' = 'copy') => {
  const paths = [modelFile(shape)];
  const { modelId, taskId } = await bench.models.handlers['models.import']({ paths, mode });
  await bench.tasks.finished(taskId);
  return modelId;
};
const storage = () => bench.models.handlers['models.storage']({});
const byId = async (id: string) => (await bench.list()).find((model) => model.id === id)!;
const fileOf = async (id: string) => (await storage()).models.find((one) => one.modelId === id)!;
/** Waits for all tasks that run. */
async function settle() {
  await bench.models.ready;
  for (const { id, state } of bench.tasks.list()) {
    if (state === 'running') await bench.tasks.finished(id).catch(() => undefined);
  }
}
const hashTasks = () => bench.tasks.list().filter(({ kind }) => kind === 'hash').length;
async function minute() {
  repeated.get(60_000)?.();
  // The file is looked at first; a check that begins takes many turns more.
  await bench.list();
}
/** A minute passes for the schedule. @returns how many checks it began. */
async function tick() {
  const before = hashTasks();
  await minute();
  const begun = hashTasks() - before;
  await settle();
  return begun;
}
/** One bit of the weights turns over; the time of the file stays, as when a disk goes bad. */
function rot(path: string) {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[bytes.length - 9]! ^= 1;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

describe('what is on the disk', () => {
  it('counts each model, and what removing it gives back', async () => {
    const copied = await add('h-tiny');
    const referenced = await add('micro', 'reference');
    const onDisk = (path: string) => statSync(path).blocks * 512;
    const { path } = await byId(copied);
    expect(await fileOf(copied)).toMatchObject({
      bytes: onDisk(path),
      frees: onDisk(path),
      isMissing: false,
    });
    const kept = await byId(referenced);
    expect(await fileOf(referenced)).toMatchObject({ bytes: onDisk(kept.path), frees: 0 });
    const builtin = (await storage()).models.find(({ origin }) => origin === 'builtin')!;
    expect(builtin.frees).toBe(0);
    // Bytes with a second name elsewhere do not come back.
    linkSync(path, join(base, 'second-name.gguf'));
    expect(await fileOf(copied)).toMatchObject({ frees: 0 });
    rmSync(path);
    expect(await fileOf(copied)).toMatchObject({ bytes: 0, frees: 0, isMissing: true });
  });

  it('counts everything else that Quarry keeps, and the room on that disk', async () => {
    await add('h-tiny');
    mkdirSync(join(profile, 'documents'));
    writeFileSync(join(profile, 'documents', 'a.pdf'), Buffer.alloc(5000, 1));
    mkdirSync(join(profile, 'logs'));
    writeFileSync(join(profile, 'logs', 'quarry.log'), Buffer.alloc(9000, 1));
    // Not followed: what a link points to is not Quarry's.
    symlinkSync('/usr', join(profile, 'documents', 'link'));
    const { parts, free, total } = await storage();
    const part = (kind: string) => parts.find((one) => one.kind === kind);
    expect(part('models')).toMatchObject({ files: 1 });
    expect(part('documents')?.files).toBe(2);
    expect(part('documents')?.bytes).toBeLessThan(64 * 1024);
    expect(part('database')?.bytes).toBeGreaterThan(0);
    expect(part('rest')).toMatchObject({ files: 1 });
    expect(free).toBeGreaterThan(0);
    expect(free!).toBeLessThanOrEqual(total!);
  });
});

describe('leftovers', () => {
  const uuid = '01234567-89ab-7def-8123-456789abcdef';
  const hash = 'ab'.repeat(32);

  it('jan#1998: lists files that no model knows, says what they are, deletes those of ours', async () => {
    const id = await add('h-tiny');
    const folder = join(profile, 'models');
    const put = (name: string) => writeFileSync(join(folder, name), Buffer.alloc(4096, 1));
    put(`${uuid}.part`);
    put(`${hash}.gguf`);
    put(`.${hash}.gguf.${uuid}.quarantine`);
    put(`.${hash}.gguf.${uuid}.part`);
    put(`.${hash}.gguf.moving`);
    put('thesis.gguf');
    mkdirSync(join(folder, 'photos'));
    writeFileSync(join(folder, 'photos', 'cat.jpg'), 'cat');
    const outside = join(base, 'outside.gguf');
    writeFileSync(outside, 'mine');
    symlinkSync(outside, join(folder, `${'cd'.repeat(32)}.gguf`));

    const { leftovers } = await storage();
    const kinds = Object.fromEntries(leftovers.map(({ name, kind }) => [name, kind]));
    expect(kinds).toEqual({
      [`${uuid}.part`]: 'import',
      [`${hash}.gguf`]: 'model',
      [`.${hash}.gguf.${uuid}.quarantine`]: 'quarantine',
      [`.${hash}.gguf.${uuid}.part`]: 'download',
      [`.${hash}.gguf.moving`]: 'move',
      'thesis.gguf': 'foreign',
      photos: 'foreign',
      [`${'cd'.repeat(32)}.gguf`]: 'foreign',
    });
    const model = await byId(id);
    const names = [
      ...leftovers.map(({ name }) => name),
      '../../outside.gguf',
      `${model.sha256}.gguf`,
    ];
    const gone = await bench.models.handlers['models.clean']({ names });
    expect(gone).toEqual({ removed: 5, bytes: 5 * 4096 });
    expect(readdirSync(folder).sort()).toEqual(
      ['thesis.gguf', 'photos', `${'cd'.repeat(32)}.gguf`, `${model.sha256}.gguf`].sort(),
    );
    expect(existsSync(outside)).toBe(true);
    expect(sha256(model.path)).toBe(model.sha256);
  });

  it('deletes by itself at the start only what is provably a copy that was cut off', async () => {
    const folder = join(profile, 'models');
    await bench.close();
    mkdirSync(folder, { recursive: true });
    for (const name of [`${uuid}.part`, `.x.gguf.moving`, 'my.part', `${hash}.gguf`]) {
      writeFileSync(join(folder, name), 'x');
    }
    open();
    await settle();
    expect(readdirSync(folder).sort()).toEqual([`${hash}.gguf`, 'my.part'].sort());
  });
});

describe('checking files again', () => {
  it('lms#45: finds one flipped bit within the month, turns the badge, remembers when', async () => {
    const id = await add('h-tiny');
    const start = now;
    expect(await fileOf(id)).toMatchObject({ checkedAt: start, changedSince: null });
    const { path, sha256: before } = await byId(id);
    rot(path);
    now = start + 29 * day;
    expect(await tick()).toBe(0);
    now = start + 30 * day;
    // One file at a time: the miniature is due as well.
    const begun = [await tick(), await tick(), await tick()];
    expect(begun).toEqual([1, 1, 0]);
    expect(await fileOf(id)).toMatchObject({ checkedAt: now, changedSince: now });
    expect((await byId(id)).proof).toMatchObject({ level: 'unverified', changedSince: now });
    // The expected hash is still known, and the file made whole again is found to be so.
    expect(await bench.models.handlers['models.proof']({ modelId: id })).toMatchObject({
      expectedSha256: before,
    });
    rot(path);
    await bench.models.handlers['models.checkAll']({ modelIds: [id] });
    await settle();
    expect(await fileOf(id)).toMatchObject({ changedSince: null });
  });

  it('keeps to the setting: never, or every 7 days', async () => {
    const start = now;
    await bench.set({ values: { checkEvery: 'never' } });
    now = start + 400 * day;
    expect(await tick()).toBe(0);
    now = start + 6 * day;
    await bench.set({ values: { checkEvery: 'week' } });
    expect(await tick()).toBe(0);
    now = start + 7 * day;
    expect(await tick()).toBe(1);
    expect((await storage()).checkEvery).toBe('week');
  });

  it('leaves answers alone and begins when they are done', async () => {
    now += 31 * day;
    const lease = await bench.models.provider.acquire(null, {
      signal: new AbortController().signal,
    });
    expect(await tick()).toBe(0);
    lease.release();
    expect(await tick()).toBe(1);
  });

  it('one that was stopped is due again a day later; at a quit, at the next start', async () => {
    const id = await add('h-tiny');
    now += 31 * day;
    const { path } = await byId(id);
    // Before the miniature, which is younger in this row of checks.
    await bench.models.handlers['models.checkAll']({
      modelIds: [(await bench.named('Miniature (demo)')).id],
    });
    await settle();
    await minute();
    const task = bench.tasks.list().findLast(({ kind }) => kind === 'hash')!;
    bench.tasks.cancel(task.id);
    await settle();
    expect(await byId(id)).toMatchObject({ hashState: 'pending' });
    expect((await byId(id)).sha256).not.toBeNull();
    expect(await tick()).toBe(0);
    rot(path);
    await bench.close();
    open();
    await settle();
    // Known bytes under an unchanged time: another hash is a change, not another file.
    expect(await fileOf(id)).toMatchObject({ checkedAt: now, changedSince: now });
  });

  it('checks all now, those that are there', async () => {
    const kept = await add('h-tiny');
    const gone = await add('micro', 'reference');
    rmSync((await byId(gone)).path);
    now += 3 * day;
    const { taskIds } = await bench.models.handlers['models.checkAll']({});
    expect(taskIds).toHaveLength(2);
    await settle();
    expect(await fileOf(kept)).toMatchObject({ checkedAt: now });
    expect(await fileOf(gone)).toMatchObject({ checkedAt: now - 3 * day, isMissing: true });
  });
});
