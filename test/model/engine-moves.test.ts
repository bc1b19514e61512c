import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type {
  ChatPrompt,
  Engine,
  GenerateRequest,
  LoadRequest,
  PromptMessage,
  Sampling,
} from '../../electron/engine/port.ts';
import { shapeModel } from '../shapes/models.ts';
import { planShape, writeShape } from '../shapes/write.ts';
import type { Answer } from './engine-support.ts';
import {
  answer,
  ask,
  extend,
  folderBytes,
  greedy,
  launcher,
  load,
  temporaryFolder,
} from './engine-support.ts';

// What going to a place in a conversation costs. Complaints that an app of this kind gets when it reads
// again: peers.md 2.3 (15,000 tokens at each turn, 19 s after a restore, an edit reads everything).

const user = (content: string): PromptMessage => ({ role: 'user', content });
const first: ChatPrompt = {
  messages: [
    { role: 'system', content: 'You are a patient archivist who answers in one short sentence.' },
    user('Where was the lease for the boathouse on the north shore signed, and who was there?'),
  ],
};
/** The smallest wrong state shows in the text. */
const sampled: Sampling = { temperature: 1.5, topP: 1, topK: 0, seed: 11 };

let place: Awaited<ReturnType<typeof temporaryFolder>>;
let folder = '';
const engines: Engine[] = [];
beforeEach(async () => {
  place = await temporaryFolder();
  folder = join(place.path, 'states');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  await place.remove();
});

const sizes = { vocabulary: 4096, embedding: 256, layers: 4, feedForward: 512 };
const heads = { heads: 4, kvHeads: 2, headSize: 64 };

/** Without a recurrent part, of random weights: a state that is wrong by little draws other tokens. */
async function dense(): Promise<Partial<LoadRequest>> {
  const modelPath = join(place.path, 'dense.gguf');
  const model = shapeModel('micro');
  const shape = { ...model.shape, ...sizes, ...heads };
  await writeShape(planShape({ ...model, shape }, 'Q8_0'), modelPath, 1);
  return { modelPath };
}

async function start(changes: Partial<LoadRequest> = {}): Promise<Engine> {
  const states = { folder, model: 'one', budget: 2 ** 30 };
  const engine = await launcher.launch(load({ sessions: 1, states, ...changes }));
  // What was read to learn how fast this machine is.
  await engine.trace?.();
  engines.push(engine);
  return engine;
}

/** The same, with no place for states. */
function without(changes: Partial<LoadRequest>): Partial<LoadRequest> {
  return { ...changes, states: { folder, model: 'one', budget: 0 } };
}

/** Waits until so many states are on disk. */
async function kept(count: number): Promise<void> {
  await expect
    .poll(async () => (await readdir(folder)).filter((name) => name.endsWith('.state')).length, {
      timeout: 20_000,
    })
    .toBeGreaterThanOrEqual(count);
}

/** Tokens that llama.cpp has really evaluated for this answer, the answer's own aside. */
async function evaluated(engine: Engine, got: Answer): Promise<number> {
  const parts = ((await engine.trace?.()) ?? []).flat();
  const all = parts.reduce((sum, { tokens }) => sum + tokens.length, 0);
  // The token that ends the prompt begins the answer; an answer's last token is not read.
  return all - Math.max(0, all === 0 ? 0 : got.stats.contextUsed - got.stats.promptTokens);
}

