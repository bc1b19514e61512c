import type { Announcer, Log } from '../../core/ports.ts';
import type { SearchState } from '../../ipc/contract/index.ts';
import { indexTotals } from '../../storage/repositories/passage-search.ts';
import { searchBacklog } from '../../storage/repositories/search-backlog.ts';
import type { Writer } from '../../storage/sql.ts';

/** Indexes what an older version indexed, in the background, a little at a time. */
export interface Reindex {
  /** Goes on where the last run ended. Returns at once. */
  start(): void;
  state(): SearchState;
  close(): void;
}

/** Passages of one transaction: some tens of milliseconds, between which everything else has its turn. */
const atOnce = 50;
const restMs = 20;

export function createReindex(ports: {
  readonly db: Writer;
  readonly log: Log;
  readonly announcer: Announcer;
}): Reindex {
  const { db, log, announcer } = ports;
  const backlog = searchBacklog(db);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isClosed = false;

  const step = (): void => {
    timer = undefined;
    try {
      if (backlog.step(atOnce)) next();
      else {
        log.info('documents.reindexed', {});
        announcer.push('documents.changed', { collectionId: null });
      }
    } catch (error) {
      // What is not indexed now is after the next start: the backlog keeps its place.
      log.warn('documents.reindex', { reason: error instanceof Error ? error.name : 'unknown' });
    }
  };
  const next = (): void => {
    if (!isClosed) timer = setTimeout(step, restMs);
  };

  return {
    start() {
      if (timer === undefined && backlog.progress() !== null) next();
    },
    state: () => ({
      indexing: backlog.progress(),
      vectors: 'none',
      model: null,
      done: 0,
      total: indexTotals(db).passages,
    }),
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
