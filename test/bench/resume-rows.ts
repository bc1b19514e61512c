import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Sample, SideName } from './peer/sides.ts';

/** What is measured, in the order of the table. */
export const cells = {
  first: 'Reading all 8 turns for the first time (sum)',
  next: 'Next turn',
  regenerate: 'Regenerate',
  'edit-last': 'Edit the last question',
  'edit-first': 'Edit the first of 8 questions',
  switch: 'Switch to another branch and ask on',
  restart: 'Restart, next turn',
  'restart-regenerate': 'Restart, regenerate',
  crash: 'Crash, next turn',
  'crash-edit': 'Crash, edit the last question',
  'document-first': 'First question on a document of that size',
  document: 'Second question on it, new conversation',
  'document-restart': 'The same after a restart',
} as const;
export type Cell = keyof typeof cells;

/** How llama-server ran: see `resume.ts`. */
export type PeerSetting = 'slots' | 'usual';

export interface Row {
  readonly shape: string;
  readonly size: number;
  readonly threads: number;
  readonly setting: PeerSetting;
  readonly cell: Cell;
  readonly at: string;
  readonly samples: readonly Readonly<Record<SideName, Sample>>[];
}

export interface Rows {
  has(key: Pick<Row, 'shape' | 'size' | 'threads' | 'setting' | 'cell'>): boolean;
  add(row: Row): void;
  readonly all: readonly Row[];
}

/** Rows in a file: each is there as soon as it is measured, so that a run that was ended goes on. */
export function openRows(file: string): Rows {
  const rows: Row[] = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Row[]) : [];
  return {
    all: rows,
    has: (key) =>
      rows.some(
        (row) =>
          row.shape === key.shape &&
          row.size === key.size &&
          row.threads === key.threads &&
          row.setting === key.setting &&
          row.cell === key.cell,
      ),
    add(row) {
      rows.push(row);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(rows, null, 1));
      renameSync(`${file}.new`, file);
    },
  };
}

export interface Summary {
  readonly quarryMs: number;
  readonly serverMs: number;
  /** How many times longer llama-server takes. */
  readonly factor: number;
  readonly quarryRead: number;
  readonly serverRead: number;
  /** llama-server evaluated at least half of a prompt of which Quarry evaluated less than that, or was not waited for. */
  readonly readAgain: boolean;
  /** llama-server was not waited for: it takes longer than `serverMs`, and `factor` is the least. */
  readonly givenUp: boolean;
}

/**
 * The fastest of each side's samples: what else the machine does only ever adds to a time. How many
 * tokens were read is that of the worst.
 */
export function summary({ samples }: Row): Summary {
  const of = (side: SideName, what: 'ms' | 'read' | 'prompt'): number => {
    const values = samples.map((sample) => sample[side][what]);
    return what === 'read' ? Math.max(...values) : Math.min(...values);
  };
  const [quarryMs, serverMs] = [of('quarry', 'ms'), of('server', 'ms')];
  const [quarryRead, serverRead] = [of('quarry', 'read'), of('server', 'read')];
  const half = of('server', 'prompt') / 2;
  const givenUp = samples.some(({ server }) => server.givenUp === true);
  return {
    ...{ quarryMs, serverMs, quarryRead, serverRead, factor: serverMs / quarryMs },
    readAgain: (givenUp || serverRead >= half) && quarryRead < half,
    givenUp,
  };
}

/** True where Quarry kept what was promised: never slower than 1.1x, 20x faster where the server reads again. */
export function isGood(row: Row): boolean {
  const { factor, readAgain } = summary(row);
  return factor >= 1 / 1.1 && (!readAgain || factor >= 20);
}

function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** The rows as Markdown: each cell beside llama-server's best setting, and beside its usual one. */
export function table(rows: readonly Row[]): string {
  const lines = [
    '| Model | Tokens | What | Quarry | llama-server, best | factor | tokens read | llama-server, usual | factor | tokens read |',
    '|---|---:|---|---:|---:|---:|---:|---:|---:|---:|',
  ];
  const key = (row: Row): string => `${row.shape} ${row.size} ${row.threads} ${row.cell}`;
  const order = Object.keys(cells);
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  const sorted = [...groups.values()].sort(([left], [right]) => {
    const [a, b] = [left as Row, right as Row];
    return (
      a.shape.localeCompare(b.shape) ||
      a.size - b.size ||
      order.indexOf(a.cell) - order.indexOf(b.cell)
    );
  });
  for (const group of sorted) {
    const [best] = [...group].sort((a, b) => summary(a).serverMs - summary(b).serverMs);
    const usual = group.find(({ setting }) => setting === 'usual');
    if (best === undefined) continue;
    const { shape, size, cell } = best;
    const name = [shape, size.toLocaleString('en'), cells[cell]];
    const part = (row: Row | undefined): string[] => {
      if (row === undefined) return ['not run', '', ''];
      const { serverMs, factor, quarryRead, serverRead, readAgain, givenUp } = summary(row);
      const mark = readAgain ? ' (again)' : '';
      const more = givenUp ? 'over ' : '';
      const read = givenUp ? 'given up' : `${Math.round(serverRead)}${mark}`;
      return [
        more + duration(serverMs),
        `${more}${factor.toFixed(2)}x`,
        `${Math.round(quarryRead)} : ${read}`,
      ];
    };
    const quarry = duration(summary(best).quarryMs);
    lines.push(`| ${[...name, quarry, ...part(best), ...part(usual)].join(' | ')} |`);
  }
  return lines.join('\n');
}
