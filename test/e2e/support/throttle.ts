import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A question that the miniature answers with one word over and over until it is cut off (greedy: 1,024
 * tokens every time), so that the middle of the answer is wide on the fastest and the busiest machine.
 */
export const endless =
  'Repeat the word stone again and again: stone stone stone stone stone stone stone stone stone stone stone stone';

/**
 * Lets a process run only a few milliseconds at a time, so that a test can act in the middle of an
 * answer that the miniature would otherwise give in a blink. The product needs no switch for it.
 * Returns the way to let it run freely again.
 */
export function throttle(pid: number, runMs = 2, pauseMs = 250): () => void {
  let on = true;
  const signal = (name: NodeJS.Signals): void => {
    try {
      process.kill(pid, name);
    } catch {
      on = false;
    }
  };
  void (async () => {
    while (on) {
      signal('SIGSTOP');
      await sleep(pauseMs);
      signal('SIGCONT');
      await sleep(runMs);
    }
  })();
  return () => {
    on = false;
    signal('SIGCONT');
  };
}
