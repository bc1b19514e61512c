import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/port.ts';
import type { Message } from '../../electron/ipc/contract/index.ts';
import { lastEvent, readTurn, setUp } from '../integration/chat-support.ts';
import type { Setup } from '../integration/chat-support.ts';
import { launcher, load, providerOf } from './engine-support.ts';

// Conversations of CORE with the real engine: the ids of answers go through the database, the states over
// the disk. After a restart of the app 19 s instead of 0.5 s are waited elsewhere (peers.md 2.3).

let folder: string;
let setup: Setup;
let engine: Engine;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-moves-'));
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(run: string): Promise<void> {
  const states = { folder: join(folder, 'states'), model: 'one', budget: 2 ** 30 };
  engine = await launcher.launch(load({ states }));
  setup = setUp({ file: join(folder, 'quarry.db'), run, provider: providerOf(engine) });
  // So hot that the words are split as no tokenizer would split them.
  setup.set({ temperature: 1.5, topP: 1, topK: 0, maxAnswerTokens: 40 });
}

async function stop(): Promise<void> {
  await setup.end();
  await engine.close();
}

async function say(conversationId: string, text: string, parentId: string | null) {
  const { turnId } = await setup.chat.handlers['chat.send']({ conversationId, parentId, text });
  const last = lastEvent(await readTurn(setup.chat, turnId));
  if (last.type !== 'done') throw new Error(last.type);
  return last.message;
}

const read = ({ stats }: Message): number => stats?.readTokens ?? NaN;

it('after a restart of the app the next question, an edit and another branch read only what is new', async () => {
  await start('first');
  const { id } = await setup.chat.handlers['conversations.create']({});
  const one = await say(id, 'Where was the lease of the boathouse signed, and by whom?', null);
  const two = await say(id, 'And when?', one.id);
  // The end, the last prompt, and where the last question began: written while nobody asks.
  const kept = async (): Promise<number> =>
    (await readdir(join(folder, 'states'))).filter((name) => name.endsWith('.state')).length;
  await expect.poll(kept, { timeout: 20_000 }).toBeGreaterThanOrEqual(3);
  await stop();

  await start('second');
  const three = await say(id, 'Why?', two.id);
  expect(three.stats?.keptTokens).toBe(two.stats?.contextUsed);
  expect(three.stats?.keptFrom).toBe('disk');
  expect(read(three)).toBeLessThan(16);
  const edited = await say(id, 'And where?', one.id);
  // An answer of up to four tokens has no state of its own: the one at its prompt's last token stands for it.
  const again = (one.stats?.answerTokens ?? NaN) <= 4 ? 5 : 0;
  expect(edited.stats?.keptTokens).toBeGreaterThanOrEqual((one.stats?.contextUsed ?? NaN) - again);
  expect(read(edited)).toBeLessThan(16 + again);
  const back = await say(id, 'Really?', three.id);
  expect(back.stats?.keptTokens).toBe(three.stats?.contextUsed);
  expect(back.stats?.keptFrom).toBe('disk');
  expect(read(back)).toBeLessThan(16);
});
