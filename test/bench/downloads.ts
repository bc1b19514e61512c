import { execFile, fork, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { usualTuning } from '../../electron/models/download/ports.ts';
import { setUp } from '../support/downloads-setup.ts';
import { hostileServer, seeded, sha256, content } from '../support/hostile-server.ts';
import type { Asked, Behaviour } from '../support/hostile-server.ts';

const MiB = 1024 * 1024;
const seed = 20261122;
/** Wanted: at least so much of curl's speed; at most so many bytes for each that is needed. */
const speedWanted = 0.9;
const bytesAllowed = 1.05;

const flag = (name: string, usual: number): number => {
  const given = process.argv.find((word) => word.startsWith(`--${name}=`));
  return given === undefined ? usual : Number(given.split('=')[1]);
};
const full = process.argv.includes('--full');
const count = flag('count', full ? 1000 : 20);
const megabytes = flag('size', full ? 64 : 16);
const kills = flag('kills', full ? 50 : 3);

/** Each request draws its fault; about one in five goes wrong. */
function faults(origin: () => string): (asked: Asked) => Behaviour {
  const random = seeded(seed);
  return ({ path: at, query, range }) => {
    if (query === '' && at.startsWith('/r/')) {
      return { status: 302, headers: { location: `${origin()}${at.slice(2)}?sig=${random()}` } };
    }
    const where = Math.floor(random() * 2 * MiB);
    const draw = random();
    if (draw < 0.03) return { after: where, then: 'cut' };
    if (draw < 0.05) return { after: where, then: 'stall' };
    if (draw < 0.06) return { rate: 10_000 };
    if (draw < 0.08) return { shiftRange: 1 };
    if (draw < 0.1) return { status: 503, headers: { 'retry-after': '0' } };
    if (draw < 0.11) return { status: 429 };
    if (draw < 0.13) return { status: 500 };
    if (draw < 0.15) return query === '' ? { status: 502 } : { status: 403 };
    if (draw < 0.16) return { whole: true };
    if (draw < 0.17) return { length: 5 * MiB };
    if (draw < 0.175) return { etag: '"another"' };
    if (draw < 0.18) return { flip: [(range?.start ?? 0) + where] };
    if (draw < 0.19) return { after: where, then: 'end', extra: 0 };
    return {};
  };
}

/** Downloads with all faults mixed, the process killed now and then. */
async function mixed(): Promise<boolean> {
  const size = megabytes * MiB;
  const files = Array.from({ length: 4 }, (_, index) => content(seed + index, size));
  const hashes = files.map(sha256);
  const pick = (at: string): number => Number(/(\d+)$/.exec(at)?.[1] ?? 0) % files.length;
  const origin: { value: string } = { value: '' };
  const server = await hostileServer({
    file: (at) => files[pick(at)],
    behave: faults(() => origin.value),
  });
  origin.value = server.origin;
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-bench-downloads-'));
  const random = seeded(seed + 1);
  let child: ChildProcess | undefined;
  let lastKill = 0;
  let killed = 0;
  let [installed, wrong, failed, fetched, startOvers, restarts] = [0, 0, 0, 0, 0, 0];
  let needed = 0;
  let cleanFetched = 0;
  let cleanNeeded = 0;
  const started = performance.now();
  try {
    await new Promise<void>((resolve, reject) => {
      const killAt = Array.from({ length: kills }, () => random() * count).sort((a, b) => a - b);
      const start = (): void => {
        restarts += 1;
        child = fork(path.join(import.meta.dirname, '../support/download-many.ts'), [
          folder,
          server.origin,
          String(count),
          String(size),
          ...hashes,
        ]);
        child.on('message', (message: { name: string; row: MixedRow }) => {
          const { name, row } = message;
          const file = path.join(folder, 'models', name);
          needed += size;
          fetched += row.fetched;
          startOvers += row.startOvers;
          if (row.startOvers === 0 && !row.quarantined) {
            cleanFetched += row.fetched;
            cleanNeeded += size;
          }
          if (row.state !== 'done') {
            failed += 1;
            console.log(`  ${name}: ${row.state} ${row.failure}`);
          } else {
            installed += 1;
            if (sha256(readFileSync(file)) !== hashes[pick(name)]) wrong += 1;
          }
          // A thousand of them need not stand on the disk at once.
          rmSync(file, { force: true });
          child?.send(name);
          const next = killAt[killed];
          if (next !== undefined && installed + failed >= next && Date.now() - lastKill > 300) {
            const victim = child;
            killed += 1;
            lastKill = Date.now();
            setTimeout(() => victim?.kill('SIGKILL'), random() * 400);
          }
        });
        child.on('exit', (code, signal) => {
          if (signal === 'SIGKILL') return start();
          if (code === 0) resolve();
          else reject(new Error(`the downloading process ended with ${code}`));
        });
      };
      start();
    });
  } finally {
    child?.kill('SIGKILL');
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
  const seconds = (performance.now() - started) / 1000;
  const ratio = cleanNeeded === 0 ? Number.NaN : cleanFetched / cleanNeeded;
  console.log(
    `  ${count} × ${megabytes} MiB, seed ${seed}, ${restarts - 1} kill -9, ${seconds.toFixed(0)} s`,
  );
  console.log(`  installed ${installed}, failed ${failed}, wrong installed ${wrong} (must be 0)`);
  console.log(
    `  bytes fetched / needed: ${ratio.toFixed(4)} without start-overs (allowed ${bytesAllowed}); ` +
      `${(fetched / needed).toFixed(4)} with ${startOvers} start-overs; ` +
      `${(server.sent() / needed).toFixed(4)} as the server counts (with what was cut on the wire)`,
  );
  return wrong === 0 && failed === 0 && ratio <= bytesAllowed;
}

interface MixedRow {
  readonly state: string;
  readonly failure: string | null;
  readonly fetched: number;
  readonly startOvers: number;
  readonly quarantined: boolean;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Beside curl, alternating, on one server in a process of its own; ours hashes, curl does not. */
async function speed(rate: number | null): Promise<boolean> {
  const size = (rate === null ? (full ? 1024 : 256) : 24) * MiB;
  const server = spawn(
    process.execPath,
    [
      path.join(import.meta.dirname, '../support/serve-file.ts'),
      String(seed),
      String(size),
      String(rate ?? 0),
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [origin, hash] = await new Promise<string[]>((resolve) =>
    server.stdout.once('data', (line: Buffer) => resolve(line.toString().trim().split(' '))),
  );
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-bench-speed-'));
  const times: { curl: number[]; quarry: number[] } = { curl: [], quarry: [] };
  try {
    for (let round = 0; round < (rate === null ? 7 : 3); round += 1) {
      const before = performance.now();
      const target = path.join(folder, `curl-${round}`);
      await promisify(execFile)('curl', ['-sS', '-o', target, `${origin}/file`]);
      times.curl.push(performance.now() - before);
      rmSync(target);
      const made = setUp({ folder: path.join(folder, `q-${round}`), tuning: usualTuning });
      mkdirSync(made.models, { recursive: true });
      const since = performance.now();
      const id = await made.downloads.start({
        url: `${origin}/file`,
        fileName: 'file',
        sha256: hash ?? null,
        bytes: size,
        subject: 'bench',
      });
      const end = await made.downloads.settled(id);
      times.quarry.push(performance.now() - since);
      const there = existsSync(path.join(made.models, 'file'));
      await made.dispose();
      if (end?.state !== 'done' || !there) throw new Error(`bench: ${end?.state} ${end?.failure}`);
    }
  } finally {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  const ratio = median(times.curl) / median(times.quarry);
  const show = (ms: number): string => `${(size / MiB / (ms / 1000)).toFixed(0)} MiB/s`;
  console.log(
    `  ${rate === null ? 'unlimited' : `${rate / 1e6} MB/s a connection`}, ${size / MiB} MiB: ` +
      `curl ${show(median(times.curl))} (no hash, no flush), ` +
      `quarry ${show(median(times.quarry))} (sha256, flushed), ratio ${ratio.toFixed(2)} (wanted ${speedWanted})`,
  );
  return ratio >= speedWanted;
}

/** `npm run bench downloads [-- --full | --count=100 --size=16 --kills=5]`. */
export async function run(): Promise<boolean> {
  const limited = await speed(4_000_000);
  const unlimited = await speed(null);
  return (await mixed()) && limited && unlimited;
}
