import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { makeAuthority } from '../support/certificates.ts';
import type { ManyOptions, ManyResult } from '../support/download-many.ts';
import { hostileMix } from '../support/hostile-mix.ts';
import { content, hostileServer, sha256 } from '../support/hostile-server.ts';
import { seeded } from '../support/seeded.ts';
import { httpProxy, socksProxy } from '../support/test-proxies.ts';
import { flag, full, number } from './flags.ts';

const MiB = 1024 * 1024;
/** Wanted: at most so many bytes for each that is needed. */
const bytesAllowed = 1.05;
const token = 'hf_benchTOKENbench';

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: MiB }), hash);
  return hash.digest('hex');
}

/** Downloads with all faults mixed; the downloading process is killed now and then. */
export async function mixed(): Promise<boolean> {
  const count = number('count', full ? 1000 : 20);
  const size = number('size', full ? 64 : 16) * MiB;
  const kills = number('kills', full ? 50 : 3);
  const seed = number('seed', 20261122);
  const files = Array.from({ length: 4 }, (_, index) => content(seed + index, size));
  const hashes = files.map(sha256);
  const pick = (at: string): number => Number(/(\d+)$/.exec(at)?.[1] ?? 0) % files.length;

  const resumed = flag('resume');
  const folder = resumed ?? mkdtempSync(path.join(tmpdir(), 'quarry-bench-downloads-'));
  const models = path.join(folder, 'models');
  const notes = { told: path.join(folder, 'told'), results: path.join(folder, 'results.jsonl') };
  mkdirSync(models, { recursive: true });
  if (!existsSync(notes.told)) {
    writeFileSync(notes.told, '');
    writeFileSync(notes.results, '');
    writeFileSync(path.join(folder, 'ledger'), Buffer.alloc(count * 16));
  }
  const results = readFileSync(notes.results, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ManyResult);
  const told = new Set(results.map(({ name }) => name));
  console.log(`  ${count} × ${size / MiB} MiB, ${kills} kills, seed ${seed}, in ${folder}`);

  const authority = makeAuthority(folder);
  const serve = (behave: 'hub' | 'far', tls?: typeof authority.tls) =>
    hostileServer({
      file: (at) => files[pick(at)],
      behave: (asked) => mix[behave](asked),
      ...(tls && { tls }),
    });
  const mix = hostileMix({
    seed: seed + told.size,
    token,
    origins: () => [far.origin, farTls.origin],
    headers: (at) => ({
      'x-linked-etag': `"${hashes[pick(at)]}"`,
      'x-linked-size': String(size),
    }),
  });
  const [hub, far, farTls] = [
    await serve('hub'),
    await serve('far'),
    await serve('far', authority.tls),
  ];
  const proxies = [
    await httpProxy({ password: 'user:pass' }),
    await socksProxy(),
    await httpProxy({ tls: authority.tls }),
  ];
  // Another network after each restart.
  const lines = ['none', proxies[0]!.url, 'none', proxies[1]!.url, 'none', proxies[2]!.url];

  const random = seeded(seed + 1);
  // A kill each so many files, at a moment drawn from the time one takes.
  const killAt = Array.from({ length: kills }, (_, nth) => ((nth + 0.5) * (count - 4)) / kills);
  // A bench that goes on has had its share of kills for what is told already.
  let killed = killAt.filter((each) => each < told.size).length;
  let [runs, wrong, visibleAtKill] = [0, 0, 0];
  const started = performance.now();
  let child: ChildProcess | undefined;

  /** Whatever has a finished file's name is held against its hash, also between a kill and a restart. */
  const check = async (name: string): Promise<void> => {
    if ((await hashOf(path.join(models, name))) === hashes[pick(name)]) return;
    wrong += 1;
    console.log(`  WRONG: ${name} is installed and is not right`);
  };
  const take = async (result: ManyResult): Promise<void> => {
    const file = path.join(models, result.name);
    if (told.has(result.name)) return;
    if (result.state === 'done') await check(result.name);
    else console.log(`  ${result.name}: ${result.state} ${result.failure}`, result.lastLines);
    told.add(result.name);
    results.push(result);
    appendFileSync(notes.results, `${JSON.stringify(result)}\n`);
    appendFileSync(notes.told, `${result.name}\n`);
    // A thousand of them need not stand on the disk at once.
    rmSync(file, { force: true });
    if (told.size % Math.max(1, Math.round(count / 20)) === 0) {
      const seconds = Math.round((performance.now() - started) / 1000);
      console.log(`  ${told.size} told, ${killed} kills, ${wrong} wrong, ${seconds} s`);
    }
  };

  /** One life of the downloading process; true when it has told of all files. */
  const live = (): Promise<boolean> =>
    new Promise((resolve, reject) => {
      const options: ManyOptions = {
        folder,
        endpoint: hub.origin,
        proxy: lines[runs % lines.length] ?? 'none',
        caFile: authority.caFile,
        token,
        count,
        bytes: size,
        hashes,
        seed: seed + 100 + runs,
      };
      runs += 1;
      let doomed = false;
      const one = fork(path.join(import.meta.dirname, '../support/download-many.ts'), [
        JSON.stringify(options),
      ]);
      child = one;
      let taking = Promise.resolve();
      one.on('message', (result: ManyResult) => {
        taking = taking
          .then(() => take(result))
          .then(() => {
            if (one.connected) one.send(result.name, () => {});
            const next = killAt[killed];
            if (doomed || next === undefined || told.size < next) return;
            doomed = true;
            setTimeout(() => one.kill('SIGKILL'), random() * 1500);
          })
          .catch(reject);
      });
      one.on('exit', (code, signal) => {
        const ended = async (): Promise<boolean> => {
          await taking;
          if (signal !== 'SIGKILL') {
            if (code === 0) return true;
            throw new Error(`the downloading process ended with ${code ?? signal}`);
          }
          killed += 1;
          for (const name of readdirSync(models).filter((each) => !each.startsWith('.'))) {
            visibleAtKill += 1;
            await check(name);
          }
          return false;
        };
        ended().then(resolve, reject);
      });
    });

  let leftovers: readonly string[] = [];
  let finished = false;
  try {
    while (!(await live()));
    leftovers = readdirSync(models);
    finished = true;
  } finally {
    child?.kill('SIGKILL');
    for (const each of [hub, far, farTls, ...proxies]) await each.close();
    if (finished && resumed === undefined) rmSync(folder, { recursive: true, force: true });
  }
  return report();

  function report(): boolean {
    const sum = (of: readonly ManyResult[], part: (one: ManyResult) => number): number =>
      of.reduce((total, one) => total + part(one), 0);
    const ratio = (of: readonly ManyResult[]): number =>
      sum(of, ({ received }) => received) / (of.length * size);
    const fresh = results.filter(({ startOvers, cancelled }) => startOvers + cancelled === 0);
    const spotless = fresh.filter(({ quarantined }) => !quarantined);
    const failed = results.filter(({ state }) => state !== 'done');
    const events: Record<string, number> = {};
    for (const one of results) {
      for (const [name, times] of Object.entries(one.events)) {
        events[name] = (events[name] ?? 0) + times;
      }
    }
    const list = (of: Readonly<Record<string, number>>): string =>
      Object.entries(of)
        .sort((a, b) => b[1] - a[1])
        .map(([name, times]) => `${name} ${times}`)
        .join(', ');
    const leftOut = results.length - fresh.length;
    console.log(
      `  ${results.length} downloads of ${size / MiB} MiB, ${killed} kill -9, ` +
        `${Math.round((performance.now() - started) / 1000)} s`,
    );
    console.log(
      `  installed ${results.length - failed.length}, failed ${failed.length}, ` +
        `wrong installed ${wrong} (must be 0; ${visibleAtKill} of them also looked at after a kill), ` +
        `left over ${leftovers.length}, token to a foreign host ${mix.leaks()}`,
    );
    console.log(
      `  bytes received / needed: ${ratio(fresh).toFixed(4)} (allowed ${bytesAllowed}) over ${fresh.length} ` +
        `downloads, ${fresh.length - spotless.length} of them with wrong bytes that were fetched again`,
    );
    console.log(
      `  left out of that: ${leftOut} that started over (changed on the server) or were cancelled ` +
        `and asked for anew; with them ${ratio(results).toFixed(4)}`,
    );
    console.log(
      `  without those with wrong bytes: ${ratio(spotless).toFixed(4)} over ${spotless.length}`,
    );
    console.log(`  the server did: ${list(mix.done)}`);
    console.log(`  the downloads noticed: ${list(events)}`);
    console.log(`  through proxies: ${proxies.map((proxy) => proxy.count()).join(', ')} tunnels`);
    return (
      results.length === count &&
      failed.length === 0 &&
      wrong === 0 &&
      leftovers.length === 0 &&
      mix.leaks() === 0 &&
      killed >= kills &&
      ratio(fresh) <= bytesAllowed
    );
  }
}
