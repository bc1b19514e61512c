import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

export type StoredDownloadState = 'queued' | 'active' | 'paused' | 'finishing' | 'done' | 'failed';

/** Bytes [start, end) of a file. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

export interface StoredDownload {
  readonly id: string;
  readonly subject: string;
  /** Where it was asked for; never a signed address. */
  readonly url: string;
  readonly fileName: string;
  readonly sha256: string | null;
  readonly bytes: number | null;
  readonly expectedEtag: string | null;
  readonly linkedEtag: string | null;
  readonly etag: string | null;
  readonly state: StoredDownloadState;
  readonly pass: number;
  readonly failure: string | null;
  readonly fetched: number;
  readonly startOvers: number;
  readonly createdAt: number;
}

const columns = sql`id, subject, url, file_name AS fileName, sha256, bytes,
  expected_etag AS expectedEtag, linked_etag AS linkedEtag, etag, state, pass, failure, fetched,
  start_overs AS startOvers, created_at AS createdAt`;

/** In their turn: by place, then oldest first. */
export function listDownloads(db: Reader): StoredDownload[] {
  return db.all(sql`SELECT ${columns} FROM downloads ORDER BY place, created_at, id`);
}

/** Before all others. */
export function moveDownloadFirst(db: Writer, id: string): void {
  db.run(sql`UPDATE downloads SET place = (SELECT min(place) FROM downloads) - 1 WHERE id = ${id}`);
}

export function getDownload(db: Reader, id: string): StoredDownload | undefined {
  return db.get(sql`SELECT ${columns} FROM downloads WHERE id = ${id}`);
}

export function insertDownload(
  db: Writer,
  row: Pick<
    StoredDownload,
    'id' | 'subject' | 'url' | 'fileName' | 'sha256' | 'bytes' | 'expectedEtag' | 'createdAt'
  >,
): void {
  db.run(
    sql`INSERT INTO downloads
          (id, subject, url, file_name, sha256, bytes, expected_etag, state, created_at, updated_at)
        VALUES (${row.id}, ${row.subject}, ${row.url}, ${row.fileName}, ${row.sha256}, ${row.bytes},
                ${row.expectedEtag}, 'queued', ${row.createdAt}, ${row.createdAt})`,
  );
}

export function setDownloadState(
  db: Writer,
  id: string,
  state: StoredDownloadState,
  at: number,
  failure: string | null = null,
): void {
  db.run(
    sql`UPDATE downloads SET state = ${state}, failure = ${failure}, updated_at = ${at}
        WHERE id = ${id}`,
  );
}

/** What the server told about the file; undefined leaves a value as it is. */
export function setDownloadIdentity(
  db: Writer,
  id: string,
  known: Pick<StoredDownload, 'bytes' | 'linkedEtag' | 'etag'>,
): void {
  db.run(
    sql`UPDATE downloads SET bytes = ${known.bytes}, linked_etag = ${known.linkedEtag},
          etag = ${known.etag} WHERE id = ${id}`,
  );
}

/** Which bytes are safe on disk now, and how many ever came. */
export function saveDownloadProgress(
  db: Writer,
  id: string,
  progress: { readonly spans: readonly ByteSpan[]; readonly fetched: number; readonly at: number },
): void {
  db.transaction(() => {
    db.run(sql`DELETE FROM download_ranges WHERE download_id = ${id}`);
    for (const { start, end } of progress.spans) {
      db.run(
        sql`INSERT INTO download_ranges (download_id, start, "end") VALUES (${id}, ${start}, ${end})`,
      );
    }
    db.run(
      sql`UPDATE downloads SET fetched = ${progress.fetched}, updated_at = ${progress.at}
          WHERE id = ${id}`,
    );
  });
}

/** Forgets what was fetched: the file is another one now (`startOver`), or is checked again (pass 2). */
export function resetDownload(
  db: Writer,
  id: string,
  next: { readonly pass: number; readonly startOver: boolean },
): void {
  db.transaction(() => {
    db.run(sql`DELETE FROM download_ranges WHERE download_id = ${id}`);
    db.run(
      sql`UPDATE downloads SET pass = ${next.pass}, start_overs = start_overs + ${next.startOver ? 1 : 0}
          WHERE id = ${id}`,
    );
  });
}

/** In order, not overlapping. */
export function listDownloadSpans(db: Reader, id: string): ByteSpan[] {
  return db.all(
    sql`SELECT start, "end" FROM download_ranges WHERE download_id = ${id} ORDER BY start`,
  );
}

/** With its log and its ranges. */
export function deleteDownload(db: Writer, id: string): void {
  db.run(sql`DELETE FROM downloads WHERE id = ${id}`);
}

export interface StoredLogLine {
  readonly at: number;
  readonly event: string;
  readonly facts: Readonly<Record<string, string | number>>;
}

/** A log keeps its newest `keep` lines: a bad line must not fill the database. */
export function addDownloadLog(db: Writer, id: string, line: StoredLogLine, keep: number): void {
  db.transaction(() => {
    db.run(
      sql`INSERT INTO download_log (download_id, at, event, facts)
          VALUES (${id}, ${line.at}, ${line.event}, ${JSON.stringify(line.facts)})`,
    );
    db.run(
      sql`DELETE FROM download_log WHERE download_id = ${id} AND rowid <= (
            SELECT rowid FROM download_log WHERE download_id = ${id}
            ORDER BY rowid DESC LIMIT 1 OFFSET ${keep})`,
    );
  });
}

/** Oldest first. */
export function listDownloadLog(db: Reader, id: string): StoredLogLine[] {
  return db
    .all<{ at: number; event: string; facts: string }>(
      sql`SELECT at, event, facts FROM download_log WHERE download_id = ${id} ORDER BY rowid`,
    )
    .map((row) => ({
      at: row.at,
      event: row.event,
      facts: JSON.parse(row.facts) as StoredLogLine['facts'],
    }));
}
