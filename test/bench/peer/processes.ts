import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** The kernel counts processor time in these. */
const ticksPerSecond = 100;
/** Longer than Quarry waits after an answer before it keeps its state (`restMs` in keeper.ts). */
const quietMs = 1500;

/**
 * Milliseconds of processor time that a process has used so far, over all its threads, or one of them
 * (the main thread has the number of the process). Linux.
 */
export function cpuMs(pid: number, thread?: number): number {
  const place = thread === undefined ? `${pid}` : `${pid}/task/${thread}`;
  const stat = readFileSync(`/proc/${place}/stat`, 'utf8');
  // After the name, which may hold spaces: state is field 3, user and system time are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/**
 * Waits until processes have done all that they do after an answer (states being written), so that one
 * side's rest does not disturb the other's turn. @returns milliseconds waited.
 */
export async function settle(pids: readonly number[], limitMs = 60_000): Promise<number> {
  const begun = performance.now();
  const used = (): number => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
  let before = used();
  let quietSince = begun;
  while (performance.now() - begun < limitMs && performance.now() - quietSince < quietMs) {
    await pause(200);
    const after = used();
    if (after - before > 1000 / ticksPerSecond) quietSince = performance.now();
    before = after;
  }
  return performance.now() - begun;
}
