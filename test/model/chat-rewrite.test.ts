import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engine } from '../../electron/engine/port.ts';
import type { RewriteRefusal } from '../../electron/ipc/contract/index.ts';
import { hit, lastEvent, readTurn, setUp } from '../integration/chat-support.ts';
import type { Setup } from '../integration/chat-support.ts';
import { launcher, load, providerOf } from './engine-support.ts';

// A follow-up is worded by the real engine, in a sequence beside the conversation's, or for a moment in its place.
// What the miniature writes is no better than the rule: only that it was asked counts here.

let folder: string;
let setup: Setup;
let engine: Engine;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-rewrite-'));
});
afterEach(async () => {
  await setup.end();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
});

const kept = async (): Promise<number> =>
  (await readdir(join(folder, 'states')).catch(() => [])).filter((name) => name.endsWith('.state'))
    .length;

/** Waits until states are on disk and no more come: they follow one step at a time. */
async function atRest(): Promise<void> {
  for (let before = -1, calm = 0; calm < 4;) {
    await new Promise((resolve) => setTimeout(resolve, 400));
    const now = await kept();
    calm = now > 0 && now === before ? calm + 1 : 0;
    before = now;
  }
}

/** A question, its answer, and a follow-up once what was read of them rests on disk. */
async function talk(sessions: number, { isSaved = true } = {}) {
  const states = { folder: join(folder, 'states'), model: 'one', budget: 2 ** 30 };
  engine = await launcher.launch(load({ sessions, ...(isSaved && { states }) }));
  setup = setUp({ file: join(folder, 'quarry.db'), provider: providerOf(engine) });
  setup.set({ rewriteQuestions: 'model', maxAnswerTokens: 24 });
  setup.found = [hit('The Torvane mill is run by Ines Falk since 1998.')];
  const { handlers } = setup.chat;
  const { id } = await handlers['conversations.create']({ scope: { kind: 'all' } });
  const say = async (text: string, parentId: string | null) => {
    const { turnId } = await handlers['chat.send']({ conversationId: id, parentId, text });
    const last = lastEvent(await readTurn(setup.chat, turnId));
    if (last.type !== 'done') throw new Error(last.type);
    return last.message;
  };
  const first = await say('Who runs the Torvane mill?', null);
  if (isSaved) await atRest();
  const follow = await say('Since when does she run it?', first.id);
  return { first, follow, again: () => say('And where is it?', follow.id) };
}

const wasAsked = (unused: RewriteRefusal | undefined): boolean => unused !== 'busy';

describe('wording a follow-up', () => {
  it('has a sequence of its own where two are held, and the conversation keeps its own', async () => {
    const { first, follow } = await talk(2);
    expect(wasAsked(follow.facts?.sought?.unused)).toBe(true);
    expect(follow.stats?.keptTokens).toBe(first.stats?.contextUsed);
    expect(follow.stats?.keptFrom).toBe('memory');
  });

  it('takes the only one for a moment where all that it held is on disk: nothing is read twice', async () => {
    const { first, follow, again } = await talk(1);
    expect(wasAsked(follow.facts?.sought?.unused)).toBe(true);
    expect(follow.stats?.keptTokens).toBe(first.stats?.contextUsed);
    expect(follow.stats?.keptFrom).toBe('disk');
    // Asked at once, before all is on disk: whoever has the place, nothing is read twice.
    expect((await again()).stats?.keptTokens).toBe(follow.stats?.contextUsed);
  });

  it('leaves the only one to its conversation where nothing is kept on disk', async () => {
    const { first, follow } = await talk(1, { isSaved: false });
    expect(follow.facts?.sought).toMatchObject({ by: 'rule', unused: 'busy' });
    expect(follow.stats?.keptTokens).toBe(first.stats?.contextUsed);
    expect(follow.stats?.keptFrom).toBe('memory');
  });
});
