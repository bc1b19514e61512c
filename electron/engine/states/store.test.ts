import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeepRequest, StateRef } from './port.ts';
import { createSeal } from './seal.ts';
import { denseShape, hybridShape, sequenceFile } from './sequences.fixture.ts';
import type { SequenceShape } from './sequences.fixture.ts';
import { readSidecar } from './sidecar.ts';
import { openStateStore } from './store.ts';
import type { OpenStateStore, StateStoreOptions } from './store.ts';

let place: string;
let folder: string;
let stores: OpenStateStore[];
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'quarry-states-'));
  folder = join(place, 'states');
  stores = [];
});
afterEach(async () => {
  for (const store of stores) await store.close();
  await rm(place, { recursive: true });
});

const plenty = 1 << 30;
const key = 'one model';

async function open(changes: Partial<StateStoreOptions> = {}): Promise<OpenStateStore> {
  const cuttable = false;
  const store = await openStateStore({
    ...{ folder, key, budget: plenty, secret: null, cuttable, memory: null },
    ...changes,
  });
  stores.push(store);
  return store;
}

async function onDisk(): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) bytes += (await stat(join(folder, name))).size;
  return bytes;
}

const tokens = (length: number, start = 0, from: readonly number[] = []): number[] => [
  ...from,
  ...Array.from({ length: length - from.length }, (_, index) => (start + index * 31) % 50_000),
];

async function keep(
  store: OpenStateStore,
  ids: readonly number[],
  changes: Partial<KeepRequest> & { readonly shape?: SequenceShape } = {},
): ReturnType<OpenStateStore['keep']> {
  const { shape = hybridShape, ...rest } = changes;
  const path = join(place, 'written');
  await writeFile(path, sequenceFile(shape, ids));
  return store.keep({ path, tokens: ids, kind: 'answer', owners: ['a'], from: null, ...rest });
}

/** Keeps a state that must find room. */
async function kept(
  ...request: Parameters<typeof keep>
): Promise<{ readonly ref: StateRef; readonly isSame: boolean }> {
  const done = await keep(...request);
  if (done === null) throw new Error('the state was not kept');
  return done;
}

/** What the store gives for these tokens, and that it is what llama.cpp would have written. */
async function back(
  store: OpenStateStore,
  ids: readonly number[],
  shape = hybridShape,
): Promise<number> {
  const found = store.find(ids, ids.length);
  if (found === null) return 0;
  const path = join(place, 'composed');
  const expected = ids.slice(0, found.position);
  const bytes = store.composedBytes(found.ref);
  expect(await store.compose(found.ref, path)).toEqual(expected);
  const written = await readFile(path);
  expect(written.length).toBe(bytes);
  expect(written.equals(sequenceFile(shape, expected))).toBe(true);
  return found.position;
}

const secrets: readonly (readonly [name: string, secret: Buffer | null])[] = [
  ['plain', null],
  ['encrypted', randomBytes(32)],
];

