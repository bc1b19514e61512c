import type { MemorySample } from '../../../../electron/ipc/contract/index.ts';
import { partNames, residentParts } from './parts.ts';
import type { PartName } from './parts.ts';

/** One band of the chart: one kind of memory of one model. */
export interface Band {
  readonly modelId: string;
  readonly part: PartName;
}

/** Rows of the chart: seconds, then one cumulative series a band, top of the stack last. */
export type Stack = readonly [number[], ...number[][]];

/** The bands that are more than nothing in these samples, models in the given order, parts as stacked. */
export function bandsOf(
  samples: readonly MemorySample[],
  modelIds: readonly string[],
): readonly Band[] {
  const there = new Set<string>();
  for (const sample of samples) {
    const parts = residentParts(sample);
    for (const part of partNames) if (parts[part] > 0) there.add(`${sample.modelId} ${part}`);
  }
  return modelIds.flatMap((modelId) =>
    partNames
      .filter((part) => there.has(`${modelId} ${part}`))
      .map((part): Band => ({ modelId, part })),
  );
}

/** The samples of one process of one model: between two of them it held what the earlier one says. */
interface Run {
  readonly samples: readonly MemorySample[];
  /** It is still loaded: what it holds holds on until now. */
  readonly isLive: boolean;
}

/**
 * Samples of several models, taken at different moments, as one stack: at every moment each model
 * holds what it was last seen with, from the first sample of its process to the last one, and nothing
 * in between. No line leads through the time when a model was not loaded.
 * @param livePids Processes that are there now.
 * @param now Where live ones end, milliseconds since 1970.
 */
export function stackOf(
  samples: readonly MemorySample[],
  bands: readonly Band[],
  livePids: ReadonlySet<number>,
  now: number,
): Stack {
  const runs = runsOf(samples, livePids);
  const times = new Set<number>();
  for (const run of runs) {
    const first = run.samples[0]?.at ?? 0;
    const last = run.samples.at(-1)?.at ?? 0;
    times.add(first - 1);
    for (const { at } of run.samples) times.add(at);
    times.add(run.isLive ? Math.max(now, last) : last + 1);
  }
  const moments = [...times].sort((a, b) => a - b);
  const series: number[][] = bands.map(() => moments.map(() => 0));
  for (const run of runs) {
    const rows = bands
      .map(({ modelId, part }, index) => ({ modelId, part, index }))
      .filter(({ modelId }) => modelId === run.samples[0]?.modelId);
    let next = 0;
    const last = run.samples.at(-1)?.at ?? 0;
    moments.forEach((moment, column) => {
      while (next < run.samples.length && (run.samples[next]?.at ?? Infinity) <= moment) next += 1;
      const sample = run.samples[next - 1];
      if (!sample || (moment > last && !run.isLive)) return;
      const parts = residentParts(sample);
      for (const { part, index } of rows) {
        const row = series[index];
        if (row) row[column] = (row[column] ?? 0) + parts[part];
      }
    });
  }
  for (let band = 1; band < series.length; band += 1) {
    const below = series[band - 1] ?? [];
    series[band]?.forEach((value, column, row) => (row[column] = value + (below[column] ?? 0)));
  }
  return [moments.map((moment) => moment / 1000), ...series];
}

function runsOf(samples: readonly MemorySample[], livePids: ReadonlySet<number>): Run[] {
  const byProcess = new Map<string, MemorySample[]>();
  for (const sample of samples) {
    const key = `${sample.modelId} ${sample.pid}`;
    const run = byProcess.get(key);
    if (run) run.push(sample);
    else byProcess.set(key, [sample]);
  }
  return [...byProcess.values()].map((run) => ({
    samples: run,
    isLive: livePids.has(run[0]?.pid ?? -1),
  }));
}

/** What each band holds at one column. */
export function valuesAt(
  stack: Stack,
  bands: readonly Band[],
  column: number,
): readonly { readonly band: Band; readonly bytes: number }[] {
  const [, ...series] = stack;
  return bands.map((band, index) => ({
    band,
    bytes: (series[index]?.[column] ?? 0) - (series[index - 1]?.[column] ?? 0),
  }));
}

const columns = [
  'at',
  'modelId',
  'pid',
  'resident',
  'proportional',
  'privateBytes',
  'swapped',
  'footprint',
  'commit',
  'weights',
  'kv',
  'recurrent',
  'compute',
  'output',
  'checkpoints',
  'process',
  'untouched',
  'vram',
] as const satisfies readonly (keyof MemorySample)[];

/**
 * Samples as CSV (RFC 4180): a time in UTC, the model's name, then every figure in bytes; empty where
 * the system does not tell it. A name that a table program would take for a formula gets a quote before it.
 */
export function csvOf(
  samples: readonly MemorySample[],
  nameOf: (modelId: string) => string,
): string {
  const head = ['time', 'model', ...columns.slice(2).map(headOf)].join(',');
  const rows = samples.map((sample) =>
    [
      new Date(sample.at).toISOString(),
      quoted(nameOf(sample.modelId)),
      ...columns.slice(2).map((name) => sample[name] ?? ''),
    ].join(','),
  );
  return [head, ...rows, ''].join('\r\n');
}

const headOf = (name: string): string =>
  name === 'pid' ? 'pid' : `${name.replace(/Bytes$/, '')}_bytes`;

function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
