import { afterEach, describe, expect, it } from 'vitest';
import type { Engine, EngineMemory, LoadRequest } from '../../electron/engine/port.ts';
import { predictMemory } from '../../electron/memory/estimate.ts';
import { readModelHeader } from '../../electron/models/header.ts';
import { answer, ask, launcher, load, miniature } from './engine-support.ts';

let engine: Engine | undefined;
afterEach(async () => {
  await engine?.close();
  engine = undefined;
});

const launched = async (changes: Partial<LoadRequest>): Promise<Engine> => {
  await engine?.close();
  engine = await launcher.launch(load(changes));
  return engine;
};
const sum = (parts: object): number =>
  Object.values(parts).reduce((total: number, bytes: number) => total + bytes, 0);
const question = {
  messages: [{ role: 'user' as const, content: 'What is the capital of France?' }],
};

describe('the memory of a real engine', () => {
  it('is told by llama.cpp part by part and by the system (jundot/omlx#1271, unsloth#10489)', async () => {
    const memory = await (await launched({ contextSize: 2048, sessions: 2 })).memory();
    const header = await readModelHeader(miniature);
    const predicted = predictMemory(header, 2048, 2);
    expect(memory.kv).toBe(predicted.kv);
    expect(memory.recurrent).toBe(predicted.recurrent);
    expect(memory.weights).toBe(predicted.weights);
    // Printed with two decimals of a MiB, for each place.
    expect(Math.abs(sum(memory.weightParts) - memory.weights)).toBeLessThan(0.02 * 2 ** 20);
    expect(memory.weightParts.mapped).toBe(0);
    expect(memory.compute).toBeGreaterThan(0);
    expect(memory.process).toBeLessThan(memory.resident);
    expect(memory).toMatchObject({ kvType: 'f16', devices: [], answers: 0, sessions: [] });
    if (process.platform === 'linux') {
      expect(memory.proportional).toBeLessThanOrEqual(memory.resident);
      expect(memory.privateBytes).toBeLessThanOrEqual(memory.proportional!);
      expect(memory.privateBytes).toBeGreaterThan(memory.weights);
      expect(memory.swapped).toBe(0);
    }
  });

  it('names whose checkpoints they are, in the order of use (unsloth#11073)', async () => {
    const { generate, memory } = await launched({ contextSize: 2048, sessions: 2 });
    const begun = Date.now();
    for (const session of ['one', 'two', 'one']) {
      await answer({ generate } as Engine, ask(session, question, { maxTokens: 4 }));
    }
    const { sessions, checkpoints, answers } = await memory();
    expect(answers).toBe(3);
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual(['two', 'one']);
    const bytes = sessions.flatMap((session) => session.checkpoints.map((each) => each.bytes));
    expect(bytes.length).toBeGreaterThan(1);
    expect(sum(bytes)).toBe(checkpoints);
    for (const session of sessions) {
      expect(session.isRunning).toBe(false);
      expect(session.tokens).toBeGreaterThan(0);
      expect(session.lastUsedAt).toBeGreaterThanOrEqual(begun);
    }
  });

  it.each(['q8_0', 'q4_0'] as const)(
    'a KV cache of %s is as small as predicted',
    async (kvType) => {
      const loaded = await launched({ contextSize: 2048, sessions: 1, kvType });
      const header = await readModelHeader(miniature);
      const memory = await loaded.memory();
      expect(memory.kvType).toBe(kvType);
      expect(memory.kv).toBe(predictMemory(header, 2048, 1, { kvType }).kv);
      const { text } = await answer(loaded, ask('c', question, { maxTokens: 8 }));
      expect(text).not.toBe('');
    },
  );

  it('is predicted within a tenth (lmstudio#1862)', async () => {
    const loaded = await launched({ contextSize: 2048, sessions: 4 });
    await answer(loaded, ask('c', question, { maxTokens: 4 }));
    const memory: EngineMemory = await loaded.memory();
    const header = await readModelHeader(miniature);
    // The process's own share is what the app learns on a machine; here this run's is taken.
    const { total } = predictMemory(header, 2048, 4, {
      checkpoints: memory.checkpoints,
      bare: memory.process,
    });
    const percent = ((total - memory.resident) / memory.resident) * 100;
    expect(Math.abs(percent)).toBeLessThan(10);
  });
});