describe.each(secrets)('%s states', (_, secret) => {
  it('come back byte for byte, at once and after a restart', async () => {
    const store = await open({ secret });
    const first = tokens(40);
    const second = tokens(90, 7, first);
    const one = await kept(store, first);
    const two = await kept(store, second, { from: { ref: one.ref, shared: 40 } });
    expect([one.isSame, two.isSame]).toEqual([true, true]);
    expect(await back(store, tokens(100, 3, second))).toBe(90);
    expect(await back(store, tokens(60, 9, first))).toBe(40);
    expect(store.find(tokens(50, 1), 50)).toBeNull();
    expect(store.find(first, 39)).toBeNull();
    expect(store.bytes).toBe(await onDisk());
    await store.close();

    const again = await open({ secret });
    expect(again.bytes).toBe(await onDisk());
    expect(await back(again, second)).toBe(90);
    expect(await back(again, first)).toBe(40);
  });

  it('have sidecars that no flipped bit gets past', async () => {
    const store = await open({ secret });
    await kept(store, tokens(3));
    const name = (await readdir(folder)).find((each) => each.endsWith('.state')) ?? '';
    const bytes = await readFile(join(folder, name));
    const seal = createSeal(secret);
    const id = name.slice(0, 32);
    expect(readSidecar(seal, key, id, bytes)?.length).toBe(3);
    expect(readSidecar(seal, key, '0'.repeat(32), bytes)).toBeNull();
    expect(readSidecar(seal, 'another', id, bytes)).toBeNull();
    for (let at = 0; at < bytes.length; at += 1) {
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      expect(readSidecar(seal, key, id, bytes)).toBeNull();
      expect(readSidecar(seal, key, id, bytes.subarray(0, at))).toBeNull();
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
    }
  });

  it('of a path share their rows', async () => {
    const store = await open({ secret });
    const shape = { ...hybridShape, recurrent: { layers: 2, small: 4, large: 8 } };
    let ids = tokens(2000);
    let { ref } = await kept(store, ids, { shape });
    const whole = store.bytes;
    for (let turn = 1; turn < 5; turn += 1) {
      const shared = ids.length;
      ids = tokens(shared + 10, turn, ids);
      ({ ref } = await kept(store, ids, { shape, from: { ref, shared } }));
    }
    expect(store.bytes).toBeLessThan(whole * 1.1);
    expect(await back(store, ids, shape)).toBe(2040);
  });

  it('hold no token and no name of a state that anybody could read in a sidecar', async () => {
    const store = await open({ secret });
    const ids = Array.from({ length: 64 }, () => 0x41424344);
    await kept(store, ids);
    for (const name of await readdir(folder)) {
      const bytes = await readFile(join(folder, name));
      const isReadable = bytes.includes('DCBADCBA') || bytes.includes(String(0x41424344));
      expect(isReadable).toBe(secret === null && name.endsWith('.rows'));
    }
  });
});

