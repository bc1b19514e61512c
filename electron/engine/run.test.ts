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

/** Asks for an answer of so many tokens; copying its end takes until `copied` is called. */
function start(maxTokens: number) {
  const kinds: string[] = [];
  const found = { kinds, events: [] as EngineEvent[], isFree: false, copied: (): void => {} };
  const run: RunContext = {
    model: {
      ...{ detokenize: () => 'x', specials: new Map(), isEnd: () => false },
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
    async checkpoint({ sequence }, kind) {
      kinds.push(kind);
      (sequence.checkpoints as unknown as { position: number }[]).push({
        position: sequence.length,
      });
      if (kind === 'answer') await new Promise<void>((resolve) => (found.copied = resolve));
    },
  };
  const request = {
    ...{ sessionId: 'one', prompt: { messages: [] }, maxTokens },
    sampling: { temperature: 0, topP: 1, topK: 0 },
  };
  let done: Promise<void> = Promise.resolve();
  const ended = new Promise<void>((resolve) => {
    const emit = (event: EngineEvent): void => {
      found.events.push(event);
      if (event.type === 'end') resolve();
    };
    done = runAnswer(run, emptySession(), request, new AbortController().signal, emit, 0).then(
      () => {
        found.isFree = true;
      },
    );
  });
  return { found, ended, done };
}

it('the end of an answer does not wait until its state is copied, and the session does', async () => {
  const { found, ended, done } = start(20);
  await ended;
  await new Promise((resolve) => setImmediate(resolve));
  const tokens = Array.from({ length: 20 }, () => 7);
  expect(found.events.at(-1)).toMatchObject({ type: 'end', reason: 'length', tokens });
  expect(found.kinds).toEqual(['prompt', 'answer']);
  expect(found.isFree).toBe(false);
  found.copied();
  await done;
  expect(found.isFree).toBe(true);
});

it('a few words need no copy of their own behind that of the prompt', async () => {
  const { found, done } = start(3);
  await done;
  expect(found.kinds).toEqual(['prompt']);
});
