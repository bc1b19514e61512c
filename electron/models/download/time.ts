import type { Clock } from '../../core/ports.ts';
import type { Sleep } from './ports.ts';

/** Time in ms that never goes back, also when someone sets the clock back: waits and saves hang on it. */
export function steady(clock: Clock): () => number {
  let last = clock.now();
  let behind = 0;
  return () => {
    const told = clock.now();
    behind = Math.max(behind, last - told);
    last = told + behind;
    return last;
  };
}

/** The real sleep. */
export const sleepFor: Sleep = (ms, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
    signal.addEventListener('abort', done, { once: true });
  });
