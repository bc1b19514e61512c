import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/** Every process of the machine, from /proc (Linux only: the end-to-end suite runs there). */
export function processes(): readonly ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // The name in parentheses may hold spaces and parentheses, so fields are counted from the last one.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z') continue;
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      rows.push({ pid: Number(entry), parent: Number(fields[1]), command });
    } catch {
      // It ended while we looked.
    }
  }
  return rows;
}

/** CORE and ENGINE processes whose command line names the given profile or descends from one that does. */
export function quarryProcesses(mark: string): {
  readonly core: readonly number[];
  readonly engine: readonly number[];
} {
  const rows = processes();
  const core = rows
    .filter((row) => /core[/\\]process\.(js|ts)/.test(row.command) && row.command.includes(mark))
    .map((row) => row.pid);
  const engine = rows
    .filter((row) => /engine[/\\]process\.(js|ts)/.test(row.command) && core.includes(row.parent))
    .map((row) => row.pid);
  return { core, engine };
}

/** Every living process whose environment or command line carries the mark: orphans included. */
export function processesWith(mark: string): readonly number[] {
  return processes()
    .filter((row) => {
      if (row.pid === process.pid) return false;
      if (row.command.includes(mark)) return true;
      try {
        return readFileSync(`/proc/${row.pid}/environ`, 'utf8').includes(mark);
      } catch {
        return false;
      }
    })
    .map((row) => row.pid);
}

/** Asks again until `test` holds; throws with what it last saw when the time is up. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  test: (seen: T) => boolean,
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (test(seen)) return seen;
    if (Date.now() > end) throw new Error(`waited for ${what}, last saw ${JSON.stringify(seen)}`);
    await sleep(50);
  }
}
