import BetterSqlite3 from 'better-sqlite3';
import { parentPort } from 'node:worker_threads';

export interface WriteBackRequest {
  /** Path of the database. */
  readonly file: string;
}

/**
 * The thread of write-back.ts. PASSIVE waits for nobody and lets others read and write meanwhile. The connection is
 * opened for each time: one that stays open would keep the last one from putting the log away at a close.
 */
parentPort?.on('message', ({ file }: WriteBackRequest) => {
  try {
    const database = new BetterSqlite3(file, { fileMustExist: true });
    try {
      database.pragma('wal_checkpoint(PASSIVE)');
    } finally {
      database.close();
    }
  } catch {
    // The log stays as it is: the next time, or SQLite itself behind its limit.
  }
  parentPort?.postMessage('done');
});
