import { createEngineLauncher } from '../../electron/engine/client.ts';
import { ensureShape } from '../shapes/write.ts';
import { flag, number } from './flags.ts';
import { cpuMs } from './peer/processes.ts';

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const launcher = createEngineLauncher({ nodePath: process.execPath, log: silent });
const measured = 512;

/**
 * `npm run bench chunks -- [--shape=h-1b] [--depth=4096] [--chunks=16,32,64,128]`: processor time for each of
 * the last 512 tokens of a prompt, by the size of the chunks it is read in. One thread. What `leastChunk` of
 * engine/tune.ts rests on: the smallest size must cost at most a twentieth more than the largest one tried.
 */
export async function run(): Promise<boolean> {
  const depth = number('depth', 4096);
  const sizes = (flag('chunks') ?? '16,32,64,128').split(',').map(Number);
  const { path } = await ensureShape({ id: flag('shape') ?? 'h-1b', quantization: 'Q4_K_M' });
  const costs = new Map<number, number>();
  for (const readChunk of sizes) {
    const engine = await launcher.launch({
      ...{
        modelPath: path,
        contextSize: depth + 2 * measured,
        sessions: 1,
        threads: 1,
        gpu: false,
      },
      ...{ checkpointBudget: 0, readChunk },
    });
    const { pid } = engine.info;
    // Digits are one token each in Granite's vocabulary, with the space before them two.
    const words = Array.from({ length: (depth + measured) / 2 }, (_, at) => at % 10).join(' ');
    const request = {
      ...{ sessionId: 'chunks', prompt: { messages: [{ role: 'user' as const, content: words }] } },
      ...{ sampling: { temperature: 0, topP: 1, topK: 0 }, maxTokens: 1 },
    };
    let from: { done: number; cpu: number } | null = null;
    let to = { done: 0, cpu: 0 };
    for await (const event of engine.generate(request, new AbortController().signal)) {
      if (event.type !== 'reading') continue;
      to = { done: event.done, cpu: cpuMs(pid) };
      if (from === null && event.done >= depth) from = to;
    }
    await engine.close();
    const cost = from === null ? Number.NaN : (to.cpu - from.cpu) / (to.done - from.done);
    costs.set(readChunk, cost);
    console.log(`chunks of ${readChunk}: ${cost.toFixed(2)} ms a token behind ${depth} tokens`);
  }
  const chosen = costs.get(64);
  return chosen === undefined || chosen <= 1.05 * Math.min(...costs.values());
}
