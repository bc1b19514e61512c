import { randomBytes } from 'node:crypto';
import { cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateRef } from '../../../electron/engine/states/port.ts';
import {
  denseShape,
  hybridShape,
  sequenceFile,
} from '../../../electron/engine/states/sequences.fixture.ts';
import { openStateStore } from '../../../electron/engine/states/store.ts';
import type { OpenStateStore } from '../../../electron/engine/states/store.ts';
import { seededBelow } from '../../support/seeded.ts';
import { attack, attackNames } from '../../support/state-attacks.ts';
import type { AttackPlaces } from '../../support/state-attacks.ts';

const key = 'the attacked model';

export interface AttackResult {
  readonly cases: number;
  /** What came back differing from what was kept: must be empty. */
  readonly wrong: readonly string[];
  /** Cases in which at least one state was gone. */
  readonly gone: number;
}

/**
 * Attacks folders of made-up states, before they are opened and while they are open, and compares all that
 * comes back with what llama.cpp would have written.
 */
export async function attackStates(
  place: string,
  { cases, seed }: { readonly cases: number; readonly seed: number },
): Promise<AttackResult> {
  const pick = seededBelow(seed);
  const kinds = [];
  for (const shape of [hybridShape, denseShape]) {
    for (const secret of [null, randomBytes(32)]) {
      const root = join(place, `attacks-${kinds.length}`);
      kinds.push({ shape, secret, ...(await prepare(root, shape, secret)) });
    }
  }
  const wrong: string[] = [];
  let gone = 0;
  const folder = join(place, 'attacked');
  for (let round = 0; round < cases; round += 1) {
    const kind = kinds[round % kinds.length] as (typeof kinds)[number];
    const name = attackNames[Math.floor(round / 2) % attackNames.length] ?? 'removed';
    const isLive = round % 3 === 2;
    await rm(folder, { recursive: true, force: true });
    await cp(kind.places.good, folder, { recursive: true, preserveTimestamps: true });
    const open = (): Promise<OpenStateStore> =>
      openStateStore({
        ...{ folder, key, budget: 1 << 30, secret: kind.secret, memory: null },
        cuttable: kind.shape === denseShape,
      });
    let store = isLive ? await open() : null;
    const hit = await attack(name, folder, kind.places, pick);
    store ??= await open();
    const tell = (what: string): void => {
      wrong.push(`case ${round} (${name} ${hit}, ${isLive ? 'while open' : 'before'}): ${what}`);
    };
    let missing = 0;
    for (const tokens of kind.lists) {
      const path = join(place, 'composed');
      const found = store.find(tokens, tokens.length);
      const got = found === null ? null : await store.compose(found.ref, path);
      if (found === null || got === null) {
        missing += 1;
        // Removed, not tried again for ever.
        if (found !== null && isThere(store, found.ref, tokens)) tell('found again');
        continue;
      }
      const expected = tokens.slice(0, found.position);
      const isEqual = (await readFile(path)).equals(sequenceFile(kind.shape, expected));
      if (!isEqual || got.join() !== expected.join()) tell('differs');
      if (expected.length < tokens.length) missing += 1;
    }
    if (missing > 0) gone += 1;
    await store.close();
    await checkRest(folder, open, tell);
  }
  return { cases, wrong, gone };
}

function isThere(store: OpenStateStore, ref: StateRef, tokens: readonly number[]): boolean {
  const again = store.find(tokens, tokens.length);
  return again?.ref.id === ref.id && again.position === ref.position;
}

/** After the next opening there is nothing in the folder but whole states. */
async function checkRest(
  folder: string,
  open: () => Promise<OpenStateStore>,
  tell: (what: string) => void,
): Promise<void> {
  const store = await open();
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const isOwn = entry.isFile() && /^[0-9a-f]{32}\.(state|rows|tail)$/.test(entry.name);
    if (!isOwn) tell(`left ${entry.name}`);
  }
  await store.close();
}

/** Two conversations that branch off one document, one alone, and the folders of attacks. */
async function prepare(
  root: string,
  shape: typeof hybridShape,
  secret: Buffer | null,
): Promise<{ places: AttackPlaces; lists: readonly (readonly number[])[] }> {
  const places = {
    ...{ key, secret },
    good: join(root, 'good'),
    older: join(root, 'older'),
    foreign: join(root, 'foreign'),
  };
  const run = (length: number, by: number): number[] =>
    Array.from({ length }, (_, index) => (index * by + by) % 49_000);
  const document = run(120, 7);
  const one = [...document, ...run(40, 11)];
  const two = [...document, ...run(50, 13)];
  const three = [...one, ...run(30, 17)];
  const alone = run(70, 19);
  const lists = [document, one, two, three, alone];
  for (const folder of [places.foreign, places.good]) {
    const isGood = folder === places.good;
    const store = await openStateStore({
      ...{ folder, budget: 1 << 30, memory: null, cuttable: shape === denseShape },
      ...(isGood ? { key, secret } : { key: 'another', secret: secret && randomBytes(32) }),
    });
    const keep = async (
      tokens: readonly number[],
      owner: string,
      from: StateRef | null,
    ): Promise<StateRef> => {
      const path = join(root, 'written');
      await writeFile(path, sequenceFile(shape, tokens));
      const kept = await store.keep({
        ...{ path, tokens, kind: from === null ? 'document' : 'answer', owners: [owner] },
        from: from && { ref: from, shared: from.position },
      });
      if (kept === null) throw new Error('a state of the attacks was not kept');
      return kept.ref;
    };
    const base = await keep(document, 'doc:1', null);
    const first = await keep(one, 'a', base);
    if (isGood) await cp(folder, places.older, { recursive: true });
    await store.touch(base, 'b');
    await keep(two, 'b', base);
    await store.touch(first, 'c');
    await keep(three, 'a', first);
    await keep(alone, 'd', null);
    await store.close();
  }
  return { places, lists };
}