describe.each(['hybrid', 'dense'] as const)('in a %s model', (kind) => {
  const options = { sampling: sampled, maxTokens: 24 };
  const say = (engine: Engine, prompt: ChatPrompt, changes: Partial<GenerateRequest> = {}) =>
    answer(engine, ask('a', prompt, { ...options, ...changes }));
  let changes: Partial<LoadRequest> = {};
  beforeEach(async () => {
    vi.stubEnv('QUARRY_TRACE', '1');
    changes = kind === 'dense' ? await dense() : {};
  });
  /** Tokens of the prompt that were read, checked against what llama.cpp says. */
  const cost = async (engine: Engine, got: Answer): Promise<number> => {
    const { readTokens, keptTokens, promptTokens } = got.stats;
    expect(keptTokens + readTokens).toBe(promptTokens);
    expect(await evaluated(engine, got)).toBe(readTokens);
    return readTokens;
  };

  it('the next question, the same again, an edit and a branch read only what is new', async () => {
    const run = await start(changes);
    const one = await say(run, first);
    expect(await cost(run, one)).toBe(one.stats.promptTokens);
    expect(one.stats.keptFrom).toBe('none');

    const second = extend(first, one, 'And when?');
    const two = await say(run, second);
    expect(two.stats.keptTokens).toBe(one.stats.contextUsed);
    expect(two.stats.keptFrom).toBe('memory');
    const next = await cost(run, two);
    expect(next).toBeLessThan(20);

    // Regenerate (peers.md 2.3): the last token alone, from which the answer begins.
    const again = await say(run, second);
    expect(await cost(run, again)).toBe(1);
    expect(again.text).toBe(two.text);

    // Edit of the last question: back to where it began.
    const edited = extend(first, one, 'Was it signed twice?');
    const three = await say(run, edited);
    expect(await cost(run, three)).toBeLessThan(20);

    // Edit of the first one: the system text stays.
    const other = { messages: [...first.messages.slice(0, 1), user('Who keeps the key?')] };
    const four = await say(run, other);
    expect(await cost(run, four)).toBeLessThan(20);
    expect(four.stats.keptTokens).toBeGreaterThan(10);

    // Back to the first branch: what was cut away is on disk.
    const third = extend(second, two, 'Why there?');
    const five = await say(run, third);
    expect(five.stats.keptTokens).toBeGreaterThanOrEqual(two.stats.contextUsed);
    expect(five.stats.keptFrom).toBe('disk');
    expect(await cost(run, five)).toBeLessThan(20);

    // The same, of an engine that has nothing to go back to. What was written is read one by one.
    await run.close();
    const fresh = await start(without(changes));
    expect((await say(fresh, first)).text).toBe(one.text);
    expect((await say(fresh, edited)).text).toBe(three.text);
    await fresh.forget('a');
    expect((await say(fresh, other)).text).toBe(four.text);
  });

  it.each(['close', 'SIGKILL'] as const)(
    'goes on after %s as if it had never ended',
    async (end) => {
      const whole = await start(changes);
      const one = await say(whole, first);
      const second = extend(first, one, 'And when?');
      const two = await say(whole, second);
      const third = extend(second, two, 'Why there?');
      const expected = await say(whole, third);
      const again = await say(whole, third);
      await whole.close();
      expect(again.text).toBe(expected.text);

      // Another folder, so that nothing of the first run is used.
      folder = join(place.path, 'others');
      const before = await start(changes);
      expect((await say(before, first)).text).toBe(one.text);
      expect((await say(before, second)).text).toBe(two.text);
      if (end === 'close') {
        await before.close();
      } else {
        // Ends, the last prompt and the base.
        await kept(kind === 'hybrid' ? 3 : 1);
        process.kill(before.info.pid, 'SIGKILL');
        await new Promise<void>((resolve) => before.onExit(() => resolve()));
      }

      const after = await start(changes);
      const three = await say(after, third);
      expect(three.text).toBe(expected.text);
      expect(three.stats).toMatchObject({
        keptTokens: two.stats.contextUsed,
        keptFrom: 'disk',
      });
      expect(await cost(after, three)).toBeLessThan(20);
      const regenerated = await say(after, third);
      expect(await cost(after, regenerated)).toBe(1);
      expect(regenerated.text).toBe(expected.text);
    },
  );

  it('after a restart, regenerates and edits without reading again', async () => {
    const before = await start(changes);
    const one = await say(before, first);
    const second = extend(first, one, 'And when?');
    await kept(kind === 'hybrid' ? 3 : 1);
    const two = await say(before, second);
    await kept(kind === 'hybrid' ? 5 : 2);
    const edited = extend(first, one, 'Was it signed twice?');
    const other = { messages: [...first.messages.slice(0, 1), user('Who keeps the key?')] };
    await before.close();

    for (const [prompt, most] of [
      [second, 1],
      [edited, 20],
      [other, 20],
    ] as const) {
      const after = await start(changes);
      const got = await say(after, prompt);
      expect(await cost(after, got)).toBeLessThanOrEqual(most);
      expect(got.stats.keptFrom).toBe('disk');
      if (prompt === second) expect(got.text).toBe(two.text);
      await after.close();
    }
  });

  it('copies a state that it has loaded into memory only where the disk may lose it', async () => {
    const before = await start(changes);
    const one = await say(before, first);
    const second = extend(first, one, 'And when?');
    const edited = extend(first, one, 'Was it signed twice?');
    await before.close();
    const small = join(place.path, 'small');
    await cp(folder, small, { recursive: true });
    const budget = await folderBytes(folder);
    const copies = async (engine: Engine): Promise<number[]> => {
      const { sessions } = await engine.memory();
      return sessions.flatMap(({ checkpoints }) => checkpoints.map(({ position }) => position));
    };
    const end = one.stats.contextUsed;

    const after = await start(changes);
    const loaded = await say(after, second);
    expect(loaded.stats).toMatchObject({ keptTokens: end, keptFrom: 'disk' });
    await cost(after, loaded);
    // Neither there nor where the question begins, a few tokens behind.
    const asked = loaded.stats.promptTokens - 1;
    expect((await copies(after)).filter((position) => position < asked)).toEqual([]);
    const got = await say(after, edited);
    expect(got.stats.keptTokens).toBeGreaterThanOrEqual(end);
    expect(await cost(after, got)).toBeLessThan(20);
    await after.close();

    // Room for these states and no more: the one just used may be the next to go.
    const short = await start({ ...changes, states: { folder: small, model: 'one', budget } });
    const again = await say(short, extend(first, one, 'And who?'));
    expect(again.stats).toMatchObject({ keptTokens: end, keptFrom: 'disk' });
    expect(await copies(short)).toEqual(kind === 'hybrid' ? expect.arrayContaining([end]) : []);
  });

  it('after a restart, edits a question behind an answer of a few tokens, which has no state of its own', async () => {
    const before = await start(changes);
    const short = { maxTokens: 3 };
    const one = await say(before, first, short);
    await say(before, extend(first, one, 'And when?'), short);
    // The end, both prompts and the base.
    await kept(kind === 'hybrid' ? 4 : 1);
    await before.close();
    const after = await start(changes);
    const got = await say(after, extend(first, one, 'Was it signed twice?'), short);
    expect(got.stats.keptTokens).toBeGreaterThanOrEqual(one.stats.promptTokens - 1);
    expect(await cost(after, got)).toBeLessThan(24);
  });

  it('gives a conversation that had to leave what it had', async () => {
    const run = await start(changes);
    const one = await say(run, first);
    await run.trace?.();
    const aside = { messages: [user('Something else.')] };
    await answer(run, ask('b', aside, { sampling: greedy, maxTokens: 8 }));
    await run.trace?.();
    const two = await say(run, extend(first, one, 'And when?'));
    expect(two.stats).toMatchObject({ keptTokens: one.stats.contextUsed, keptFrom: 'disk' });
    expect(await cost(run, two)).toBeLessThan(20);
  });

  it('forgets: nothing of a conversation stays on disk', async () => {
    const run = await start(changes);
    await say(run, first);
    await kept(1);
    await run.forget('a');
    await expect.poll(() => readdir(folder), { timeout: 20_000 }).toEqual([]);
    const again = await say(run, first);
    expect(again.stats.keptTokens).toBe(0);
  });

  it('reads a set of documents once for all conversations', async () => {
    const documents = [{ doc_id: '1', text: 'The lease was signed in Bergen. '.repeat(12) }];
    const set = { documentSet: 'doc:lease' };
    const run = await start(changes);
    const whole = { ...first, documents };
    await say(run, whole, set);
    await kept(1);
    await run.forget('a');
    const other = { documents, messages: [...first.messages.slice(0, 1), user('Who signed?')] };
    const got = await answer(run, ask('b', other, { ...options, ...set }));
    await run.trace?.();
    expect(got.stats.keptFrom).toBe('disk');
    expect(got.stats.readTokens).toBeLessThan(20);
    const fresh = await start(without(changes));
    expect((await say(fresh, other)).text).toBe(got.text);
  });

  it('goes on where another conversation on the same documents rests, which comes back from disk', async () => {
    const documents = [{ doc_id: '1', text: 'The lease was signed in Bergen. '.repeat(40) }];
    const set = { documentSet: 'doc:lease' };
    const run = await start({ ...changes, sessions: 2 });
    const whole = { ...first, documents };
    const one = await say(run, whole, set);
    await kept(kind === 'hybrid' ? 3 : 2);
    await run.saveStates({ budget: 0, limitMs: 5000 });
    await run.trace?.();
    const other = { documents, messages: [...first.messages.slice(0, 1), user('Who signed?')] };
    const got = await answer(run, ask('b', other, { ...options, ...set }));
    expect(got.stats.keptFrom).toBe('memory');
    expect(await cost(run, got)).toBeLessThan(24);
    const { sessions } = await run.memory();
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual(['b']);
    const back = await say(run, extend(whole, one, 'And when?'), set);
    expect(back.stats).toMatchObject({ keptTokens: one.stats.contextUsed, keptFrom: 'disk' });
    // Where it was is forgotten with it, and the other one goes on.
    await run.forget('a');
    const more = await answer(
      run,
      ask('b', extend(other, got, 'And when?'), { ...options, ...set }),
    );
    expect(more.stats).toMatchObject({ keptTokens: got.stats.contextUsed, keptFrom: 'memory' });
    const fresh = await start(without(changes));
    expect((await say(fresh, other)).text).toBe(got.text);
  });

  it('keeps nothing of a forgotten conversation with another that began in its state', async () => {
    const text = 'The lease was signed in Bergen. '.repeat(20);
    const long = { messages: [{ role: 'system' as const, content: text }, user('Where?')] };
    const before = await start(changes);
    const one = await say(before, long);
    await before.close();
    const run = await start({ ...changes, sessions: 1 });
    const other = { messages: [...long.messages.slice(0, 1), user('Who signed?')] };
    const got = await answer(run, ask('b', other, options));
    if (kind === 'dense') expect(got.stats.keptFrom).toBe('disk');
    await run.forget('a');
    await run.saveStates({ budget: 1 << 30, limitMs: 5000 });
    await run.close();
    const after = await start(changes);
    const more = await say(after, extend(long, one, 'And when?'));
    expect(more.stats.keptTokens).toBeLessThan(one.stats.promptTokens);
    const back = await answer(after, ask('b', extend(other, got, 'And when?'), options));
    expect(back.stats).toMatchObject({ keptTokens: got.stats.contextUsed, keptFrom: 'disk' });
  });

  it('keeps nothing of a forgotten conversation with its documents, also where its first question was changed', async () => {
    const documents = [{ doc_id: '1', text: 'The lease was signed in Bergen. '.repeat(12) }];
    const set = { documentSet: 'doc:lease' };
    const run = await start(changes);
    await say(run, { ...first, documents }, set);
    // The end, and with it what stands before the question; the last prompt, too.
    await kept(kind === 'hybrid' ? 3 : 2);
    const other = { documents, messages: [...first.messages.slice(0, 1), user('Who signed?')] };
    await say(run, other, set);
    await run.forget('a');
    await run.saveStates({ budget: 0, limitMs: 5000 });
    const left = (await readdir(folder)).filter((name) => name.endsWith('.state'));
    expect(left).toHaveLength(1);
  });
});
