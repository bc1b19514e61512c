import { execFile } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { documentFormats } from '../../../electron/ipc/contract/index.ts';
import { coreFlags } from '../../../electron/main/places.ts';
import { removeFolder } from '../../support/documents-setup.ts';
import type { Answer, Ask } from './child.ts';
import { makeBigFolder, makeFiles } from './files.ts';

const child = fileURLToPath(new URL('./child.ts', import.meta.url));
const goal = { ratio: 0.7, peakBytes: 600 * 1024 ** 2 };

/**
 * `npm run bench indexing [-- --gb=0.2 --only=pdf,md --rounds=3]`: the whole way of files into the index (copy, hash,
 * parser thread, passages, database with full text) beside the least that gives searchable text with the same
 * libraries: the format's own, and SQLite's full-text table behind it, in the same process, round by round, both
 * warm. The library alone, of which nothing can be found, stands in a column of its own. Then a big folder: the most
 * memory that the process held, how long others waited for their turn, and how long in an idle process beside it: what
 * both wait for is the machine. The most work between two turns is processor time, the same on a busy machine.
 */
export async function run(): Promise<boolean> {
  const root = mkdtempSync(path.join(tmpdir(), 'quarry-bench-indexing-'));
  try {
    const good = await formats(root, option('only')?.split(',') ?? documentFormats);
    const gb = Number(option('gb') ?? 0.2);
    return gb > 0 ? (await bigFolder(root, gb)) && good : good;
  } finally {
    removeFolder(root);
  }
}

const option = (name: string): string | undefined =>
  process.argv.find((each) => each.startsWith(`--${name}=`))?.slice(name.length + 3);

async function ask(what: Ask): Promise<Answer> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...coreFlags, '--disable-warning=ExperimentalWarning', child, JSON.stringify(what)],
    { maxBuffer: 1 << 24 },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Answer;
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

async function formats(root: string, chosen: readonly string[]): Promise<boolean> {
  const rounds = Number(option('rounds') ?? 3);
  let good = true;
  const skipped: string[] = [];
  console.log(
    'Ratio: time beside library and bare full-text table, 1 = as fast as they (median of rounds). By cpu: the same by\n' +
      'processor time of the slower side, as two free cores would give it. Writing: share of the thread that writes.\n' +
      'Alone: time beside the library without any index.',
  );
  console.log('format   pages/s   MB/s  passages/s  ratio  by cpu  writing  alone  beside');
  for (const format of documentFormats) {
    if (!chosen.includes(format)) continue;
    const files = await makeFiles(format, root);
    if (files === null) {
      skipped.push(format);
      continue;
    }
    const { folder, bytes } = files;
    const answer = await ask({ folder, bare: format, rounds });
    const seconds = median(answer.rounds.map(({ whole }) => whole.wall)) / 1000;
    const ratio = median(answer.rounds.map(({ indexed, whole }) => indexed.wall / whole.wall));
    const alone = median(answer.rounds.map(({ parsed, whole }) => parsed.wall / whole.wall));
    // What two free cores would give: the slower of the two sides decides.
    const bound = median(
      answer.rounds.map(
        ({ indexed, whole, writing }) => indexed.cpu / Math.max(writing, whole.cpu - writing),
      ),
    );
    const share = median(answer.rounds.map(({ whole, writing }) => writing / whole.cpu));
    const short = ratio < goal.ratio ? `  under ${goal.ratio}` : '';
    const failed = answer.failed > 0 ? `  ${answer.failed} FAILED` : '';
    good &&= ratio >= goal.ratio && answer.failed === 0;
    console.log(
      [
        format.padEnd(7),
        (answer.pages / seconds).toFixed(0).padStart(8),
        (bytes / 1e6 / seconds).toFixed(2).padStart(6),
        (answer.passages / seconds).toFixed(0).padStart(11),
        ratio.toFixed(2).padStart(6),
        bound.toFixed(2).padStart(7),
        `${(share * 100).toFixed(0)} %`.padStart(8),
        alone.toFixed(2).padStart(6),
        ` ${answer.peer}${short}${failed}`,
      ].join(' '),
    );
  }
  if (skipped.length > 0)
    console.log(`not measured, the bench makes no such files: ${skipped.join(', ')}`);
  return good;
}

const told = ({ longest, long, busiest }: Answer['waits']): string =>
  `${longest.toFixed(0)} ms at most, over 50 ms ${long} times, for ${busiest.toFixed(0)} ms of work at most`;

async function bigFolder(root: string, gb: number): Promise<boolean> {
  const folder = path.join(root, 'big');
  const bytes = await makeBigFolder(folder, gb * 1e9);
  const answer = await ask({ folder, bare: null, rounds: 1 });
  const seconds = (answer.rounds[0]?.whole.wall ?? 0) / 1000;
  console.log(
    `folder of ${(bytes / 1e9).toFixed(2)} GB, ${answer.pages} pages, ${answer.passages} passages: ` +
      `${seconds.toFixed(0)} s, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s, ${answer.failed} failed; ` +
      `most memory ${(answer.peakBytes / 1024 ** 2).toFixed(0)} MiB (goal under ${goal.peakBytes / 1024 ** 2}), ` +
      `others waited ${told(answer.waits)}; in an idle process beside ${told(answer.beside)}`,
  );
  return answer.peakBytes < goal.peakBytes && answer.failed === 0;
}
