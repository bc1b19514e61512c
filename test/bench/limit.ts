import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureShape } from '../shapes/write.ts';
import { number } from './flags.ts';

/**
 * A machine of 6 GB: models of Granite's shapes are opened, asked, exchanged and refused at random,
 * beside another program that takes memory and gives it back, all in one control group with that
 * limit (cgroup v1 or v2; needs root on Linux). Nothing may be killed by the kernel, nothing may be
 * swapped out, and each refusal's figures must be those of the group at that moment.
 *
 * `npm run bench limit -- --ops=200 --gb=6 --seed=1`
 */
export async function run(): Promise<boolean> {
  const ops = number('ops', 200);
  const limit = number('gb', 6) * 1e9;
  const seed = number('seed', 1);
  const group = makeGroup(Math.round(limit));
  if (group === null) {
    console.log('skipped: no control group for memory can be made here (Linux, as root)');
    return true;
  }
  const folder = mkdtempSync(join(tmpdir(), 'quarry-limit-'));
  const files: string[] = [];
  for (const id of ['h-350m', '350m', 'h-1b', '1b', 'h-micro', 'micro', 'h-tiny']) {
    files.push((await ensureShape({ id, quantization: 'Q4_K_M' })).path);
  }
  const child = fileURLToPath(new URL('limit-child.ts', import.meta.url));
  const args = [child, folder, String(ops), String(seed), group.folder, ...files];
  try {
    // The shell enters the group before it becomes Node: all that follows is counted.
    const script = `echo $$ > "${group.tasks}" && exec "$0" "$@"`;
    const status = await new Promise<number | null>((resolve, reject) => {
      const process_ = spawn('sh', ['-c', script, process.execPath, ...args], { stdio: 'inherit' });
      process_.on('error', reject);
      process_.on('exit', (code, signal) => resolve(signal === null ? code : null));
    });
    const killed = group.killed();
    console.log(`ended by the kernel ${killed} processes (memory.${group.version})`);
    console.log(
      `most in use ${(group.peak() / 1e9).toFixed(2)} of ${(limit / 1e9).toFixed(2)} GB, caches of files included`,
    );
    return status === 0 && killed === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
    group.remove();
  }
}

interface Group {
  readonly version: string;
  readonly folder: string;
  readonly tasks: string;
  killed(): number;
  peak(): number;
  remove(): void;
}

function makeGroup(limit: number): Group | null {
  const old = '/sys/fs/cgroup/memory';
  const isOld = existsSync(join(old, 'memory.limit_in_bytes'));
  const folder = join(isOld ? old : '/sys/fs/cgroup', `quarry-bench-${process.pid}`);
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const count = (text: string): number => Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, isOld ? 'memory.limit_in_bytes' : 'memory.max'), String(limit));
  } catch {
    return null;
  }
  return {
    version: isOld ? 'oom_control' : 'events',
    folder,
    tasks: join(folder, isOld ? 'tasks' : 'cgroup.procs'),
    killed: () => count(read(isOld ? 'memory.oom_control' : 'memory.events')),
    peak: () => Number(read(isOld ? 'memory.max_usage_in_bytes' : 'memory.peak')),
    remove: () => {
      try {
        rmdirSync(folder);
      } catch {
        // A process that is still ending holds it; an empty group costs nothing.
      }
    },
  };
}
