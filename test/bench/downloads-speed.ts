import { execFile, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { usualTuning } from '../../electron/models/download/ports.ts';
import { setUp } from '../support/downloads-setup.ts';
import { full, number } from './flags.ts';

const MiB = 1024 * 1024;
/** Wanted: at least so much of the best peer's speed. */
const wanted = 0.9;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

interface Peer {
  readonly name: string;
  /** Gets the address into the folder as `file`. */
  readonly words: (folder: string, url: string) => readonly string[];
}
const peers: readonly Peer[] = [
  { name: 'curl', words: (folder, url) => ['-sS', '-o', path.join(folder, 'file'), url] },
  {
    // As many connections as ours may have; 1 MiB is the smallest part it splits into.
    name: 'aria2c',
    words: (folder, url) => [
      ...['-q', '-x8', '-s8', '-k1M', '--file-allocation=none', '--no-conf'],
      ...['-d', folder, '-o', 'file', url],
    ],
  },
];

/** Ours beside the peers, in turns, on one server in a process of its own; every one hashes. */
async function compare(rate: number | null, size: number, rounds: number): Promise<boolean> {
  const there = peers.filter(({ name }) => spawnSync(name, ['--version']).status === 0);
  for (const { name } of peers.filter((peer) => !there.includes(peer))) {
    console.log(`  ${name} is not here, so nothing is said about it (apt-get install curl aria2)`);
  }
  const server = spawn(
    process.execPath,
    [
      path.join(import.meta.dirname, '../support/serve-file.ts'),
      ...['1', String(size), String(rate ?? 0)],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [origin = '', hash = ''] = await new Promise<string[]>((resolve) =>
    server.stdout.once('data', (line: Buffer) => resolve(line.toString().trim().split(' '))),
  );
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-bench-speed-'));
  const url = `${origin}/file`;
  const times = new Map<string, number[]>();
  const note = (name: string, since: number): void => {
    times.set(name, [...(times.get(name) ?? []), performance.now() - since]);
  };
  const run = promisify(execFile);
  try {
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, words } of there) {
        const own = path.join(folder, name);
        mkdirSync(own);
        const since = performance.now();
        await run(name, [...words(own, url)]);
        const said = await run('sha256sum', [path.join(own, 'file')]);
        note(name, since);
        if (!said.stdout.startsWith(hash)) throw new Error(`bench: ${name} got wrong bytes`);
        rmSync(own, { recursive: true });
      }
      const own = path.join(folder, 'quarry');
      const made = setUp({ folder: own, tuning: usualTuning });
      mkdirSync(made.models, { recursive: true });
      const since = performance.now();
      const id = await made.downloads.start({
        url,
        fileName: 'file',
        sha256: hash,
        bytes: size,
        subject: 'bench',
      });
      const end = await made.downloads.settled(id);
      note('quarry', since);
      const stands = existsSync(path.join(made.models, 'file'));
      await made.dispose();
      if (end?.state !== 'done' || !stands) throw new Error(`bench: ${end?.state} ${end?.failure}`);
    }
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  const speedOf = (name: string): string =>
    `${(size / MiB / (median(times.get(name) ?? []) / 1000)).toFixed(0)} MiB/s`;
  const best = Math.min(...there.map(({ name }) => median(times.get(name) ?? [])));
  const ratio = best / median(times.get('quarry') ?? []);
  console.log(
    `  ${rate === null ? 'unlimited' : `${rate / 1e6} MB/s a connection`}, ${size / MiB} MiB, median of ${rounds}: ` +
      `${there.map(({ name }) => `${name} + sha256sum ${speedOf(name)}, `).join('')}` +
      `quarry ${speedOf('quarry')} (sha256 and flush to the disk included)`,
  );
  console.log(`  quarry / the best of them: ${ratio.toFixed(2)} (wanted ${wanted})`);
  return there.length > 0 && ratio >= wanted;
}

/** Against curl and aria2 on one loopback server, limited per connection and unlimited. */
export async function speed(): Promise<boolean> {
  const rounds = number('rounds', full ? 5 : 3);
  const limited = await compare(4_000_000, number('limited', full ? 192 : 96) * MiB, rounds);
  const unlimited = await compare(null, number('unlimited', full ? 1024 : 256) * MiB, rounds + 4);
  return limited && unlimited;
}
