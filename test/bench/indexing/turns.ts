import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** How long others waited for their turn, in milliseconds. */
export interface Waits {
  /** Longest time for which nothing else got a turn. */
  readonly longest: number;
  /** How often that was over 50 ms. */
  readonly long: number;
  /** Most processor time that the thread used between two turns: what two free cores would make of the longest. */
  readonly busiest: number;
}

const every = 2;
const longMs = 50;

/** Looks how long a timer waits for its turn in this thread, and how much the thread did meanwhile. */
export function watchTurns(): { stop(): Waits } {
  let longest = 0;
  let long = 0;
  let busiest = 0;
  let at = performance.now();
  let used = process.threadCpuUsage();
  const timer = setInterval(() => {
    const now = performance.now();
    const use = process.threadCpuUsage();
    const wait = now - at - every;
    longest = Math.max(longest, wait);
    if (wait > longMs) long += 1;
    busiest = Math.max(busiest, (use.user + use.system - used.user - used.system) / 1000);
    at = now;
    used = use;
  }, every);
  return {
    stop() {
      clearInterval(timer);
      return { longest, long, busiest };
    },
  };
}

/** The same in a process beside this one that does nothing: what waits there waits for the machine. */
export async function watchBeside(): Promise<{ stop(): Promise<Waits> }> {
  const child = fork(fileURLToPath(import.meta.url), ['beside'], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  await once(child, 'message');
  return {
    async stop() {
      const answer = once(child, 'message') as Promise<[Waits]>;
      child.send('stop');
      const [waits] = await answer;
      child.disconnect();
      return waits;
    },
  };
}

if (process.argv[2] === 'beside' && process.send !== undefined) {
  const turns = watchTurns();
  process.once('message', () => process.send?.(turns.stop()));
  process.send('ready');
}
