import { afterEach, expect, it, vi } from 'vitest';
import { silentLog } from '../../electron/core/log.ts';
import { createEngineLauncher } from '../../electron/engine/client.ts';
import type { ChatPrompt } from '../../electron/engine/port.ts';
import { createBench } from '../integration/models-support.ts';
import type { Bench } from '../integration/models-support.ts';
import { answer, ask, readExamples } from './engine-support.ts';

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
  const bytes = async (): Promise<number> => (await models.handlers['states.status']({})).bytes;
  expect(await bytes()).toBeGreaterThan(0);
  expect(models.savedBytes('c1', id)).toBeGreaterThan(0);
  await models.unload(id);
  const { parts } = await models.handlers['models.storage']({});
  expect(parts.find(({ kind }) => kind === 'states')?.bytes).toBeGreaterThan(0);

  const after = await models.provider.acquire(id, { signal });
  const messages = [
    ...first.messages,
    { role: 'assistant' as const, content: one.text, tokens: one.tokens },
    { role: 'user' as const, content: 'And where is it?' },
  ];
  const two = await answer(after.engine, ask('c1', { ...first, messages }));
  expect(two.stats.keptTokens).toBeGreaterThanOrEqual(one.stats.contextUsed - 1);
  expect(two.stats.readTokens).toBeLessThan(25);
  expect(two.stats.keptFrom).toBe('disk');
  after.release();

  models.provider.forget('c1');
  await vi.waitFor(() => expect(models.savedBytes('c1', id)).toBe(0), { timeout: 20_000 });
  await models.unload(id);
  models.provider.forget('c2');
  await vi.waitFor(async () => expect(await bytes()).toBe(0), { timeout: 20_000 });
});
