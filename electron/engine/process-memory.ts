import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { ProcessMemory } from '../ipc/contract/index.ts';

/** Measures the process that it runs in. */
export interface ProcessMeter {
  read(): Promise<ProcessMemory>;
}

/** The system, as far as it is asked. Real by default, others in tests. */
export interface ProcessMeterPorts {
  readonly platform: NodeJS.Platform;
  readonly pid: number;
  /** Resident bytes. */
  rss(): number;
  /** Text of a file of /proc/self; rejects where there is none. */
  proc(name: string): Promise<string>;
  /** Standard output of a tool of the system; rejects where it fails. */
  run(command: string, ...args: string[]): Promise<string>;
  /** Milliseconds, steady. */
  now(): number;
}

/** A whole look may take this part of one core at most: it walks every page of the process. */
const share = 1 / 1000;

/** What only a whole look tells. */
interface Details {
  readonly proportional: number | null;
  readonly privateBytes: number | null;
  readonly footprint: number | null;
  readonly commit: number | null;
}
const nothing: Details = { proportional: null, privateBytes: null, footprint: null, commit: null };

/**
 * Resident and swapped memory are exact at every reading and cost microseconds. The shares need a walk
 * over all pages (7 ms for half a gigabyte on Linux) or a tool of the system; that is done so rarely
 * that it stays under a thousandth of a core. Between two walks the process's own memory is taken to
 * have grown by as much as its anonymous memory.
 *
 * macOS and Windows are written from the systems' documentation and were not tried on either.
 */
export function createProcessMeter(ports: ProcessMeterPorts = real()): ProcessMeter {
  let details = nothing;
  let anonymousThen = 0;
  let nextAt = -Infinity;
  let walking: Promise<Details> | undefined;

  const walk = async (): Promise<Details> => {
    const begun = ports.now();
    const found = await detailsOf(ports).catch(() => nothing);
    const ended = ports.now();
    nextAt = ended + (ended - begun) / share;
    return found;
  };

  return {
    async read() {
      const quick = await quickly(ports);
      if (ports.now() >= nextAt) {
        walking ??= walk().finally(() => {
          walking = undefined;
        });
        details = await walking;
        anonymousThen = quick.anonymous;
      }
      const grown = quick.anonymous - anonymousThen;
      const moved = (bytes: number | null): number | null =>
        bytes === null ? null : Math.max(0, Math.min(quick.resident, bytes + grown));
      return {
        resident: quick.resident,
        swapped: quick.swapped,
        proportional: moved(details.proportional),
        privateBytes: moved(details.privateBytes),
        footprint: details.footprint,
        commit: details.commit,
      };
    },
  };
}

interface Quick {
  readonly resident: number;
  readonly swapped: number | null;
  /** Resident memory that no file backs; 0 where it is not told. */
  readonly anonymous: number;
}

async function quickly({ platform, proc, rss }: ProcessMeterPorts): Promise<Quick> {
  if (platform === 'linux') {
    const text = await proc('status').catch(() => '');
    const resident = kibibytes(text, 'VmRSS');
    if (resident !== null) {
      return {
        resident,
        swapped: kibibytes(text, 'VmSwap'),
        anonymous: kibibytes(text, 'RssAnon') ?? 0,
      };
    }
  }
  return { resident: rss(), swapped: null, anonymous: 0 };
}

async function detailsOf({ platform, pid, proc, run }: ProcessMeterPorts): Promise<Details> {
  if (platform === 'linux') {
    const text = await proc('smaps_rollup');
    const clean = kibibytes(text, 'Private_Clean');
    const dirty = kibibytes(text, 'Private_Dirty');
    return {
      ...nothing,
      proportional: kibibytes(text, 'Pss'),
      privateBytes: clean === null || dirty === null ? null : clean + dirty,
    };
  }
  if (platform === 'darwin') {
    const text = await run('/usr/bin/footprint', '--format', 'bytes', String(pid));
    return { ...nothing, footprint: footprintIn(text) };
  }
  if (platform === 'win32') {
    // PrivateMemorySize64 is the commit charge of the process.
    const text = await run(
      'powershell.exe',
      '-NoProfile',
      '-NonInteractive',
      '-Command',
      `(Get-Process -Id ${pid}).PrivateMemorySize64`,
    );
    const commit = Number(text.trim() || Number.NaN);
    return { ...nothing, commit: Number.isSafeInteger(commit) ? commit : null };
  }
  return nothing;
}

/** A line "Name:   123 kB" of /proc, in bytes. */
function kibibytes(text: string, name: string): number | null {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1];
  return found === undefined ? null : Number(found) * 1024;
}

/** "Footprint: 12345 B" in the output of macOS's `footprint`; other units in case it ignores the format. */
export function footprintIn(text: string): number | null {
  const found = /Footprint:\s+([\d.]+)\s*([KMG]?)B/i.exec(text);
  if (found === null) return null;
  const power = ['', 'K', 'M', 'G'].indexOf((found[2] ?? '').toUpperCase());
  return Math.round(Number(found[1]) * 1024 ** power);
}

function real(): ProcessMeterPorts {
  return {
    platform: process.platform,
    pid: process.pid,
    rss: () => process.memoryUsage.rss(),
    proc: (name) => readFile(`/proc/self/${name}`, 'utf8'),
    run: (command, ...args) =>
      new Promise((resolve, reject) => {
        execFile(command, args, { timeout: 5000, windowsHide: true }, (error, stdout) => {
          if (error) reject(error instanceof Error ? error : new Error('the tool failed'));
          else resolve(stdout);
        });
      }),
    now: () => performance.now(),
  };
}
