import { createEngineLauncher } from '../../../electron/engine/client.ts';
import type { Engine, EngineMemory } from '../../../electron/engine/port.ts';
import type { MemoryPrediction, ModelHeader } from '../../../electron/ipc/contract/index.ts';
import { predictMemory } from '../../../electron/memory/estimate.ts';
import { checkpointBudget } from '../../../electron/models/fit.ts';
import type { Case } from './cases.ts';

/** A case with what came of it, in bytes. */
export interface Row extends Case {
  readonly full: boolean;
  readonly predicted: MemoryPrediction;
  /** llama.cpp's own parts and the operating system's figures. */
  readonly measured: EngineMemory;
  /** llama.cpp's parts added up. */
  readonly reported: number;
  /** Percent of what the operating system measured. */
  readonly errorPercent: number;
  readonly seconds: number;
  readonly engine: string;
}

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const launcher = createEngineLauncher({ nodePath: process.execPath, log: silent });

/**
 * Loads a model into a fresh ENGINE on one thread, has it read and write a little, and asks llama.cpp
 * and the operating system what it took. With `full` all sessions read at once: ENGINE hands on 128
 * tokens of each, so four make a whole batch.
 */
export async function measureCase(
  path: string,
  header: ModelHeader,
  one: Case & { readonly full?: boolean; readonly promptTokens?: number },
): Promise<Row> {
  const { contextSize, sessions, full = false, promptTokens = usualPrompt, kvType = 'f16' } = one;
  const begun = performance.now();
  const engine = await launcher.launch({
    modelPath: path,
    contextSize,
    sessions,
    threads: 1,
    gpu: false,
    checkpointBudget: checkpointBudget(header, sessions),
    kvType,
  });
  try {
    const answers = Array.from({ length: full ? sessions : 1 }, (_, index) =>
      answer(engine, `session ${index}`, promptTokens),
    );
    await Promise.all(answers);
    const measured = await engine.memory();
    const predicted = predictRow(header, one, measured);
    const { weights, kv, recurrent, compute, output } = measured;
    return {
      model: one.model,
      contextSize,
      sessions,
      kvType,
      full,
      predicted,
      measured,
      reported: weights + kv + recurrent + compute + output + measured.checkpoints,
      errorPercent: ((predicted.total - measured.resident) / measured.resident) * 100,
      seconds: (performance.now() - begun) / 1000,
      engine: engine.info.engineVersion,
    };
  } finally {
    await engine.close();
  }
}

/** From the header alone, but for how many tokens were read and how many checkpoints were taken. */
export function predictRow(
  header: ModelHeader,
  { contextSize, sessions, kvType = 'f16' }: Case,
  measured: EngineMemory,
): MemoryPrediction {
  const checkpoints = measured.sessions.flatMap((session) => session.checkpoints).length;
  return predictMemory(header, contextSize, sessions, {
    kvType,
    checkpoints: checkpoints * header.recurrentBytesPerSession,
    tokensUsed: Math.max(...measured.sessions.map(({ tokens }) => tokens)),
  });
}

/** More than the 128 that ENGINE reads at once. */
export const usualPrompt = 131;

/** Reads at least so many tokens and writes four. */
async function answer(engine: Engine, sessionId: string, promptTokens: number): Promise<void> {
  const content = (words: number) =>
    Array.from({ length: words }, (_, at) => `word${at}`).join(' ');
  let words = Math.ceil(promptTokens / 4);
  const prompt = (count: number) => ({
    messages: [{ role: 'user' as const, content: content(count) }],
  });
  while ((await engine.countTokens(prompt(words))) < promptTokens) words += 8;
  const events = engine.generate(
    {
      sessionId,
      prompt: prompt(words),
      sampling: { temperature: 0, topP: 1, topK: 0 },
      maxTokens: 4,
    },
    new AbortController().signal,
  );
  for await (const event of events) if (event.type === 'end') return;
}
