import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** The row about the library itself. */
export interface StoredLibrary {
  readonly id: string;
  /** null = in the profile. */
  readonly folder: string | null;
  readonly movingTo: string | null;
}

/** Files at an old place that are still to be deleted. */
export interface Leavings {
  readonly folder: string;
  readonly names: readonly string[];
}

export function getLibrary(db: Reader): StoredLibrary | undefined {
  return db.get(sql`SELECT id, folder, moving_to AS movingTo FROM library`);
}

export function insertLibrary(db: Writer, id: string): void {
  db.run(sql`INSERT INTO library (one, id) VALUES (1, ${id})`);
}

export function setMovingTo(db: Writer, folder: string | null): void {
  db.run(sql`UPDATE library SET moving_to = ${folder}`);
}

/** The one moment in which a move happens: every path, the place, and what is left to delete. */
export function switchLibrary(
  db: Writer,
  to: {
    readonly folder: string | null;
    readonly at: string;
    readonly models: readonly {
      readonly id: string;
      readonly path: string;
      readonly modifiedAt: number;
    }[];
    readonly leavings: Leavings;
  },
): void {
  db.transaction(() => {
    for (const { id, path, modifiedAt } of to.models) {
      db.run(sql`UPDATE models SET path = ${path}, modified_at = ${modifiedAt} WHERE id = ${id}`);
    }
    db.run(sql`UPDATE library SET folder = ${to.folder}, moving_to = NULL`);
    db.run(sql`DELETE FROM library_leavings WHERE folder = ${to.at}`);
    const { folder, names } = to.leavings;
    db.run(
      sql`INSERT INTO library_leavings (folder, names) VALUES (${folder}, ${JSON.stringify(names)})
          ON CONFLICT (folder) DO UPDATE SET names = excluded.names`,
    );
  });
}

export function listLeavings(db: Reader): Leavings[] {
  return db
    .all<{ folder: string; names: string }>(sql`SELECT folder, names FROM library_leavings`)
    .map(({ folder, names }) => ({ folder, names: JSON.parse(names) as string[] }));
}

export function deleteLeavings(db: Writer, folder: string): void {
  db.run(sql`DELETE FROM library_leavings WHERE folder = ${folder}`);
}
