import { afterEach, describe, expect, it, vi } from 'vitest';
import { createFakeLauncher } from '../../electron/engine/fake.ts';
import type { FakeScript } from '../../electron/engine/fake.ts';
import type { EngineEvent, GenerateRequest } from '../../electron/engine/port.ts';
import { readTurn, setUp } from './chat-support.ts';
import { createBench } from './models-support.ts';
import type { Bench } from './models-support.ts';

const never = new AbortController().signal;
const isNaming = (request: GenerateRequest): boolean => request.purpose?.kind === 'title';

let ending: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const end of ending) await end();
  ending = [];
});

async function loaded(script: FakeScript = {}) {
  const launcher = createFakeLauncher(script);
  const bench: Bench = createBench(launcher);
  ending.push(() => bench.close());
  const [model] = await bench.list();
  const { handlers, provider } = bench.models;
  const queue = async () => handlers['models.queue']({ modelId: model!.id });
  return { bench, launcher, model: model!, handlers, provider, queue };
}

const request: GenerateRequest = {
  sessionId: 'c',
  prompt: { messages: [{ role: 'user', content: 'one two three' }] },
  sampling: { temperature: 0, topP: 1, topK: 0 },
  maxTokens: 50,
};

describe('the queue of a loaded model', () => {
  it('shows what runs and loses it at the end', async () => {
    const { bench, provider, queue, model } = await loaded({ pieceMs: 5, answer: 'a b c d' });
    expect(await queue()).toEqual([]);
    const lease = await provider.acquire(model.id, { signal: never });
    const states: string[] = [];
    for await (const event of lease.engine.generate(request, never)) {
      const [entry] = await queue();
      if (event.type !== 'end') states.push(`${event.type}: ${entry?.state}`);
    }
    expect(new Set(states)).toEqual(new Set(['reading: reading', 'text: writing']));
    expect(await queue()).toEqual([]);
    expect(bench.pushes.filter(({ name }) => name === 'queue.changed').length).toBeGreaterThan(1);
    lease.release();
  });

  it('ends one by its id, with what was written', async () => {
    const { provider, queue, handlers, model } = await loaded({
      pieceMs: 20,
      answer: 'word '.repeat(200),
    });
    const lease = await provider.acquire(model.id, { signal: never });
    const events: EngineEvent[] = [];
    for await (const event of lease.engine.generate(request, never)) {
      events.push(event);
      const [entry] = await queue();
      if (event.type === 'text') await handlers['models.cancelRun']({ runId: entry!.id });
    }
    expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'aborted' });
    expect(events.filter(({ type }) => type === 'text')).toHaveLength(1);
    await expect(async () => handlers['models.cancelRun']({ runId: 'gone' })).rejects.toMatchObject(
      {
        code: 'not-found',
      },
    );
    lease.release();
  });

  it('says that background work is paused while an answer is written', async () => {
    const { provider, queue, model } = await loaded({ pieceMs: 30, answer: 'a b c d e f' });
    const lease = await provider.acquire(model.id, { signal: never });
    const background = (async () => {
      const asked = { ...request, sessionId: 'name:c', priority: 'background' } as const;
      for await (const event of lease.engine.generate(asked, never)) void event;
    })();
    const seen = new Set<string>();
    for await (const event of lease.engine.generate(request, never)) {
      if (event.type === 'end') break;
      for (const { conversationId, state } of await queue()) seen.add(`${conversationId} ${state}`);
    }
    await background;
    expect(seen).toContain('name:c paused');
    expect(seen).toContain('c writing');
    lease.release();
  });
});

