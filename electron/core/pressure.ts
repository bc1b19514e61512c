import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Pressure } from './ports.ts';

const run = promisify(execFile);

/**
 * How hard the operating system presses for memory, from its own figures. Linux: pressure stall
 * information, of the process's control group where it has one (cgroup v2), else of the machine.
 * macOS: the level that the kernel tells programs (1 normal, 2 warning, 4 critical). Windows has no
 * such figure without a native module: null, and only what is available counts. macOS and Windows
 * were written from documentation and not tried.
 */
export async function readPressure(): Promise<Pressure> {
  if (process.platform === 'linux') {
    const text = (await groupPressure()) ?? (await read('/proc/pressure/memory'));
    return { stalledPercent: stalledPercent(text ?? ''), systemLevel: null };
  }
  if (process.platform === 'darwin') {
    try {
      const { stdout } = await run('sysctl', ['-n', 'kern.memorystatus_vm_pressure_level'], {
        timeout: 2000,
      });
      return { stalledPercent: null, systemLevel: levelOf(Number(stdout.trim())) };
    } catch {
      return { stalledPercent: null, systemLevel: null };
    }
  }
  return { stalledPercent: null, systemLevel: null };
}

/**
 * @returns share of the last ten seconds in which at least one task waited for memory, in percent,
 * from the text of a pressure file; null where it holds none.
 */
export function stalledPercent(text: string): number | null {
  const found = /^some avg10=(\d+(?:\.\d+)?)/m.exec(text)?.[1];
  return found === undefined ? null : Number(found);
}

/** @returns the path of the own group below the cgroup v2 mount, from the text of /proc/self/cgroup. */
export function groupPath(text: string): string | null {
  const path = /^0::(\/.*)$/m.exec(text)?.[1];
  return path === undefined || path === '/' ? null : path;
}

async function groupPressure(): Promise<string | null> {
  const path = groupPath((await read('/proc/self/cgroup')) ?? '');
  return path === null ? null : read(`/sys/fs/cgroup${path}/memory.pressure`);
}

function levelOf(value: number): Pressure['systemLevel'] {
  if (value === 4) return 'critical';
  return value === 2 ? 'warning' : 'normal';
}

async function read(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null;
  }
}
