import type { ModelHeader } from '../../../electron/ipc/contract/index.ts';
import type { Row } from './measure.ts';
import type { PeerEstimate } from './peer.ts';

export interface Result {
  readonly row: Row;
  readonly header: ModelHeader;
  readonly peer: PeerEstimate;
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);

const columns = [
  ['model', 8],
  ['context', 7],
  ['sessions', 8],
  ['predicted', 9],
  ['llama.cpp', 9],
  ['measured', 9],
  ['error', 8],
  ['binding formula', 15],
  ['error', 8],
  ['simulated/--fit', 15],
  ['error', 8],
] as const;

const line = (cells: readonly string[]): string =>
  cells.map((cell, at) => cell.padStart(columns[at]?.[1] ?? 8)).join('  ');

export const tableHead = `All in MiB. predicted = before loading; llama.cpp = its own buffers; measured = resident, from the system,
with checkpoints and the process itself: the last two ways do not count those.
${line(columns.map(([name]) => name))}`;

export function tableLine({ row, peer }: Result): string {
  return line([
    row.model,
    `${row.contextSize / 1024}K`,
    String(row.sessions),
    mib(row.predicted.total),
    mib(row.reported),
    mib(row.measured.resident),
    signed(row.errorPercent),
    peer.formula === null ? '-' : mib(peer.formula),
    signed(maybe(row, peer.formula)),
    peer.simulated === null ? '-' : mib(peer.simulated),
    signed(maybe(row, peer.simulated)),
  ]);
}

/** Percent of what the operating system measured. */
export function errorOf({ measured }: Row, estimate: number): number {
  return ((estimate - measured.resident) / measured.resident) * 100;
}

function maybe(row: Row, estimate: number | null): number | null {
  return estimate === null ? null : errorOf(row, estimate);
}

function signed(percent: number | null): string {
  return percent === null ? '-' : `${percent < 0 ? '' : '+'}${percent.toFixed(1)} %`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** Median and worst error of each way to know, over the loads that were measured. */
export function summary(results: readonly Result[]): string {
  const ways: readonly [string, (result: Result) => number | null][] = [
    ['predicted', ({ row }) => row.errorPercent],
    ['llama.cpp, after loading', ({ row }) => errorOf(row, row.reported)],
    ['binding formula', ({ row, peer }) => maybe(row, peer.formula)],
    ['simulated/--fit', ({ row, peer }) => maybe(row, peer.simulated)],
  ];
  return ways
    .map(([name, errorOfWay]) => {
      const errors = results.map(errorOfWay).filter((error) => error !== null);
      const sizes = errors.map(Math.abs);
      return `${name.padEnd(26)} ${errors.length} loads, median error ${median(sizes).toFixed(2)} %, worst ${Math.max(...sizes).toFixed(2)} %`;
    })
    .join('\n');
}

/** H-Micro beside Micro with one session of 128K; null where not both were measured. */
export function comparisonText(results: readonly Result[]): string | null {
  const at = (model: string): Row | undefined =>
    results.find(
      ({ row }) => row.model === model && row.contextSize === 131_072 && row.sessions === 1,
    )?.row;
  const [hybrid, dense] = [at('h-micro'), at('micro')];
  if (!hybrid || !dense) return null;
  const less = (a: number, b: number): string => `${((1 - a / b) * 100).toFixed(1)} % less`;
  return [
    'H-Micro beside Micro, Q4_K_M, one session of 128K tokens, KV f16, 1 thread, no graphics:',
    `  measured   ${mib(hybrid.measured.resident)} MiB beside ${mib(dense.measured.resident)} MiB: ${less(hybrid.measured.resident, dense.measured.resident)}`,
    `  predicted  ${mib(hybrid.predicted.total)} MiB beside ${mib(dense.predicted.total)} MiB: ${less(hybrid.predicted.total, dense.predicted.total)}`,
  ].join('\n');
}
