import type { Clock } from '../core/ports.ts';

export interface Batcher {
  add(text: string): void;
  /** Gives out what waits, at once. */
  flush(): void;
}

/** Joins pieces of text: the first goes out at once, the next ones no closer than `everyMs`. */
export function createBatcher(
  everyMs: number,
  clock: Clock,
  emit: (text: string) => void,
): Batcher {
  let waiting = '';
  let last = -Infinity;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting === '') return;
    const text = waiting;
    waiting = '';
    last = clock.now();
    emit(text);
  };
  return {
    add(text) {
      waiting += text;
      const passed = clock.now() - last;
      // A clock that was set back must not hold the text until it has caught up.
      if (passed < 0 || passed >= everyMs) flush();
      else timer ??= setTimeout(flush, everyMs - passed);
    },
    flush,
  };
}
