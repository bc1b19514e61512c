import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** A file of the hub at a commit, as the hub described it once. */
export interface StoredHubFile {
  readonly repository: string;
  /** 40 hex digits. */
  readonly revision: string;
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Milliseconds since 1970 UTC. */
  readonly toldAt: number;
}

/** Newest first. */
export function listHubFiles(db: Reader): StoredHubFile[] {
  return db.all(
    sql`SELECT repository, revision, file, bytes, sha256, told_at AS toldAt FROM hub_files
        ORDER BY told_at DESC, repository, revision, file`,
  );
}

/** Keeps the first word about each file: at a commit there can be no other. */
export function rememberHubFiles(db: Writer, files: readonly StoredHubFile[]): void {
  db.transaction(() => {
    for (const { repository, revision, file, bytes, sha256, toldAt } of files) {
      db.run(
        sql`INSERT INTO hub_files (repository, revision, file, bytes, sha256, told_at)
            VALUES (${repository}, ${revision}, ${file}, ${bytes}, ${sha256}, ${toldAt})
            ON CONFLICT DO NOTHING`,
      );
    }
  });
}

/** The hub no longer knows that revision. */
export function forgetHubFiles(db: Writer, repository: string): void {
  db.run(sql`DELETE FROM hub_files WHERE repository = ${repository}`);
}