describe('options for loading', () => {
  it('reach the engine, are remembered, and are forgotten', async () => {
    const { launcher, handlers, bench, model } = await loaded();
    const wish = { threads: 1, gpuLayers: 3, flashAttention: false } as const;
    const load = await handlers['models.load']({
      modelId: model.id,
      contextSize: 1024,
      ...wish,
      remember: true,
    });
    await bench.tasks.finished(load.taskId);
    expect(launcher.launches.at(-1)).toMatchObject(wish);
    const plan = await handlers['models.plan']({ modelId: model.id });
    expect(plan).toMatchObject({ loaded: wish, remembered: wish });
    // Without flash attention llama.cpp reserves the scores of a whole batch.
    const flashed = await handlers['models.plan']({ modelId: model.id, flashAttention: true });
    expect(plan.needed).toBeGreaterThan(flashed.needed);
    const again = await handlers['models.load']({
      modelId: model.id,
      ...{ threads: null, gpuLayers: null, flashAttention: true },
      remember: false,
    });
    await bench.tasks.finished(again.taskId);
    expect(launcher.launches).toHaveLength(2);
    expect(launcher.launches.at(-1)).not.toHaveProperty('flashAttention');
    expect((await handlers['models.plan']({ modelId: model.id })).remembered).toBeNull();
  });

  it('refuse remembered text in fewer bits without flash attention', async () => {
    const { handlers, model } = await loaded();
    const wish = { modelId: model.id, kvType: 'q8_0', flashAttention: false } as const;
    await expect(async () => handlers['models.load'](wish)).rejects.toMatchObject({
      code: 'invalid-argument',
      detail: { reason: 'flash-attention' },
    });
  });

  it('say what automatic takes and from what', async () => {
    const { handlers, bench, model } = await loaded();
    await bench.set({ values: { threads: null } });
    const before = await handlers['models.plan']({ modelId: model.id });
    expect(before.automatic).toMatchObject({ contextSize: 2048, contextFrom: 'demo' });
    expect(before.automatic).toMatchObject({ threads: null, threadsFrom: 'measured' });
    await bench.tasks.finished((await handlers['models.load']({ modelId: model.id })).taskId);
    const after = await handlers['models.plan']({ modelId: model.id });
    expect(after.automatic).toMatchObject({ threads: 1, timings: [{ threads: 1, msPerToken: 1 }] });
    await bench.set({ values: { threads: 2 } });
    const set = await handlers['models.plan']({ modelId: model.id });
    expect(set.automatic).toMatchObject({ threads: 2, threadsFrom: 'settings' });
  });
});

describe('names by the model', () => {
  const script = (): FakeScript => ({
    answer: (asked) => (isNaming(asked) ? '"Opening hours of the mill."' : 'From nine to five.'),
  });
  const begin = (nameByModel = true) => {
    const made: FakeScript = script();
    const setup = setUp({ script: made });
    ending.push(() => setup.end());
    setup.set({ nameByModel });
    const { handlers } = setup.chat;
    const ask = async (id: string, text: string, parentId: string | null = null) => {
      const turn = await handlers['chat.send']({ conversationId: id, parentId, text });
      return { ...turn, done: readTurn(setup.chat, turn.turnId) };
    };
    const title = async (id: string) => (await handlers['conversations.get']({ id })).title;
    const asked = () => setup.launcher.engines[0]!.generated.filter(isNaming);
    return { setup, made, handlers, ask, title, asked };
  };
  const question = 'when is the mill open, and may I bring my dog?';

  it('come after the first answer, in a session that is thrown away', async () => {
    const { setup, handlers, ask, title, asked } = begin();
    const { id } = await handlers['conversations.create']({});
    await (
      await ask(id, question)
    ).done;
    await vi.waitFor(async () => expect(await title(id)).toBe('Opening hours of the mill'));
    expect(asked()).toMatchObject([{ priority: 'background', sessionId: `name:${id}` }]);
    expect(setup.launcher.engines[0]!.forgotten).toContain(`name:${id}`);
    await vi.waitFor(() => expect(setup.leased()).toBe(0));
  });

  it('are not asked for unless that is set, nor over a name that a person gave', async () => {
    const off = begin(false);
    const one = await off.handlers['conversations.create']({});
    await (
      await off.ask(one.id, question)
    ).done;
    const on = begin();
    const two = await on.handlers['conversations.create']({});
    await on.handlers['conversations.update']({ id: two.id, title: 'Mine' });
    await (
      await on.ask(two.id, question)
    ).done;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(off.asked()).toEqual([]);
    expect(on.asked()).toEqual([]);
    expect(await on.title(two.id)).toBe('Mine');
  });

  it('are given up for any question, and come after its answer', async () => {
    const { made, handlers, ask, title, asked } = begin();
    const { id } = await handlers['conversations.create']({});
    Object.assign(made, { pieceMs: 20 });
    const first = await ask(id, question);
    await first.done;
    await vi.waitFor(() => expect(asked()).toHaveLength(1));
    const before = await title(id);
    const second = await ask(id, 'and on Sundays?', first.assistantMessageId);
    await second.done;
    expect(await title(id)).toBe(before);
    await vi.waitFor(async () => expect(await title(id)).toBe('Opening hours of the mill'));
    expect(asked()).toHaveLength(2);
  });
});
