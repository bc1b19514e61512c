import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { startEngineProcess } from '../../../electron/engine/child.ts';
import type { LoadRequest } from '../../../electron/engine/port.ts';

const root = new URL('../../../', import.meta.url);
const bundle = fileURLToPath(new URL('out/engine/process.js', root));
const miniature = fileURLToPath(new URL('resources/miniature/miniature.gguf', root));
const silent = { info: () => {}, warn: () => {}, error: () => {} };

/**
 * Bytes that an ENGINE of the bundle, which is what people run, takes before it has a model: some 20 MB
 * less than one of the sources, whose types Node must take out first. The middle one of five.
 * Throws where nothing was built.
 */
export async function bundledProcessBytes(): Promise<number> {
  if (!existsSync(bundle)) throw new Error('bench memory --fit: run `npm run build` first');
  const found: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const child = startEngineProcess({ nodePath: process.execPath, entry: bundle, log: silent });
    const request: LoadRequest = {
      ...{ modelPath: miniature, contextSize: 2048, sessions: 1, threads: 1, gpu: false },
      checkpointBudget: 0,
    };
    await child.ask(() => child.client.call('load', request));
    found.push((await child.client.call('memory', null)).process);
    child.expectExit();
    child.kill();
    await child.gone;
  }
  return found.sort((a, b) => a - b)[2] ?? Number.NaN;
}
