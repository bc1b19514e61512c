import type { Log } from '../../core/ports.ts';
import { mergeIndex } from '../../storage/repositories/passage-rows.ts';
import type { Writer } from '../../storage/sql.ts';

/**
 * Merges the parts of the full-text index in the background, a little at a time. While documents are read FTS5 leaves
 * many parts unmerged (migration 270), which takes less time in all; a search looks into each part.
 */
export interface Merging {
  /** Something was written. Returns at once. */
  wake(): void;
  close(): void;
}

/** Pages of one transaction: some milliseconds, between which everything else has its turn. */
const atOnce = 32;

export function createMerging({
  db,
  log,
  isBusy,
  restMs = 20,
  busyMs = 1000,
}: {
  readonly db: Writer;
  readonly log: Log;
  /** Documents are read or an answer is: the index waits. */
  readonly isBusy: () => boolean;
  readonly restMs?: number;
  readonly busyMs?: number;
}): Merging {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;
  const step = (): void => {
    timer = undefined;
    try {
      if (isBusy()) next(busyMs);
      else if (mergeIndex(db, atOnce)) next(restMs);
    } catch (error) {
      // A full disk, for one: the next document that is read wakes it again.
      log.warn('documents.merging', { reason: error instanceof Error ? error.name : 'unknown' });
    }
  };
  const next = (wait: number): void => {
    if (isClosed || timer !== undefined) return;
    timer = setTimeout(step, wait);
    timer.unref();
  };
  return {
    wake: () => next(busyMs),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
