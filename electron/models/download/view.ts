import { join } from 'node:path';
import * as store from '../../storage/repositories/downloads.ts';
import type { StoredDownload } from '../../storage/repositories/downloads.ts';
import type { Reader } from '../../storage/sql.ts';
import type { DownloadFailure } from './faults.ts';
import { quarantinePath } from './job.ts';
import type { Job } from './job.ts';
import type { Download } from './types.ts';

/** A row and what its job knows, as others see it. */
export function viewOf(
  db: Reader,
  folder: string,
  row: StoredDownload,
  job: Job | undefined,
  isHeld: boolean,
): Download {
  const live = job?.live();
  const done =
    live?.done ??
    (row.state === 'done'
      ? (row.bytes ?? 0)
      : store.listDownloadSpans(db, row.id).reduce((sum, { start, end }) => sum + end - start, 0));
  const rate = live?.rate ?? 0;
  const stored = isHeld ? 'paused' : row.state === 'finishing' ? 'checking' : row.state;
  return {
    id: row.id,
    subject: row.subject,
    url: row.url,
    fileName: row.fileName,
    path: join(folder, row.fileName),
    state: stored === 'active' ? (live?.phase ?? 'active') : stored,
    bytes: row.bytes,
    done,
    bytesPerSecond: rate,
    secondsLeft: rate > 0 && row.bytes !== null ? Math.ceil((row.bytes - done) / rate) : null,
    connections: live?.connections ?? 0,
    failure: row.failure as DownloadFailure | null,
    quarantine: row.pass === 2 && row.state !== 'done' ? quarantinePath(folder, row) : null,
    sha256: row.sha256,
    fetched: live?.fetched ?? row.fetched,
    startOvers: row.startOvers,
    createdAt: row.createdAt,
    wait: stored === 'active' ? (live?.wait ?? null) : null,
  };
}
