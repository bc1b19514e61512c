import { expect, it } from 'vitest';
import type { NativeContext, NativeModel } from '../../native/llama/binding.ts';
import type { EngineEvent } from './port.ts';
import { runAnswer } from './run.ts';
import type { RunContext } from './run.ts';
import { createScheduler } from './scheduler.ts';
import type { Session } from './sessions.ts';

/** A session that holds nothing and answers with the token 7, again and again. */
function emptySession(): Session {
  const sequence = {
    length: 0,
    checkpoints: [],
    async read(tokens: readonly number[]) {
      this.length += tokens.length;
    },
    async *write() {
      for (;;) {
        this.length += 1;
        yield 7;
      }
    },
  };
  return { id: 'one', sequence } as unknown as Session;
}

it('the end of an answer does not wait until its state is copied, and the session does', async () => {
  const kinds: string[] = [];
  let copied = (): void => {};
  const run: RunContext = {
    model: {
      detokenize: () => 'x',
      specials: new Map(),
      isEnd: () => false,
    } as unknown as NativeModel,
    context: { contextSize: 64 } as NativeContext,
    protocol: { calls: null, thinking: null },
    scheduler: createScheduler({ alone: 8, msPerToken: 1, now: () => 0 }),
    now: () => 0,
    threads: 1,
    encode: () => ({ tokens: [1, 2, 3, 4], turnStart: 0, baseEnd: 0 }),
    goTo: async () => ({ kept: 0, from: 'none' }),
    passBase: async () => {},
    onToken: () => {},
    async checkpoint(_, kind) {
      kinds.push(kind);
      if (kind === 'answer') await new Promise<void>((resolve) => (copied = resolve));
    },
  };
  const events: EngineEvent[] = [];
  let isFree = false;
  let ended = (): void => {};
  const isEnded = new Promise<void>((resolve) => (ended = resolve));
  const request = {
    ...{ sessionId: 'one', prompt: { messages: [] }, maxTokens: 3 },
    sampling: { temperature: 0, topP: 1, topK: 0 },
  };
  const answer = runAnswer(
    run,
    emptySession(),
    request,
    new AbortController().signal,
    (event) => {
      events.push(event);
      if (event.type === 'end') ended();
    },
    0,
  ).then(() => {
    isFree = true;
  });
  await isEnded;
  await new Promise((resolve) => setImmediate(resolve));
  expect(events.at(-1)).toMatchObject({ type: 'end', reason: 'length', tokens: [7, 7, 7] });
  expect(kinds).toEqual(['prompt', 'answer']);
  expect(isFree).toBe(false);
  copied();
  await answer;
  expect(isFree).toBe(true);
});
