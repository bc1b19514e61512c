import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { groupMemory } from '../engine/free-memory.ts';
import type { Machine } from './ports.ts';

/** The machine we run on, as far as the operating system tells. Figures are bytes. */
export function createMachine(): Machine {
  const model = cpus()[0]?.model.trim() ?? 'unknown';
  const cores = Math.min(physicalCores() ?? Infinity, availableParallelism());
  return {
    cores,
    fingerprint: `${process.platform} ${process.arch} ${model} x${cores}`,
    memory() {
      const group = groupMemory();
      if (group !== null && group.limit < totalmem()) {
        return {
          total: group.limit,
          available: Math.min(availableOfMachine(), group.available),
        };
      }
      return { total: totalmem(), available: availableOfMachine() };
    },
  };
}

function availableOfMachine(): number {
  if (process.platform === 'linux') {
    const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(read('/proc/meminfo'))?.[1];
    if (kib !== undefined) return Number(kib) * 1024;
  }
  if (process.platform === 'darwin') return availableFromVmStat(run('vm_stat')) ?? freemem();
  return freemem();
}

/** @returns bytes that macOS can hand out without swapping, from the text of `vm_stat`. */
export function availableFromVmStat(text: string): number | undefined {
  const pageSize = Number(/page size of (\d+) bytes/.exec(text)?.[1]);
  const pages = ['free', 'inactive', 'speculative', 'purgeable'].map((kind) =>
    Number(new RegExp(`^Pages ${kind}:\\s+(\\d+)`, 'm').exec(text)?.[1]),
  );
  const sum = pages.reduce((total, count) => total + count, 0);
  return Number.isFinite(sum * pageSize) ? sum * pageSize : undefined;
}

function physicalCores(): number | undefined {
  if (process.platform === 'linux') return coresFromCpuInfo(read('/proc/cpuinfo'));
  if (process.platform === 'darwin') {
    const count = Number(run('sysctl', '-n', 'hw.physicalcpu'));
    return count > 0 ? count : undefined;
  }
  return undefined;
}

/** @returns distinct pairs of socket and core in the text of /proc/cpuinfo; undefined where it lists none (arm). */
export function coresFromCpuInfo(text: string): number | undefined {
  const cores = new Set<string>();
  let socket = '0';
  for (const line of text.split('\n')) {
    const [key, value = ''] = line.split(':').map((part) => part.trim());
    if (key === 'physical id') socket = value;
    if (key === 'core id') cores.add(`${socket}/${value}`);
  }
  return cores.size > 0 ? cores.size : undefined;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function run(command: string, ...args: string[]): string {
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      timeout: 2000,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}
