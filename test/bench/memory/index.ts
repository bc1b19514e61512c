import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createMachine } from '../../../electron/core/machine.ts';
import { toErrorShape } from '../../../electron/ipc/app-error.ts';
import type { ModelHeader } from '../../../electron/ipc/contract/index.ts';
import { predictMemory } from '../../../electron/memory/estimate.ts';
import { readModelHeader } from '../../../electron/models/header.ts';
import { ensureShape, shapePath } from '../../shapes/write.ts';
import { bundledProcessBytes } from './bundled.ts';
import { benchModels, casesOf, fitCases } from './cases.ts';
import type { BenchModel, Case } from './cases.ts';
import { fitTable } from './fit.ts';
import type { Sample } from './fit.ts';
import { measureCase, predictRow } from './measure.ts';
import { openPeer } from './peer.ts';
import { comparisonText, errorOf, median, summary, tableHead, tableLine } from './table.ts';
import type { Result } from './table.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const tablePath = path.join(root, 'electron', 'memory', 'compute-table.json');
const resultPath = path.join(root, 'out', 'bench-memory.json');
const miniaturePath = path.join(root, 'resources', 'miniature', 'miniature.gguf');
const quantization = 'Q4_K_M';
/** The error that is promised: half of the cases within the first, all within the second, in percent. */
const promised = { median: 3, worst: 8 };
/** Left to everything else on the machine. */
const spare = 1024 ** 3;

/**
 * `npm run bench memory`: predicted, reported by llama.cpp, measured by the operating system, for shape
 * models of Granite's at three contexts and three numbers of sessions, as far as the machine has room;
 * beside it what the binding and llama.cpp estimate. Rows stay in out/bench-memory.json.
 *   --models a,b   only these      --fit       makes electron/memory/compute-table.json instead
 *   --compare      H-Micro beside Micro at 128K only      --keep   leaves model files in .cache/shapes
 *   --again        measures nothing: the rows kept of earlier runs, predicted with today's table
 */
export async function run(): Promise<boolean> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      models: { type: 'string' },
      fit: { type: 'boolean', default: false },
      compare: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      again: { type: 'boolean', default: false },
    },
  });
  const models = benchModels.filter(
    (model) => values.models === undefined || values.models.split(',').includes(model),
  );
  if (values.fit) return fit(models, values.keep);
  const cases = values.compare
    ? (['micro', 'h-micro'] as const).map((model) => ({
        model,
        contextSize: 131_072,
        sessions: 1,
      }))
    : casesOf(models);
  const results = values.again
    ? (await keptResults()).filter(({ row }) => models.includes(row.model)).map(predictedAgain)
    : await measureAll(cases, values.keep);
  if (values.again) console.log([tableHead, ...results.map(tableLine)].join('\n'));
  console.log(`\n${summary(results)}`);
  const comparison = comparisonText(results);
  if (comparison !== null) console.log(comparison);
  const errors = results.map(({ row }) => Math.abs(row.errorPercent));
  return median(errors) < promised.median && Math.max(...errors) < promised.worst;
}

async function measureAll(cases: readonly Case[], keepFiles: boolean): Promise<Result[]> {
  const results: Result[] = [];
  const peer = await openPeer();
  console.log(tableHead);
  try {
    for (const model of new Set(cases.map((one) => one.model))) {
      await withShape(model, keepFiles, async (file, header) => {
        for (const one of cases.filter((each) => each.model === model)) {
          if (!hasRoom(header, one)) continue;
          const row = await measureCase(file, header, one).catch((error: unknown) => {
            const { code, message } = toErrorShape(error);
            console.log(`${label(one)} not measured: ${code} ${message}`);
            return null;
          });
          if (row === null) continue;
          const estimate = await peer.estimate(file, one.contextSize, one.sessions);
          results.push({ row, header, peer: estimate });
          await keep({ row, header, peer: estimate });
          console.log(tableLine({ row, header, peer: estimate }));
        }
      });
    }
  } finally {
    await peer.close();
  }
  return results;
}

