import { mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { hybridShape, sequenceFile } from './sequences.fixture.ts';
import { openStateStore } from './store.ts';

let place: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'quarry-meddled-'));
});
afterEach(() => rm(place, { recursive: true }));

it('files that somebody has exchanged do not let the folder outgrow its budget', async () => {
  const folder = join(place, 'states');
  const bytes = async (): Promise<number> => {
    const names = await readdir(folder);
    const found = await Promise.all(names.map((name) => stat(join(folder, name))));
    return found.reduce((sum, { size }) => sum + size, 0);
  };
  const store = await openStateStore({
    ...{ folder, key: 'a model', budget: 1 << 30, secret: null, cuttable: false, memory: null },
  });
  // The long one goes first, and with it only the short one's rows.
  for (const [start, length] of [
    [2, 400],
    [1, 10],
  ] as const) {
    const tokens = Array.from({ length }, (_, index) => start + index * 3);
    const path = join(place, 'written');
    await writeFile(path, sequenceFile(hybridShape, tokens));
    await store.keep({ path, tokens, kind: 'answer', owners: [`c${start}`], from: null });
  }
  const rows = (await readdir(folder)).filter((name) => name.endsWith('.rows'));
  const sizes = await Promise.all(rows.map(async (name) => (await stat(join(folder, name))).size));
  expect(new Set(sizes).size).toBe(2);
  const [one, other] = rows.map((name) => join(folder, name)) as [string, string];
  await rename(one, `${one}.kept`);
  await rename(other, one);
  await rename(`${one}.kept`, other);
  for (let budget = await bytes(); budget > 0; budget -= 500) {
    await store.resize(budget);
    expect(await bytes()).toBeLessThanOrEqual(budget);
  }
  expect(await bytes()).toBe(0);
  await store.close();
});