describe('a state', () => {
  it('that a child stands on leaves its rows to it, and nothing else', async () => {
    const store = await open();
    const first = tokens(300);
    const left = tokens(320, 5, first.slice(0, 200));
    const { ref } = await kept(store, first, { owners: ['a'] });
    await kept(store, left, { owners: ['b'], from: { ref, shared: 200 } });
    const before = store.bytes;
    await store.disown('a');
    expect(store.find(first, 300)).toBeNull();
    expect(await back(store, left)).toBe(320);
    // Its recurrent part, and the tokens and rows of 100 tokens that nobody else has.
    expect(before - store.bytes).toBeGreaterThan(8192 + 100 * 4);
    expect(store.bytes).toBe(await onDisk());
    await store.close();
    const again = await open();
    expect(await back(again, left)).toBe(320);
    expect(again.find(first, 300)).toBeNull();
    await again.disown('b');
    expect(await onDisk()).toBe(0);
    expect(again.bytes).toBe(0);
  });

  it('of the same tokens is kept once, for both owners', async () => {
    const store = await open();
    const ids = tokens(20);
    const one = await kept(store, ids, { owners: ['a'] });
    const two = await kept(store, ids, { owners: ['b'], kind: 'document' });
    expect(two).toEqual({ ref: one.ref, isSame: false });
    await store.disown('a');
    expect(await back(store, ids)).toBe(20);
    await store.touch(one.ref, 'c');
    await store.disown('b');
    expect(await back(store, ids)).toBe(20);
    await store.disown('c');
    expect(store.find(ids, 20)).toBeNull();
  });

  it('of a lineage that is none is written whole', async () => {
    const store = await open();
    const first = tokens(50);
    const { ref } = await kept(store, first);
    const other = tokens(60, 3);
    await kept(store, other, { from: { ref, shared: 50 } });
    expect(await back(store, other)).toBe(60);
    // The same tokens, other rows: as if they had been read in other pieces.
    const path = join(place, 'written');
    const next = tokens(60, 8, first);
    const bytes = sequenceFile(hybridShape, next);
    const at = bytes.indexOf(
      sequenceFile(hybridShape, first).subarray(24 + 12 + 600 + 8 + 12 + 12),
    );
    expect(at).toBe(-1);
    const rows = 12 + 240 + 12 + 720 + 8 + 12;
    bytes.fill(7, rows, rows + 60 * 64);
    await writeFile(path, bytes);
    await store.keep({
      ...{ path, tokens: next, kind: 'answer', owners: ['a'] },
      from: { ref, shared: 50 },
    });
    const found = store.find(next, 60);
    expect(found?.position).toBe(60);
    const composed = join(place, 'composed');
    if (found !== null) await store.compose(found.ref, composed);
    expect((await readFile(composed)).equals(bytes)).toBe(true);
  });

  it('does not stand on one whose tokens differ, were its rows the same', async () => {
    const store = await open();
    const first = tokens(50);
    const { ref } = await kept(store, first);
    const next = tokens(60, 8, first);
    const bytes = sequenceFile(hybridShape, next);
    const other = next.with(5, 40_001);
    bytes.writeUInt32LE(40_001, 12 + 5 * 4);
    const path = join(place, 'written');
    await writeFile(path, bytes);
    await store.keep({
      ...{ path, tokens: other, kind: 'answer', owners: ['a'] },
      from: { ref, shared: 50 },
    });
    expect(store.find(next, 60)?.position).toBe(50);
    const found = store.find(other, 60);
    expect(found?.position).toBe(60);
    expect(found && (await store.compose(found.ref, path))).toEqual(other);
  });

  it('is not kept when the file holds other tokens, or nothing that is understood', async () => {
    const store = await open();
    expect(await keep(store, tokens(5), { tokens: tokens(6) })).toBeNull();
    expect(await keep(store, tokens(5), { owners: [] })).toBeNull();
    await writeFile(join(place, 'written'), 'nothing');
    const path = join(place, 'written');
    const request = { path, tokens: [1], kind: 'turn', owners: ['a'], from: null } as const;
    expect(await store.keep(request)).toBeNull();
    expect(await onDisk()).toBe(0);
  });

  it('of a model that is cut anywhere stands for all its beginnings', async () => {
    const store = await open({ cuttable: true });
    const ids = tokens(100);
    const { ref } = await kept(store, ids, { shape: denseShape });
    const other = tokens(90, 3, ids.slice(0, 70));
    expect(await back(store, other, denseShape)).toBe(70);
    expect(store.find(ids, 42)?.position).toBe(42);
    await kept(store, other, { shape: denseShape, from: { ref, shared: 70 }, owners: ['b'] });
    await store.disown('a');
    expect(await back(store, ids, denseShape)).toBe(70);
    expect(store.bytes).toBe(await onDisk());
  });

  it('of a model that is cut anywhere gets no owner by one of its beginnings', async () => {
    const store = await open({ cuttable: true });
    const ids = tokens(100);
    await kept(store, ids, { shape: denseShape });
    const found = store.find(ids, 42);
    expect(found).toMatchObject({ position: 42, isWhole: false });
    await store.touch((found as { ref: StateRef }).ref, 'b');
    // One that ends there comes first, however much later the longer one was used.
    await kept(store, ids.slice(0, 42), { shape: denseShape, owners: ['b'] });
    const whole = store.find(ids, 100);
    await store.touch((whole as { ref: StateRef }).ref, 'a');
    expect(store.find(ids, 42)).toMatchObject({ position: 42, isWhole: true });
    await store.disown('a');
    expect(await back(store, ids, denseShape)).toBe(42);
  });

  it('chain of a long conversation stays short enough to be opened', async () => {
    const store = await open();
    let ids = tokens(3);
    let { ref } = await kept(store, ids);
    for (let turn = 1; turn < 120; turn += 1) {
      const shared = ids.length;
      ids = [...ids, turn];
      ({ ref } = await kept(store, ids, { from: { ref, shared } }));
    }
    expect(await back(store, ids)).toBe(122);
  });
});

