import { afterEach, describe, expect, it } from 'vitest';
import type { ChatPrompt, Engine, LoadRequest, Sampling } from '../../electron/engine/port.ts';
import { answer, ask, extend, launcher, load, rambling, readExamples } from './engine-support.ts';

const examples = readExamples().filter((example) => example.prompt.documents);
const prompts = examples.slice(0, 8).map((example) => example.prompt);
const [first, second, third] = prompts as [ChatPrompt, ChatPrompt, ChatPrompt];

/** Sampled, not greedy: the smallest wrong state shows in the text. */
const sampled: Sampling = { temperature: 1.5, topP: 1, topK: 0, seed: 11 };

let engine: Engine | undefined;
afterEach(() => engine?.close());

async function start(changes: Partial<LoadRequest> = {}): Promise<Engine> {
  engine = await launcher.launch(load(changes));
  return engine;
}

describe('what a session keeps', () => {
  it('reads only what is new in the second turn, whatever the answer was', async () => {
    const run = await start();
    for (const sampling of [undefined, rambling(5), sampled]) {
      await run.forget('a');
      const options = { maxTokens: 40, ...(sampling ? { sampling } : {}) };
      const one = await answer(run, ask('a', first, options));
      const next = extend(first, one, 'And where is it?');
      const two = await answer(run, ask('a', next, options));
      expect(two.stats.keptTokens).toBeGreaterThanOrEqual(one.stats.contextUsed);
      expect(two.stats.readTokens).toBe(two.stats.promptTokens - two.stats.keptTokens);
      expect(two.stats.readTokens).toBeLessThan(25);
    }
  });

  it('regenerates by reading one token, and edits the last question from its start', async () => {
    const run = await start();
    const question = first.messages.at(-1)?.content ?? '';
    const one = await answer(run, ask('a', first));
    const again = await answer(run, ask('a', first));
    expect(again.stats.readTokens).toBeLessThanOrEqual(1);
    expect(again.text).toBe(one.text);
    const edited: ChatPrompt = {
      ...first,
      messages: [...first.messages.slice(0, -1), { role: 'user', content: `So: ${question}` }],
    };
    const changed = await answer(run, ask('a', edited));
    expect(changed.stats.readTokens).toBeLessThan(changed.stats.promptTokens / 2);
  });

  it('answers after rewinding as a session that never did anything else', async () => {
    const run = await start({ sessions: 2 });
    const options = { sampling: sampled, maxTokens: 32 };
    const one = await answer(run, ask('a', first, options));
    for (let round = 0; round < 3; round += 1) {
      expect((await answer(run, ask('a', first, options))).text).toBe(one.text);
    }
    const discarded = extend(first, one, 'Who told you?');
    await answer(run, ask('a', discarded, options));
    await answer(run, ask('a', discarded, { ...options, sampling: rambling(9) }));
    const kept = extend(first, one, 'Is that all?');
    const two = await answer(run, ask('a', kept, options));
    expect(two.stats.keptTokens).toBeGreaterThan(0);

    expect((await answer(run, ask('b', first, options))).text).toBe(one.text);
    expect((await answer(run, ask('b', kept, options))).text).toBe(two.text);
  });

  it('answers the same without any checkpoint, only with more reading', async () => {
    const run = await start({ checkpointBudget: 0 });
    const one = await answer(run, ask('a', first));
    const again = await answer(run, ask('a', first));
    expect(again.text).toBe(one.text);
    expect(again.stats.keptTokens).toBe(0);
    expect((await run.memory()).checkpoints).toBe(0);
  });

  it('stays within the budget for checkpoints', async () => {
    const probe = await start();
    await answer(probe, ask('a', first, { maxTokens: 1 }));
    const { recurrent } = await probe.memory();
    await probe.close();
    const budget = Math.floor(recurrent * 2.5);
    const run = await start({ checkpointBudget: budget });
    let prompt = first;
    for (let turn = 0; turn < 3; turn += 1) {
      const said = await answer(run, ask('a', prompt));
      const { checkpoints } = await run.memory();
      expect(checkpoints).toBeLessThanOrEqual(budget);
      expect(checkpoints).toBeGreaterThan(recurrent);
      prompt = extend(prompt, said, 'And then?');
    }
    const last = await answer(run, ask('a', prompt));
    const again = await answer(run, ask('a', prompt));
    expect(again.stats.readTokens).toBeLessThanOrEqual(1);
    expect(again.text).toBe(last.text);
  });

  it('forgets a conversation when told to', async () => {
    const run = await start();
    await answer(run, ask('a', first));
    await run.forget('a');
    expect((await answer(run, ask('a', first))).stats.keptTokens).toBe(0);
  });
});

