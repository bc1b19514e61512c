import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openStateStore } from '../../../electron/engine/states/store.ts';
import type { OpenStateStore } from '../../../electron/engine/states/store.ts';
import { openLlama } from '../../../native/llama/binding.ts';
import type { NativeContext, NativeLlama, NativeSequence } from '../../../native/llama/binding.ts';
import { greedy } from '../../model/engine-support.ts';
import { seededBelow } from '../../support/seeded.ts';
import { attack, attackNames } from '../../support/state-attacks.ts';
import { stateModelFile } from '../../support/state-models.ts';
import type { StateModel } from '../../support/state-models.ts';
import type { AttackResult } from './attacks.ts';

const key = 'the attacked model';
const pieces = [96, 64, 48] as const;

/**
 * Attacks states that llama.cpp has written, has what is left of them loaded, and compares what it says
 * then with a conversation that was read from its beginning at the same places. One thread.
 */
export async function attackEngine(
  place: string,
  { cases, seed }: { readonly cases: number; readonly seed: number },
): Promise<AttackResult> {
  const llama = await openLlama({ gpu: false });
  llama.threads = 1;
  const total = { cases: 0, wrong: [] as string[], gone: 0 };
  try {
    const models = ['miniature', 'hybrid with experts'] as const;
    for (const kind of models) {
      const count = Math.ceil(cases / models.length);
      const result = await attackModel(llama, kind, place, { cases: count, seed });
      total.cases += result.cases;
      total.gone += result.gone;
      total.wrong.push(...result.wrong.map((line) => `${kind}: ${line}`));
    }
  } finally {
    await llama.dispose();
  }
  return total;
}

async function attackModel(
  llama: NativeLlama,
  kind: StateModel,
  place: string,
  { cases, seed }: { readonly cases: number; readonly seed: number },
): Promise<AttackResult> {
  const pick = seededBelow(seed);
  const model = await llama.load(await stateModelFile(kind, place), { onProgress: () => {} });
  const context = await model.context({
    ...{ contextSize: 512, sequences: 2, threads: 1, kvType: 'f16' },
  });
  const secret = Buffer.alloc(32, seed);
  const places = {
    ...{ key, secret },
    good: join(place, `${kind}-good`),
    older: join(place, `${kind}-older`),
    foreign: join(place, `${kind}-foreign`),
  };
  const folder = join(place, 'attacked');
  const open = (at: string, name = key): Promise<OpenStateStore> =>
    openStateStore({
      ...{ folder: at, key: name, budget: 1 << 30, secret },
      ...{ cuttable: !context.needsCheckpoints, memory: null },
    });
  try {
    // Two sequences: what one has must not be found in the other.
    const [one, two] = [context.sequence(), context.sequence()];
    const lists = [0, 1].map(() =>
      pieces.map((n) => Array.from({ length: n }, () => 100 + pick(900))),
    );
    for (const at of [places.foreign, places.good]) {
      const store = await open(at, at === places.good ? key : 'another');
      for (const [index, list] of lists.entries()) {
        const sequence = index === 0 ? one : two;
        await sequence.rewind(0);
        await keepAll(store, sequence, list, join(place, 'written'), `c${index}`);
        if (at === places.good && index === 0) await cp(at, places.older, { recursive: true });
      }
      await store.close();
    }
    const fresh = [];
    for (const list of lists) fresh.push(await answer(one, null, list));

    const wrong: string[] = [];
    let gone = 0;
    for (let round = 0; round < cases; round += 1) {
      const name = attackNames[round % attackNames.length] ?? 'removed';
      await rm(folder, { recursive: true, force: true });
      await cp(places.good, folder, { recursive: true });
      const hit = await attack(name, folder, places, pick);
      const store = await open(folder);
      let isGone = false;
      for (const [index, list] of lists.entries()) {
        const kept = await load(store, two, list.flat(), join(place, 'composed'));
        isGone ||= kept < list.flat().length;
        const said = await answer(two, kept, list);
        if (said.join() !== fresh[index]?.join()) wrong.push(`case ${round} (${name} ${hit})`);
      }
      if (isGone) gone += 1;
      await store.close();
    }
    return { cases, wrong, gone };
  } finally {
    await closeAll(context, model);
    for (const name of await readdir(place)) {
      if (name.startsWith(kind)) await rm(join(place, name), { recursive: true });
    }
  }
}

async function closeAll(
  context: NativeContext,
  model: { dispose(): Promise<void> },
): Promise<void> {
  await context.dispose();
  await model.dispose();
}

async function keepAll(
  store: OpenStateStore,
  sequence: NativeSequence,
  list: readonly (readonly number[])[],
  path: string,
  owner: string,
): Promise<void> {
  let from = null;
  for (const piece of list) {
    await sequence.read(piece);
    await sequence.save(path);
    const tokens = [...sequence.tokens];
    const kept = await store.keep({ path, tokens, kind: 'answer', owners: [owner], from });
    if (kept === null) throw new Error('a state of the attacks was not kept');
    from = { ref: kept.ref, shared: tokens.length };
  }
}

/** @returns the tokens that the sequence holds now. */
async function load(
  store: OpenStateStore,
  sequence: NativeSequence,
  tokens: readonly number[],
  path: string,
): Promise<number> {
  await sequence.rewind(0);
  for (;;) {
    const found = store.find(tokens, tokens.length);
    if (found === null) return 0;
    const held = await store.compose(found.ref, path);
    if (held !== null && (await sequence.load(path, held))) return held.length;
  }
}

/** Reads what is missing, at the places where it was read before, and goes on. null = nothing is held. */
async function answer(
  sequence: NativeSequence,
  held: number | null,
  list: readonly (readonly number[])[],
): Promise<number[]> {
  if (held === null) await sequence.rewind(0);
  let at = 0;
  for (const piece of list) {
    const isHeld = at + piece.length <= sequence.length;
    // A state of another place than those would be read on at other ones.
    if (!isHeld && sequence.length !== at) throw new Error('a state ends where none was kept');
    if (!isHeld) await sequence.read(piece);
    at += piece.length;
  }
  const said: number[] = [];
  for await (const next of sequence.write(99, greedy, () => [])) {
    said.push(next);
    if (said.length === 8) break;
  }
  return said;
}