describe('the budget', () => {
  it('is kept by evicting what was used longest ago, inner ones first, documents last', async () => {
    const store = await open();
    const document = tokens(30);
    await kept(store, document, { kind: 'document', owners: ['doc:1'] });
    const one = store.bytes;
    for (let index = 0; index < 3; index += 1) {
      await kept(store, tokens(30, 11 + index), { owners: [`c${index}`] });
      await kept(store, tokens(30, 21 + index), { owners: [`c${index}`], kind: 'turn' });
    }
    await store.resize(Math.ceil(one * 4.5));
    expect(store.bytes).toBe(await onDisk());
    expect(store.bytes).toBeLessThanOrEqual(one * 4.5);
    expect(await back(store, document)).toBe(30);
    for (let index = 0; index < 3; index += 1) {
      expect(await back(store, tokens(30, 11 + index)), 'newest answers').toBe(30);
      expect(store.find(tokens(30, 21 + index), 30), 'inner ones').toBeNull();
    }
    const back2 = await store.resize(0);
    expect(back2).toBeGreaterThan(0);
    expect(await onDisk()).toBe(0);
  });

  it('lets go of the recurrent part of a state that the new one stands on', async () => {
    const store = await open();
    const first = tokens(200);
    const { ref } = await kept(store, first);
    await store.resize(store.bytes + 9000);
    const next = tokens(220, 3, first);
    await kept(store, next, { from: { ref, shared: 200 } });
    expect(store.find(first, 200)).toBeNull();
    expect(await back(store, next)).toBe(220);
    expect(store.bytes).toBe(await onDisk());
  });

  it('keeps nothing that is larger than all of it', async () => {
    const store = await open();
    await kept(store, tokens(10));
    await store.resize(store.bytes);
    expect(await keep(store, tokens(4000, 5))).toBeNull();
    expect(await back(store, tokens(10))).toBe(10);
  });

  it('counts scratch files that lie in the folder', async () => {
    const store = await open();
    const file = await store.scratch(1000);
    expect(store.bytes).toBe(1000);
    expect((await stat(file?.path ?? '')).mode & 0o777).toBe(0o600);
    await file?.remove();
    await file?.remove();
    expect(store.bytes).toBe(0);
    await store.resize(999);
    expect(await store.scratch(1000)).toBeNull();
  });
});

describe('a folder', () => {
  it.each([
    ['another model', { key: 'another' }],
    ['a key where there was none', { secret: randomBytes(32) }],
  ])('opened with %s is empty', async (_, changes) => {
    const store = await open();
    await kept(store, tokens(9));
    await store.close();
    const other = await open(changes);
    expect(other.find(tokens(9), 9)).toBeNull();
    expect(await onDisk()).toBe(0);
  });

  it('opened with another key, or none, is empty', async () => {
    for (const secret of [randomBytes(32), null]) {
      const store = await open({ secret: randomBytes(32) });
      await kept(store, tokens(9));
      await store.close();
      const other = await open({ secret });
      expect(other.find(tokens(9), 9)).toBeNull();
      expect(await onDisk()).toBe(0);
      await other.close();
    }
  });

  it('is rid of what does not belong into it', async () => {
    const store = await open();
    await kept(store, tokens(9));
    const names = (await readdir(folder)).toSorted();
    await store.close();
    await writeFile(join(folder, 'c1.state'), 'of before');
    await writeFile(join(folder, `${'0'.repeat(32)}.state.part`), 'broken off');
    await mkdir(join(folder, `${'1'.repeat(32)}.rows`));
    const again = await open();
    expect((await readdir(folder)).toSorted()).toEqual(names);
    expect(await back(again, tokens(9))).toBe(9);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const name of names) expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
  });

  it('in memory for scratch files is used where there is room, and cleaned of earlier ones', async () => {
    const memory = join(place, 'memory');
    await mkdir(memory);
    const store = await open({ memory });
    const file = await store.scratch(100);
    expect(file?.path.startsWith(memory)).toBe(true);
    expect(store.bytes).toBe(0);
    // Of another model, whose process is no more: none has this number.
    await mkdir(join(memory, `quarry-states-${'0'.repeat(16)}-4999999-x`));
    // As after a crash: nobody has closed it.
    const other = await open({ memory });
    expect(await readdir(memory)).toEqual([]);
    const huge = await other.scratch(2 ** 52);
    expect(huge).toBeNull();
  });
});