describe('several conversations', () => {
  it('give the texts at once that they give alone', async () => {
    const alone = await start();
    const expected: string[] = [];
    for (const prompt of prompts.slice(0, 4)) {
      expected.push((await answer(alone, ask('x', prompt))).text);
      await alone.forget('x');
    }
    await alone.close();
    const run = await start({ sessions: 4 });
    const order: string[] = [];
    const together = await Promise.all(
      prompts.slice(0, 4).map((prompt, index) =>
        answer(run, ask(`c${index}`, prompt), undefined, (event) => {
          order.push(`${event.type}${index}`);
        }),
      ),
    );
    expect(together.map(({ text }) => text)).toEqual(expected);
    // Truly at once: every one has begun before any has ended.
    const firstEnd = order.findIndex((item) => item.startsWith('end'));
    const begun = new Set(order.slice(0, firstEnd).filter((item) => item.startsWith('reading')));
    expect(begun.size).toBe(4);
  });

  it('take turns when there are more of them than sequences', async () => {
    const run = await start({ sessions: 1 });
    const answers = await Promise.all(
      [first, second, third].map((prompt, index) => answer(run, ask(`c${index}`, prompt))),
    );
    const positions = answers.map(({ events }) =>
      events.flatMap((event) => (event.type === 'queued' ? [event.position] : [])),
    );
    expect(positions).toEqual([[], [1], [2, 1]]);
    expect(answers.map(({ reason }) => reason)).toEqual(['stop', 'stop', 'stop']);
    answers.forEach(({ text }, index) => {
      expect(text.trim()).toBe(examples[index]?.output.trim());
    });
  });

  it('lose their state to the one that came later, the longest unused first', async () => {
    const run = await start({ sessions: 2 });
    await answer(run, ask('a', first));
    await answer(run, ask('b', second));
    await answer(run, ask('a', first));
    await answer(run, ask('c', third));
    expect((await answer(run, ask('a', first))).stats.readTokens).toBeLessThanOrEqual(1);
    const back = await answer(run, ask('b', second));
    expect(back.stats.keptTokens).toBe(0);
    expect(back.text.trim()).toBe(examples[1]?.output.trim());
  });

  it('leave the queue when stopped while waiting', async () => {
    const run = await start({ sessions: 1 });
    const abort = new AbortController();
    const running = answer(run, ask('a', first, { sampling: rambling(4), maxTokens: 200 }));
    const waiting = answer(run, ask('b', second), abort.signal, (event) => {
      if (event.type === 'queued') abort.abort();
    });
    const { reason, stats } = await waiting;
    expect(reason).toBe('aborted');
    expect(stats.readTokens).toBe(0);
    await running;
    expect((await answer(run, ask('b', second))).reason).toBe('stop');
  });
});

describe('a full context', () => {
  it('ends the answer with its reason, and the session stays usable', async () => {
    const run = await start({ contextSize: 256 });
    const room = run.info.contextSize;
    const short: ChatPrompt = {
      messages: [{ role: 'user', content: 'Which languages do you speak?' }],
    };
    let full: Awaited<ReturnType<typeof answer>> | undefined;
    for (let seed = 1; seed <= 12 && full?.reason !== 'context'; seed += 1) {
      full = await answer(run, ask('a', short, { sampling: rambling(seed), maxTokens: 4096 }));
    }
    expect(full?.reason).toBe('context');
    expect(full?.stats.contextUsed).toBe(room - 1);
    const greedyAnswer = await answer(run, ask('a', short));
    expect(greedyAnswer.text.trim()).toBe('I only know English.');
    expect(greedyAnswer.stats.readTokens).toBeLessThanOrEqual(1);
  });
});

describe('a long prompt', () => {
  it('can be stopped while it is read, and goes on from there', async () => {
    const run = await start({ contextSize: 4096 });
    const content = 'The ferry leaves at nine. '.repeat(300);
    const long: ChatPrompt = { messages: [{ role: 'user', content }] };
    const abort = new AbortController();
    const request = ask('a', long, { maxTokens: 4 });
    const stopped = await answer(run, request, abort.signal, (event) => {
      if (event.type === 'reading' && event.done > 0) abort.abort();
    });
    expect(stopped.reason).toBe('aborted');
    expect(stopped.stats.firstTokenMs).toBeNull();
    expect(stopped.stats.readTokens).toBeGreaterThan(0);
    expect(stopped.stats.readTokens).toBeLessThan(stopped.stats.promptTokens / 2);
    const whole = await answer(run, request);
    // The end was told at once; the chunk that was being evaluated is kept too.
    const { contextUsed } = stopped.stats;
    expect(whole.stats.keptTokens).toBeGreaterThanOrEqual(contextUsed);
    expect(whole.stats.keptTokens).toBeLessThanOrEqual(contextUsed + (run.info.readChunk ?? 0));
    await run.forget('a');
    expect((await answer(run, request)).text).toBe(whole.text);
  });
});

describe('threads', () => {
  it('are chosen by measurement when none are given', async () => {
    const run = await start({ threads: null });
    const { threads, threadTimings } = run.info;
    expect(threadTimings.length).toBeGreaterThan(0);
    const chosen = threadTimings.find((timing) => timing.threads === threads);
    expect(chosen?.msPerToken).toBeGreaterThan(0);
    const { text, stats } = await answer(run, ask('a', first, { maxTokens: 4 }));
    expect(text.length).toBeGreaterThan(0);
    expect(stats.threads).toBeLessThanOrEqual(threads);
  });
});
