import { parseArgs } from 'node:util';
import { kvTypes } from '../../electron/ipc/contract/index.ts';
import { readModelHeader } from '../../electron/models/header.ts';
import { ensureShape, shapePath } from '../shapes/write.ts';
import { benchModels } from './memory/cases.ts';
import { measureCase } from './memory/measure.ts';

const mebi = 1024 * 1024;
/** Percent, as `npm run bench memory` promises for its worst case. */
const worst = 8;

/**
 * `npm run bench kv`: one shape model (`--model h-1b`) at 32,768 tokens and four sessions, with each
 * type of the memory for text: predicted, as llama.cpp tells its KV cache, as the operating system
 * measures the process.
 */
export async function run(): Promise<boolean> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: { model: { type: 'string', default: 'h-1b' } },
  });
  const model = benchModels.find((one) => one === values.model) ?? 'h-1b';
  const request = { id: model, quantization: 'Q4_K_M' } as const;
  await ensureShape(request);
  const file = shapePath(request);
  const header = await readModelHeader(file);
  console.log(`${model}, 32768 tokens x 4, MiB`);
  console.log('type   KV predicted  KV llama.cpp  predicted  measured   error');
  let good = true;
  for (const kvType of kvTypes) {
    const row = await measureCase(file, header, {
      ...{ model, contextSize: 32_768, sessions: 4, kvType },
    });
    const figures = [row.predicted.kv, row.measured.kv, row.predicted.total, row.measured.resident];
    const columns = figures.map((bytes) => (bytes / mebi).toFixed(1).padStart(10)).join('  ');
    console.log(`${kvType.padEnd(5)}  ${columns}  ${row.errorPercent.toFixed(2)} %`);
    good &&= Math.abs(row.errorPercent) < worst && row.predicted.kv === row.measured.kv;
  }
  return good;
}
