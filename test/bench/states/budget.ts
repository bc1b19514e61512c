import { readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StateKind, StateRef } from '../../../electron/engine/states/port.ts';
import { hybridShape, sequenceFile } from '../../../electron/engine/states/sequences.fixture.ts';
import { openStateStore } from '../../../electron/engine/states/store.ts';
import type { OpenStateStore } from '../../../electron/engine/states/store.ts';
import { seededBelow } from '../../support/seeded.ts';

const kinds: readonly StateKind[] = ['document', 'base', 'turn', 'prompt', 'answer'];

/**
 * Keeps, finds, composes, disowns, resizes and opens again at random, several at once, and looks at the
 * folder after every step and while it is written. Throws at the first byte too many, and where anything
 * but what was kept comes back.
 */
export async function checkBudget(
  place: string,
  { steps, seed }: { readonly steps: number; readonly seed: number },
): Promise<{
  readonly steps: number;
  readonly kept: number;
  readonly found: number;
  /** The fullest that the folder was, as a part of its budget. */
  readonly most: number;
}> {
  const below = seededBelow(seed);
  const folder = join(place, `budget-${seed}`);
  let budget = 200_000;
  const open = (): Promise<OpenStateStore> =>
    openStateStore({ folder, key: 'one', budget, secret: null, cuttable: false, memory: null });
  let store = await open();
  const lists: { readonly tokens: readonly number[]; readonly ref: StateRef }[] = [];
  const counted = { kept: 0, found: 0, most: 0, files: 0 };

  const keep = async (): Promise<void> => {
    const from = below(4) === 0 ? undefined : lists[below(lists.length || 1)];
    const shared = from === undefined ? 0 : 1 + below(from.tokens.length);
    const tail = Array.from({ length: 1 + below(120) }, () => below(40_000));
    const tokens = [...(from?.tokens.slice(0, shared) ?? []), ...tail];
    const path = join(place, `written-${seed}-${(counted.files += 1)}`);
    await writeFile(path, sequenceFile(hybridShape, tokens));
    const done = await store.keep({
      ...{ path, tokens, kind: kinds[below(kinds.length)] ?? 'turn', owners: [`c${below(8)}`] },
      from: from === undefined ? null : { ref: from.ref, shared },
    });
    if (done === null) return;
    counted.kept += 1;
    lists.push({ tokens, ref: done.ref });
  };
  const compose = async (): Promise<void> => {
    const list = lists[below(lists.length || 1)];
    if (list === undefined) return;
    const found = store.find(list.tokens, list.tokens.length);
    if (found === null) return;
    const path = join(place, `composed-${seed}-${(counted.files += 1)}`);
    const tokens = await store.compose(found.ref, path);
    // It may have been evicted meanwhile.
    if (tokens === null) return;
    counted.found += 1;
    const bytes = await readFile(path);
    await rm(path);
    if (!bytes.equals(sequenceFile(hybridShape, list.tokens.slice(0, found.position)))) {
      throw new Error('another state came back');
    }
    if (below(2) === 0) await store.touch(found.ref, `c${below(8)}`);
  };
  const step = async (): Promise<unknown> => {
    switch (below(12)) {
      case 0:
        return store.disown(`c${below(8)}`);
      case 1:
        budget = 20_000 + below(300_000);
        return store.resize(budget);
      case 2: {
        const file = await store.scratch(below(20_000));
        return file?.remove();
      }
      case 3:
        await store.close();
        store = await open();
        return null;
      case 4:
        return Promise.all([keep(), compose(), keep(), compose()]);
      case 5:
      case 6:
        return compose();
      default:
        return keep();
    }
  };
  for (let done = 0; done < steps; done += 1) {
    let isDone = false;
    const most = budget;
    const work = step().finally(() => {
      isDone = true;
    });
    // A smaller budget holds when `resize` has come back.
    while (!isDone) {
      await check(folder, Math.max(most, budget), seed, done);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await work;
    const bytes = await check(folder, budget, seed, done);
    if (bytes !== store.bytes) {
      throw new Error(`seed ${seed}, step ${done}: ${bytes} bytes, and it says ${store.bytes}`);
    }
    counted.most = Math.max(counted.most, bytes / budget);
  }
  await store.close();
  await rm(folder, { recursive: true });
  const { kept, found, most } = counted;
  return { steps, kept, found, most };
}

/** Bytes of all files in the folder. */
async function check(folder: string, budget: number, seed: number, step: number): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) {
    bytes += (await stat(join(folder, name)).catch(() => null))?.size ?? 0;
  }
  if (bytes > budget) throw new Error(`seed ${seed}, step ${step}: ${bytes} bytes of ${budget}`);
  return bytes;
}
