import { join } from 'node:path';
import * as store from '../../storage/repositories/downloads.ts';
import type { StoredDownload } from '../../storage/repositories/downloads.ts';
import type { Reader } from '../../storage/sql.ts';
import type { DownloadFailure } from './faults.ts';
import { quarantinePath } from './job.ts';
import type { Job } from './job.ts';

export interface Download {
  readonly id: string;
  readonly subject: string;
  readonly url: string;
  readonly fileName: string;
  /** Where it will be, or is when `state` is done. */
  readonly path: string;
  /** 'waiting': active, but told to wait or without a connection. */
  readonly state: 'queued' | 'active' | 'waiting' | 'checking' | 'paused' | 'done' | 'failed';
  readonly bytes: number | null;
  readonly done: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
  readonly connections: number;
  readonly failure: DownloadFailure | null;
  /** A file with a wrong hash stands aside here; removed by cancel(). */
  readonly quarantine: string | null;
  readonly sha256: string | null;
  /** Bytes of all answers, also those thrown away. */
  readonly fetched: number;
  readonly startOvers: number;
  readonly createdAt: number;
  /** Of 'waiting': the fault it waits after, and when it is tried again (ms since 1970 UTC). */
  readonly wait: { readonly event: string; readonly until: number } | null;
}

export interface DownloadLogLine {
  readonly at: number;
  readonly event: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly text: string;
}

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
