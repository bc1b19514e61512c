import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { disownStates, readStatesFolder, removeNamed, trimStates } from './folder.ts';
import type { KeepRequest, StateRef } from './port.ts';
import { hybridShape, sequenceFile } from './sequences.fixture.ts';
import { openStateStore } from './store.ts';
import type { OpenStateStore } from './store.ts';

let place: string;
let folder: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'quarry-folder-'));
  folder = join(place, 'states');
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

const ids = (length: number, start = 0, from: readonly number[] = []): number[] => [
  ...from,
  ...Array.from({ length: length - from.length }, (_, index) => (start + index * 31) % 50_000),
];
const open = (secret: Buffer | null): Promise<OpenStateStore> =>
  openStateStore({
    ...{ folder, secret, key: 'one model', budget: 1 << 30, cuttable: false, memory: null },
  });

async function keep(
  store: OpenStateStore,
  tokens: readonly number[],
  changes: Partial<KeepRequest>,
): Promise<StateRef> {
  const path = join(place, 'written');
  await writeFile(path, sequenceFile(hybridShape, tokens));
  const kept = await store.keep({
    ...{ path, tokens, kind: 'answer', owners: ['c1'], from: null, ...changes },
  });
  if (kept === null) throw new Error('not kept');
  return kept.ref;
}

/** A document that two conversations stand on, and one of its own. */
async function fill(secret: Buffer | null): Promise<{ doc: number[]; one: number[] }> {
  const store = await open(secret);
  const doc = ids(300);
  const one = ids(340, 7, doc);
  const base = await keep(store, doc, { kind: 'document', owners: ['doc:lease', 'c1', 'c2'] });
  await keep(store, one, { from: { ref: base, shared: 300 } });
  await keep(store, ids(350, 9, doc), { owners: ['c2'], from: { ref: base, shared: 300 } });
  await keep(store, ids(200, 11), { owners: ['c3'] });
  await store.close();
  return { doc, one };
}

/** How many of these tokens the store finds again, each byte as it was. */
async function found(secret: Buffer | null, tokens: readonly number[]): Promise<number> {
  const store = await open(secret);
  try {
    const state = store.find(tokens, tokens.length);
    if (state === null) return 0;
    const path = join(place, 'composed');
    const composed = await store.compose(state.ref, path);
    const expected = sequenceFile(hybridShape, tokens.slice(0, state.position));
    return composed !== null && (await readFile(path)).equals(expected) ? state.position : -1;
  } finally {
    await store.close();
  }
}

describe.each([
  ['plain', null],
  ['encrypted', randomBytes(32)],
])('a folder that no engine has open (%s)', (_, secret) => {
  const key = secret?.toString('base64') ?? null;

  it('tells what it holds, of whom, in bytes', async () => {
    await fill(secret);
    const { states, bytes } = await readStatesFolder(folder, key);
    expect(states.map(({ kind, owners }) => [kind, [...owners].sort()])).toEqual(
      expect.arrayContaining([
        ['document', ['c1', 'c2', 'doc:lease']],
        ['answer', ['c1']],
        ['answer', ['c2']],
        ['answer', ['c3']],
      ]),
    );
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(bytes).toBe(sizes.reduce((all, size) => all + size, 0));
    expect(states.reduce((all, state) => all + state.bytes, 0)).toBe(bytes);
  });

  it('loses a conversation’s states, and the others are found as they were', async () => {
    const { doc, one } = await fill(secret);
    await disownStates(folder, (owner) => owner === 'c1', key);
    const { states } = await readStatesFolder(folder, key);
    expect(states.flatMap(({ owners }) => owners)).not.toContain('c1');
    expect(states).toHaveLength(3);
    expect(await found(secret, one)).toBe(doc.length);
    expect(await found(secret, ids(350, 9, doc))).toBe(350);
  });

  it('loses what stands on a state that nobody owns', async () => {
    const { one } = await fill(secret);
    await disownStates(folder, (owner) => ['doc:lease', 'c1', 'c2'].includes(owner), key);
    expect((await readStatesFolder(folder, key)).states.map(({ owners }) => owners)).toEqual([
      ['c3'],
    ]);
    expect(await found(secret, one)).toBe(0);
    expect(await found(secret, ids(200, 11))).toBe(200);
  });

  it('is trimmed to a byte, documents last, and what stays is whole', async () => {
    const { doc, one } = await fill(secret);
    const { states, bytes } = await readStatesFolder(folder, key);
    const document = states.find(({ kind }) => kind === 'document');
    await trimStates(folder, bytes, key);
    expect((await readStatesFolder(folder, key)).bytes).toBe(bytes);
    await trimStates(folder, document!.bytes, key);
    const left = await readStatesFolder(folder, key);
    expect(left.bytes).toBe(document!.bytes);
    expect(await found(secret, one)).toBe(doc.length);
    await trimStates(folder, document!.bytes - 1, key);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('loses what cannot be read when somebody’s states must go: it may be theirs', async () => {
    await fill(secret);
    writeFileSync(join(folder, `${'0'.repeat(32)}.state`), 'no state');
    await disownStates(folder, (owner) => owner === 'c3', randomBytes(32).toString('base64'));
    expect(readdirSync(folder)).toEqual([]);
  });
});

it('a state of before they were shared bears its conversation’s name', async () => {
  await fill(null);
  writeFileSync(join(folder, 'c9.json'), 'head');
  writeFileSync(join(folder, 'c9.state'), 'body');
  const { states } = await readStatesFolder(folder, null);
  expect(states.find(({ id }) => id === 'c9')).toMatchObject({ owners: ['c9'], bytes: 8 });
  await removeNamed(folder, 'c9');
  expect((await readStatesFolder(folder, null)).states).toHaveLength(4);
});

it('a folder that is not there holds nothing', async () => {
  expect(await readStatesFolder(folder, null)).toEqual({ states: [], bytes: 0 });
  await disownStates(folder, () => true, null);
  await trimStates(folder, 0, null);
});
