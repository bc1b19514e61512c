import { afterEach, expect, it, vi } from 'vitest';
import type { Engine } from '../../electron/engine/port.ts';
import { answer, ask, launcher, load } from './engine-support.ts';

const engines: Engine[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

async function start(): Promise<Engine> {
  const engine = await launcher.launch(load());
  engines.push(engine);
  return engine;
}

const prompt = { messages: [{ role: 'user' as const, content: 'Where is the key?' }] };

it('the trace tells every token that was evaluated, in its batch, and only when asked for', async () => {
  vi.stubEnv('QUARRY_TRACE', '1');
  const run = await start();
  const { stats } = await answer(run, ask('a', prompt, { maxTokens: 5 }));
  const batches = (await run.trace?.()) ?? [];
  const parts = batches.flat();
  expect(parts.map(({ position }) => position)).toEqual(
    parts.map((_, index) => parts.slice(0, index).reduce((sum, p) => sum + p.tokens.length, 0)),
  );
  const evaluated = parts.reduce((sum, { tokens }) => sum + tokens.length, 0);
  expect(evaluated).toBe(stats.contextUsed);
  expect(await run.trace?.()).toEqual([]);

  vi.stubEnv('QUARRY_TRACE', '');
  const quiet = await start();
  await answer(quiet, ask('a', prompt, { maxTokens: 5 }));
  expect(await quiet.trace?.()).toEqual([]);
});
