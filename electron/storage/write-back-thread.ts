import BetterSqlite3 from 'better-sqlite3';
import { parentPort } from 'node:worker_threads';

export type WriteBackRequest =
  | {
      /** Path of the database. */
      readonly file: string;
    }
  | 'end';

interface Written {
  readonly busy: number;
  /** Pages in the log, and those of them that are in the file. */
  readonly log: number;
  readonly checkpointed: number;
}

/**
 * The thread of write-back.ts. PASSIVE waits for nobody and lets others read and write meanwhile. The connection is
 * opened for each time: one that stays open would keep the last one from putting the log away at a close.
 */
parentPort?.on('message', (request: WriteBackRequest) => {
  if (request === 'end') {
    parentPort?.close();
    return;
  }
  try {
    const database = new BetterSqlite3(request.file, { fileMustExist: true });
    try {
      const [written] = database.pragma('wal_checkpoint(PASSIVE)') as [Written];
      if (written.busy === 0 && written.log === written.checkpointed) beginLog(database);
    } finally {
      database.close();
    }
  } catch {
    // The log stays as it is: the next time, or SQLite itself behind its limit.
  }
  parentPort?.postMessage('done');
});

/**
 * Writes the first page of a new log: a log that is wholly in the file begins anew with the next commit, which waits
 * for the disk to hold the log's new head (sqlite.org/walformat.html), also where it waits for nothing else. Better
 * this thread than CORE's, with everybody behind it. The page is the file's first, as it was.
 */
function beginLog(database: BetterSqlite3.Database): void {
  database
    .transaction(() => {
      const version = database.pragma('user_version', { simple: true }) as number;
      database.pragma(`user_version = ${version}`);
    })
    .immediate();
}