/** Rows of earlier runs; the newest of each case. */
async function keptResults(): Promise<Result[]> {
  const text = await readFile(resultPath, 'utf8').catch(() => '{"results":[]}');
  return (JSON.parse(text) as { results: Result[] }).results;
}

async function keep(result: Result): Promise<void> {
  const others = (await keptResults()).filter(({ row }) => label(row) !== label(result.row));
  const order = ({ row }: Result): number =>
    benchModels.indexOf(row.model) * 1e9 + row.contextSize * 100 + row.sessions;
  const results = [...others, result].sort((a, b) => order(a) - order(b));
  await mkdir(path.dirname(resultPath), { recursive: true });
  await writeFile(resultPath, `${JSON.stringify({ machine: machineText(), results }, null, 2)}\n`);
}

function predictedAgain({ row, header, peer }: Result): Result {
  const predicted = predictRow(header, row, row.measured);
  return { row: { ...row, predicted, errorPercent: errorOf(row, predicted.total) }, header, peer };
}

async function fit(models: readonly BenchModel[], keep: boolean): Promise<boolean> {
  const samples: Sample[] = [];
  const add = async (file: string, header: ModelHeader, cases: ReturnType<typeof fitCases>) => {
    for (const one of cases) {
      const row = await measureCase(file, header, one);
      samples.push({ header, row });
      console.log(
        `${label(one)} ${one.full ? 'whole batches' : 'short'}: ${(row.measured.resident / 2 ** 20).toFixed(1)} MiB`,
      );
    }
  };
  // Its vocabulary is a hundredth of Granite's: that tells the vocabulary's share from the rest.
  const miniature = await readModelHeader(miniaturePath);
  await add(miniaturePath, miniature, [
    { model: 'h-tiny', contextSize: 4096, sessions: 1, full: false },
    { model: 'h-tiny', contextSize: 4096, sessions: 8, full: false },
  ]);
  for (const model of models) {
    await withShape(model, keep, (file, header) => add(file, header, fitCases([model])));
  }
  const before = JSON.parse(await readFile(tablePath, 'utf8')) as object;
  const table = {
    ...before,
    command: 'npm run bench memory -- --fit',
    measuredOn: `${machineText()}, ${samples[0]?.row.engine ?? ''}`,
    ...fitTable(samples),
    bundledProcessBytes: await bundledProcessBytes(),
  };
  await writeFile(tablePath, `${JSON.stringify(table, null, 2)}\n`);
  console.log(JSON.stringify(table, null, 2));
  return true;
}

/** Writes the model's file where it is not there yet, and takes it away again. */
async function withShape(
  model: BenchModel,
  keep: boolean,
  work: (file: string, header: ModelHeader) => Promise<void>,
): Promise<void> {
  const request = { id: model, quantization } as const;
  const { isNew } = await ensureShape(request);
  const file = shapePath(request);
  try {
    await work(file, await readModelHeader(file));
  } finally {
    if (isNew && !keep) await rm(file, { force: true });
  }
}

function hasRoom(header: ModelHeader, one: Case): boolean {
  const { ceiling } = predictMemory(header, one.contextSize, one.sessions);
  const { available } = createMachine().memory();
  if (ceiling + spare <= available) return true;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  console.log(
    `${label(one)} left out: ${gigabytes(ceiling)} GB of ${gigabytes(available)} GB available`,
  );
  return false;
}

function label({ model, contextSize, sessions }: Case): string {
  return `${model.padEnd(8)} ${`${contextSize / 1024}K`.padStart(5)} x${String(sessions).padEnd(3)}`;
}

function machineText(): string {
  return `${process.platform} ${process.arch}, ${cpus()[0]?.model.trim() ?? 'unknown'}, no graphics`;
}
