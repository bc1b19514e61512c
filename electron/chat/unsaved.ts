import type { Log } from '../core/ports.ts';
import { toErrorShape } from '../ipc/app-error.ts';

/** Milliseconds between tries: soon at first, since space is often made at once, then rarely. */
const firstPause = 2000;
const longestPause = 30_000;

/** Ends of turns that could not be written, most often because the disk is full. */
export interface Unsaved {
  /** Tries `save` again until it works; `done` is called then. `save` must be all or nothing. */
  keep(id: string, save: () => void, done: () => void): void;
  /** Tries each once more, the last time. Nothing is tried after it. */
  close(): void;
}

/**
 * Keeps what could not be saved in memory and tries again, so that a disk that was full for a while
 * costs no text. What no longer has a place (its conversation was erased) is let go.
 */
export function createUnsaved(log: Log): Unsaved {
  const kept = new Map<string, { save: () => void; done: () => void }>();
  let pause = firstPause;
  let timer: NodeJS.Timeout | undefined;

  const tryAll = (): void => {
    for (const [id, { save, done }] of kept) {
      try {
        save();
      } catch (cause) {
        const { code } = toErrorShape(cause);
        if (code !== 'not-found') continue;
        log.warn('turn.let-go', { turn: id, code });
        kept.delete(id);
        continue;
      }
      log.info('turn.saved-later', { turn: id });
      kept.delete(id);
      done();
    }
  };
  const schedule = (): void => {
    if (timer !== undefined || kept.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      tryAll();
      pause = Math.min(longestPause, pause * 2);
      schedule();
    }, pause);
    timer.unref();
  };

  return {
    keep(id, save, done) {
      kept.set(id, { save, done });
      pause = firstPause;
      schedule();
    },
    close() {
      clearTimeout(timer);
      timer = undefined;
      tryAll();
      if (kept.size > 0) log.error('turn.lost', { count: kept.size });
      kept.clear();
    },
  };
}
