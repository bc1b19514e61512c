import { randomBytes } from 'node:crypto';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseSequence } from '../../electron/engine/states/seq-file.ts';
import { openStateStore } from '../../electron/engine/states/store.ts';
import type { OpenStateStore } from '../../electron/engine/states/store.ts';
import { openLlama } from '../../native/llama/binding.ts';
import type { NativeLlama, NativeSequence } from '../../native/llama/binding.ts';
import { seededBelow } from '../support/seeded.ts';
import { stateModelFile } from '../support/state-models.ts';
import { greedy, temporaryFolder } from './engine-support.ts';

// What llama.cpp itself writes, with every kind of model and of KV cache that there is: taken apart, kept
// in pieces, put together, loaded and gone on with.

let place: { path: string; remove(): Promise<void> };
let llama: NativeLlama;
beforeAll(async () => {
  place = await temporaryFolder();
  llama = await openLlama({ gpu: false });
  llama.threads = 1;
});
afterAll(async () => {
  await llama.dispose();
  await place.remove();
});

const below = seededBelow(7);
const some = (length: number): number[] => Array.from({ length }, () => 100 + below(900));

async function goOn(sequence: NativeSequence, token: number, count: number): Promise<number[]> {
  const found: number[] = [];
  for await (const next of sequence.write(token, greedy, () => [])) {
    found.push(next);
    if (found.length === count) break;
  }
  return found;
}

async function composed(store: OpenStateStore, tokens: readonly number[]): Promise<string> {
  const found = store.find(tokens, tokens.length);
  expect(found?.position).toBe(tokens.length);
  const path = join(place.path, 'composed');
  if (found !== null) expect(await store.compose(found.ref, path)).toEqual(tokens);
  return path;
}

describe.each([
  { model: 'miniature', kvType: 'f16', secret: null },
  { model: 'miniature', kvType: 'q8_0', secret: randomBytes(32) },
  { model: 'hybrid with experts', kvType: 'f16', secret: randomBytes(32) },
  { model: 'hybrid with experts', kvType: 'q4_0', secret: null },
  { model: 'dense', kvType: 'f16', secret: null },
  { model: 'dense', kvType: 'q8_0', secret: null },
  { model: 'dense', kvType: 'q4_0', secret: randomBytes(32) },
] as const)('a sequence of $model with $kvType', ({ model: kind, kvType, secret }) => {
  it('is kept in pieces, comes back as it was, and goes on as it would have', async () => {
    const modelPath = await stateModelFile(kind, place.path);
    const model = await llama.load(modelPath, { onProgress: () => {} });
    const context = await model.context({ contextSize: 1024, sequences: 2, threads: 1, kvType });
    const folder = join(place.path, 'states');
    const store = await openStateStore({
      ...{ folder, key: 'test', budget: 1 << 30, secret, cuttable: !context.needsCheckpoints },
      memory: null,
    });
    try {
      const [other, own] = [context.sequence(), context.sequence()];
      await other.read(some(20));
      const first = some(300);
      const second = some(150);
      const keep = async (from: { id: string; position: number } | null) => {
        const path = join(place.path, 'written');
        await own.save(path);
        const bytes = await readFile(path);
        const file = await open(path);
        const parsed = await parseSequence(file, bytes.length);
        await file.close();
        expect(parsed?.layout).toMatchObject({ streams: 2, stream: 1, sequence: 1 });
        expect((parsed?.layout.tail ?? 0) > 0).toBe(context.needsCheckpoints);
        const kept = await store.keep({
          ...{ path, tokens: [...own.tokens], kind: 'answer', owners: ['a'] },
          from: from && { ref: from, shared: from.position },
        });
        return { bytes, ref: kept?.ref ?? null };
      };
      await own.read(first);
      const one = await keep(null);
      await own.checkpoint('answer');
      await own.read(second);
      const two = await keep(one.ref);
      const tokens = [...first, ...second];
      expect((await readFile(await composed(store, first))).equals(one.bytes)).toBe(true);
      const path = await composed(store, tokens);
      expect((await readFile(path)).equals(two.bytes)).toBe(true);

      const expected = await goOn(own, 500, 24);
      expect(await other.load(path, tokens)).toBe(true);
      expect(await goOn(other, 500, 24)).toEqual(expected);

      // Back, and on in another direction.
      expect(await own.rewind(300)).toBe(300);
      await own.read(some(90));
      const three = await keep(one.ref);
      const back = await readFile(await composed(store, own.tokens));
      expect(back.equals(three.bytes)).toBe(true);
    } finally {
      await store.close();
      await rm(folder, { recursive: true, force: true });
      await context.dispose();
      await model.dispose();
    }
  });
});
