import { join } from 'node:path';
import type { DocumentFormat } from '../../ipc/contract/index.ts';
import type { Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** What is known of a collection's folder besides its documents. */
export interface WatchedFolder {
  readonly collectionId: string;
  readonly name: string;
  readonly folder: string;
  readonly paused: boolean;
  readonly rules: string;
  /** What lay at its path when it was last looked at; null before the first look. */
  readonly identity: string | null;
  readonly lookedAt: number | null;
  readonly awaySince: number | null;
}

/** A file as the system shows it, without reading it. Times in milliseconds, with parts of them where there are. */
export interface FileMarks {
  readonly bytes: number;
  readonly modifiedAt: number;
  readonly changedAt: number;
  readonly inode: string;
}

export interface KnownMarks extends FileMarks {
  /** False: the file was so young that a later change could have left the same marks. */
  readonly settled: boolean;
}

export interface WatchedRepository {
  folders(): WatchedFolder[];
  folder(collectionId: string): WatchedFolder | undefined;
  setPaused(collectionId: string, paused: boolean): void;
  setRules(collectionId: string, rules: string): void;
  /** The folder was looked at: it is there. */
  setSeen(collectionId: string, identity: string, at: number): void;
  setAway(collectionId: string, since: number): void;
  pausedAll(): boolean;
  setPausedAll(paused: boolean, at: number): void;

  marks(collectionId: string): Map<string, KnownMarks>;
  setMarks(documentId: string, marks: KnownMarks): void;
  /** After a crash: what was being read is still to be read. */
  putBack(collectionId: string): void;
  /** To be read, new or again. What was read before stays until then. */
  queue(documentId: string): void;
  /** The documents are now what lies at these paths. All or none: places may be exchanged. */
  move(
    moves: readonly { readonly id: string; readonly path: string; readonly name: string }[],
  ): void;
  /** The folder, and all documents below it, lie elsewhere from now on. */
  relocate(collectionId: string, to: string): void;
  /** Still to be read, in the order of their paths. */
  unread(
    collectionId: string,
  ): { id: string; name: string; path: string; format: DocumentFormat; bytes: number }[];
  /** Documents whose last reading failed, or was stopped before it began. */
  failed(collectionId: string): string[];
  /** Of those the ones that were stopped. */
  stopped(collectionId: string): string[];
  counts(collectionId: string): { readonly unread: number; readonly failed: number };
}

const columns = sql`c.id AS collectionId, c.name, c.folder, COALESCE(w.paused, 0) AS paused,
  COALESCE(w.rules, '') AS rules, w.identity, w.looked_at AS lookedAt, w.away_since AS awaySince
  FROM collections c LEFT JOIN watched_folders w ON w.collection_id = c.id WHERE c.folder IS NOT NULL`;

type FolderRow = Omit<WatchedFolder, 'paused'> & { readonly paused: number };
const toFolder = (row: FolderRow): WatchedFolder => ({ ...row, paused: row.paused !== 0 });

export function watchedRepository(db: Writer): WatchedRepository {
  const ensure = (id: string): void =>
    void db.run(sql`INSERT INTO watched_folders (collection_id) SELECT id FROM collections WHERE id = ${id}
      ON CONFLICT DO NOTHING`);
  return {
    folders: () =>
      db.all<FolderRow>(sql`SELECT ${columns} ORDER BY c.created_at, c.id`).map(toFolder),
    folder(id) {
      const row = db.get<FolderRow>(sql`SELECT ${columns} AND c.id = ${id}`);
      return row === undefined ? undefined : toFolder(row);
    },
    setPaused(id, paused) {
      ensure(id);
      db.run(
        sql`UPDATE watched_folders SET paused = ${paused ? 1 : 0} WHERE collection_id = ${id}`,
      );
    },
    setRules(id, rules) {
      ensure(id);
      db.run(sql`UPDATE watched_folders SET rules = ${rules} WHERE collection_id = ${id}`);
    },
    setSeen(id, identity, at) {
      ensure(id);
      db.run(sql`UPDATE watched_folders SET identity = ${identity}, looked_at = ${at}, away_since = NULL
        WHERE collection_id = ${id}`);
    },
    setAway(id, since) {
      ensure(id);
      db.run(sql`UPDATE watched_folders SET away_since = COALESCE(away_since, ${since})
        WHERE collection_id = ${id}`);
    },
    pausedAll: () => db.get(sql`SELECT 1 AS paused FROM watch_pause`) !== undefined,
    setPausedAll(paused, at) {
      db.run(
        paused
          ? sql`INSERT INTO watch_pause (id, since) VALUES (1, ${at}) ON CONFLICT DO NOTHING`
          : sql`DELETE FROM watch_pause`,
      );
    },

    marks(collectionId) {
      const rows = db.all<
        FileMarks & { id: string; settled: number }
      >(sql`SELECT f.document_id AS id,
          f.bytes, f.modified_at AS modifiedAt, f.changed_at AS changedAt, f.inode, f.settled
        FROM watched_files f JOIN documents d ON d.id = f.document_id
        WHERE d.collection_id = ${collectionId}`);
      return new Map(rows.map(({ id, ...row }) => [id, { ...row, settled: row.settled !== 0 }]));
    },
    setMarks(id, { bytes, modifiedAt, changedAt, inode, settled }) {
      db.run(sql`INSERT INTO watched_files (document_id, bytes, modified_at, changed_at, inode, settled)
        SELECT id, ${bytes}, ${modifiedAt}, ${changedAt}, ${inode}, ${settled ? 1 : 0}
          FROM documents WHERE id = ${id}
        ON CONFLICT (document_id) DO UPDATE SET bytes = excluded.bytes,
          modified_at = excluded.modified_at, changed_at = excluded.changed_at,
          inode = excluded.inode, settled = excluded.settled`);
    },
    putBack: (collectionId) =>
      void db.run(sql`UPDATE documents SET state = 'waiting'
        WHERE collection_id = ${collectionId} AND state = 'reading'`),
    queue: (id) =>
      void db.run(sql`UPDATE documents SET state = 'waiting', error = NULL WHERE id = ${id}`),
    move(moves) {
      db.transaction(() => {
        // A character that no path has keeps places apart that are about to be exchanged.
        for (const { id } of moves) {
          db.run(sql`UPDATE documents SET path = path || char(0) || id WHERE id = ${id}`);
        }
        for (const { id, path, name } of moves) {
          db.run(sql`UPDATE documents SET path = ${path}, name = ${name},
            state = CASE WHEN state = 'waiting' THEN 'ready' ELSE state END WHERE id = ${id}`);
        }
      });
    },
    relocate(collectionId, to) {
      db.transaction(() => {
        const from = db.get<{ folder: string }>(
          sql`SELECT folder FROM collections WHERE id = ${collectionId} AND folder IS NOT NULL`,
        );
        if (from === undefined) return;
        const below = join(from.folder, '/');
        // A character that no path begins with keeps places apart where one folder lies in the other.
        db.run(sql`UPDATE documents SET path = char(1) || path WHERE collection_id = ${collectionId}
          AND substr(path, 1, length(${below})) = ${below}`);
        db.run(sql`UPDATE documents SET path = ${join(to, '/')} || substr(path, length(${below}) + 2)
          WHERE collection_id = ${collectionId} AND substr(path, 1, 1) = char(1)`);
        db.run(sql`UPDATE collections SET folder = ${to} WHERE id = ${collectionId}`);
        db.run(sql`UPDATE watched_folders SET identity = NULL, away_since = NULL
          WHERE collection_id = ${collectionId}`);
      });
    },
    unread: (collectionId) =>
      db.all(sql`SELECT d.id, d.name, d.path, d.format, COALESCE(f.bytes, d.bytes) AS bytes
        FROM documents d LEFT JOIN watched_files f ON f.document_id = d.id
        WHERE d.collection_id = ${collectionId} AND d.state IN ('waiting', 'reading') ORDER BY d.path`),
    failed: (collectionId) =>
      db
        .all<{ id: string }>(
          sql`SELECT id FROM documents WHERE collection_id = ${collectionId}
            AND (state = 'stopped' OR error IS NOT NULL AND state IN ('ready', 'failed')) ORDER BY path`,
        )
        .map(({ id }) => id),
    stopped: (collectionId) =>
      db
        .all<{ id: string }>(
          sql`SELECT id FROM documents WHERE collection_id = ${collectionId} AND state = 'stopped' ORDER BY path`,
        )
        .map(({ id }) => id),
    counts: (collectionId) =>
      db.get<{ unread: number; failed: number }>(sql`SELECT
          COALESCE(SUM(state IN ('waiting', 'reading')), 0) AS unread,
          COALESCE(SUM(error IS NOT NULL AND state IN ('ready', 'failed')), 0) AS failed
        FROM documents WHERE collection_id = ${collectionId}`) ?? { unread: 0, failed: 0 },
  };
}
