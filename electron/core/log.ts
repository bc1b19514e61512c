import type { Clock, Log } from './ports.ts';

type Level = 'info' | 'warn' | 'error';

/** One JSON line an event. Facts are names, numbers and codes; callers keep content out of them. */
export function createLog(clock: Clock, write: (line: string) => void): Log {
  const line =
    (level: Level): Log[Level] =>
    (event, facts) =>
      write(
        `${JSON.stringify({ at: new Date(clock.now()).toISOString(), level, event, ...facts })}\n`,
      );
  return { info: line('info'), warn: line('warn'), error: line('error') };
}

/** For where nobody reads it: tests and the command line without --verbose. */
export const silentLog: Log = { info: () => {}, warn: () => {}, error: () => {} };
