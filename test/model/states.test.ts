import { afterEach, expect, it, vi } from 'vitest';
import { silentLog } from '../../electron/core/log.ts';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import type { ChatPrompt } from '../../electron/engine/port.ts';
import { createBench } from '../integration/models-support.ts';
import type { Bench } from '../integration/models-support.ts';
import { answer, ask, extend, readExamples } from './engine-support.ts';

// The miniature through the real ENGINE, as relief ends it and a conversation brings it back.

const signal = new AbortController().signal;
const [first, second] = readExamples()
  .filter((example) => example.prompt.documents)
  .map((example) => example.prompt) as [ChatPrompt, ChatPrompt];

let bench: Bench;
afterEach(() => bench.close());

it('a conversation of a model that had to go is not read again, and a removed one leaves nothing', async () => {
  bench = createBench(createEngineLauncher({ nodePath: process.execPath, log: silentLog }));
  await bench.set({ values: { threads: 1, sessions: 2 } });
  const { models } = bench;
  await models.ready;
  const { id } = await bench.named('Miniature (demo)');
  // The key holds the file's hash, which is taken in the background.
  for (const task of bench.tasks.list()) await bench.tasks.finished(task.id);

  const before = await models.provider.acquire(id, { signal });
  const one = await answer(before.engine, ask('c1', first));
  await answer(before.engine, ask('c2', second));
  expect(await models.saveStates(id), 'while it is lent').toBe(0);
  before.release();
  await models.saveStates(id);
  const status = await models.handlers['states.status']({});
  expect(status.bytes).toBeGreaterThan(1000);
  expect(status.bytes).toBeLessThanOrEqual(status.budget);
  await models.unload(id);
  const { parts } = await models.handlers['models.storage']({});
  expect(parts.find(({ kind }) => kind === 'states')?.bytes).toBeGreaterThan(1000);

  const after = await models.provider.acquire(id, { signal });
  await after.engine.forget('c2');
  const two = await answer(after.engine, ask('c1', extend(first, one, 'And where is it?')));
  expect(two.stats.keptTokens).toBeGreaterThanOrEqual(one.stats.contextUsed);
  expect(two.stats.readTokens).toBeLessThan(25);
  expect(two.stats.keptFrom).toBe('disk');
  const removed = await answer(after.engine, ask('c2', second));
  expect(removed.stats.keptTokens).toBe(0);
  after.release();

  // Of a model that is not loaded, nothing stays of conversations that are removed.
  await models.unload(id);
  models.provider.forget('c1');
  models.provider.forget('c2');
  await vi.waitFor(async () => expect((await models.handlers['states.status']({})).bytes).toBe(0), {
    timeout: 20_000,
  });
});
