import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatPrompt, Engine, LoadRequest, Sampling } from '../../electron/engine/port.ts';
import { seededChoices } from '../support/seeded.ts';
import {
  answer,
  ask,
  extend,
  folderBytes,
  launcher,
  load,
  rambling,
  readExamples,
  temporaryFolder,
} from './engine-support.ts';

const prompts = readExamples()
  .filter((example) => example.prompt.documents)
  .slice(0, 4)
  .map((example) => example.prompt);
const [first, second] = prompts as [ChatPrompt, ChatPrompt];
const plenty = { budget: 1 << 30, limitMs: 60_000 };
/** Sampled: the smallest wrong state shows in the text. */
const sampled: Sampling = { temperature: 1.5, topP: 1, topK: 0, seed: 11 };

let place: Awaited<ReturnType<typeof temporaryFolder>>;
let folder = '';
const engines: Engine[] = [];
beforeEach(async () => {
  place = await temporaryFolder();
  folder = join(place.path, 'states');
});
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await place.remove();
});

async function start(changes: Partial<LoadRequest> = {}): Promise<Engine> {
  const states = { folder, model: 'miniature', budget: 2 ** 30 };
  const engine = await launcher.launch(load({ sessions: 2, states, ...changes }));
  engines.push(engine);
  return engine;
}

const files = (): Promise<string[]> => readdir(folder).then((names) => names.sort());

it('what rests is saved beside an answer that is being written', async () => {
  const run = await start();
  await answer(run, ask('rests', first));
  let saved = 0;
  let asked: Promise<void> | undefined;
  await answer(run, ask('runs', second, { sampling: rambling(4) }), undefined, (event) => {
    if (event.type !== 'text') return;
    asked ??= run.saveStates(plenty).then((bytes) => {
      saved = bytes;
    });
  });
  await asked;
  expect(saved).toBeGreaterThan(1000);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await run.memory()).sessions.map(({ isRunning }) => isRunning)).toEqual([false, false]);
});

it('states stay within their bytes', async () => {
  const budget = 1_200_000;
  const run = await start({ states: { folder, model: 'miniature', budget } });
  for (const [index, prompt] of prompts.entries()) {
    await answer(run, ask(`c${index}`, prompt));
    await run.saveStates(plenty);
    expect(await folderBytes(folder)).toBeLessThanOrEqual(budget);
  }
  expect(await folderBytes(folder)).toBeGreaterThan(budget / 4);
});

it('what two conversations have in common stays when one of them is forgotten', async () => {
  const before = await start();
  await answer(before, ask('one', first));
  await before.saveStates(plenty);
  const two = await answer(before, ask('two', first));
  await before.saveStates(plenty);
  await before.forget('one');
  // At a good end it would write again what is gone.
  const ended = new Promise((resolve) => before.onExit(resolve));
  process.kill(before.info.pid, 'SIGKILL');
  await ended;
  const after = await start();
  const got = await answer(after, ask('two', extend(first, two, 'And where is it?')));
  expect(got.stats.keptFrom).toBe('disk');
  expect(got.stats.keptTokens).toBeGreaterThanOrEqual(two.stats.promptTokens);
});

it('states of another way of loading are not used', async () => {
  const other: Partial<LoadRequest>[] = [
    { sessions: 3 },
    { kvType: 'q8_0' },
    { states: { folder, model: 'another', budget: 2 ** 30 } },
  ];
  for (const changes of other) {
    const before = await start();
    const one = await answer(before, ask('a', first));
    await before.close();
    expect(await folderBytes(folder)).toBeGreaterThan(1000);
    const after = await start(changes);
    const got = await answer(after, ask('a', extend(first, one, 'And where is it?')));
    expect(got.stats).toMatchObject({ keptTokens: 0, keptFrom: 'none' });
    await after.close();
  }
});

it('attacked folders never change an answer: what is in doubt is read again', async () => {
  const options = { sampling: sampled, maxTokens: 12 };
  const writer = await start({ sessions: 1 });
  const one = await answer(writer, ask('a', first, options));
  await answer(writer, ask('b', second, options));
  await writer.close();
  const good = join(place.path, 'good');
  await mkdir(good);
  for (const name of await files()) await copyFile(join(folder, name), join(good, name));
  const next = extend(first, one, 'And where is it?');
  const states = { folder: join(place.path, 'none'), model: '', budget: 0 };
  const plain = await start({ states });
  // As the first engine came to it: what was written was read one by one.
  await answer(plain, ask('a', first, options));
  const fresh = await answer(plain, ask('a', next, options));
  await plain.close();

  const pick = seededChoices(2026);
  const flip = (bytes: Buffer): Buffer => {
    const at = pick(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << pick(8));
    return bytes;
  };
  const truncate = (bytes: Buffer): Buffer => bytes.subarray(0, pick(bytes.length));
  const longer = (bytes: Buffer): Buffer => Buffer.concat([bytes, Buffer.from([pick(256)])]);
  const ways = [flip, flip, truncate, longer];
  let whole = 0;
  for (let round = 0; round < 6; round += 1) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    for (const name of await readdir(good)) await copyFile(join(good, name), join(folder, name));
    const attack = async (): Promise<void> => {
      const names = await files();
      for (let times = 0; times < 5; times += 1) {
        const name = names[pick(names.length)] as string;
        const way = ways[pick(ways.length)] as (bytes: Buffer) => Buffer;
        const path = join(folder, name);
        const bytes = await readFile(path).catch(() => null);
        if (bytes !== null && bytes.length > 0) await writeFile(path, way(bytes));
      }
    };
    // Half of them while the folder is open.
    if (round % 2 === 0) await attack();
    const run = await start({ sessions: 1 });
    if (round % 2 === 1) await attack();
    const got = await answer(run, ask('a', next, options));
    const isWhole = got.stats.keptTokens === one.stats.contextUsed;
    if (isWhole) {
      whole += 1;
      expect(got.text, `round ${round}`).toBe(fresh.text);
    } else {
      // Read in other batches, it may differ in the last bit; its state is what it says it is.
      const again = await answer(run, ask('a', next, options));
      expect(again.text, `round ${round}`).toBe(got.text);
      expect(got.stats.keptTokens).toBeLessThan(one.stats.contextUsed);
    }
    await run.close();
  }
  expect(whole).toBeLessThan(6);
});
