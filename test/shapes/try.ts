import { createEngineLauncher } from '../../electron/engine/client.ts';
import type { ChatPrompt, Engine, EngineMemory } from '../../electron/engine/port.ts';
import type { ModelHeader } from '../../electron/ipc/contract/index.ts';
import { readModelHeader } from '../../electron/models/header.ts';

const contextSize = 2048;
const sessions = 2;

export interface Tried {
  readonly header: ModelHeader;
  readonly memory: EngineMemory;
  readonly text: string;
  readonly answerTokens: number;
  readonly tokensPerSecond: number | null;
  readonly loadMs: number;
  /** What the formulas of granite.md §2.1 say for this context and these sessions. */
  readonly kv: number;
  readonly recurrent: number;
}

/**
 * Loads a file through ENGINE on one thread and writes a few tokens, drawn at temperature 1: were a
 * number of the network not finite, one token would come again and again. Throws what ENGINE throws.
 */
export async function loadAndAnswer(modelPath: string, maxTokens = 16): Promise<Tried> {
  const header = await readModelHeader(modelPath);
  const launcher = createEngineLauncher({
    nodePath: process.execPath,
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  const engine = await launcher.launch({
    ...{ modelPath, contextSize, sessions, threads: 1, gpu: false },
    checkpointBudget: 256 * 2 ** 20,
  });
  try {
    const { text, answerTokens, tokensPerSecond } = await answer(engine, maxTokens);
    return {
      ...{ header, text, answerTokens, tokensPerSecond },
      loadMs: engine.info.loadMs,
      memory: await engine.memory(),
      kv: header.kvBytesPerToken * contextSize * sessions,
      recurrent: header.recurrentBytesPerSession * sessions,
    };
  } finally {
    await engine.close();
  }
}

async function answer(engine: Engine, maxTokens: number) {
  const prompt: ChatPrompt = { messages: [{ role: 'user', content: 'What is granite made of?' }] };
  const sampling = { temperature: 1, topP: 1, topK: 0, seed: 1 };
  const request = { sessionId: 'a', prompt, sampling, maxTokens };
  let text = '';
  for await (const event of engine.generate(request, new AbortController().signal)) {
    if (event.type === 'text') text += event.text;
    if (event.type === 'end') return { text, ...event.stats };
  }
  throw new Error('the answer had no end');
}

/** The same as words. */
export async function tryShape(modelPath: string): Promise<string> {
  const tried = await loadAndAnswer(modelPath);
  const { memory } = tried;
  const figure = (bytes: number): string => bytes.toLocaleString('en');
  return [
    `loaded in ${(tried.loadMs / 1000).toFixed(1)} s, ${tried.answerTokens} tokens at ${(tried.tokensPerSecond ?? 0).toFixed(1)} tok/s on one thread`,
    `context ${contextSize} x ${sessions} sessions`,
    `KV         ${figure(memory.kv)} reported, ${figure(tried.kv)} by formula`,
    `recurrent  ${figure(memory.recurrent)} reported, ${figure(tried.recurrent)} by formula`,
    `weights    ${figure(memory.weights)} reported, ${figure(tried.header.tensorBytes)} in the file`,
    `compute    ${figure(memory.compute)}, resident ${figure(memory.resident)}`,
  ].join('\n');
}
