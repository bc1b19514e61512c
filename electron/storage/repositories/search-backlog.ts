import { sql } from '../sql.ts';
import type { Writer } from '../sql.ts';

/** Passages that an older program indexed and this one's search does not find yet. */
export interface SearchBacklog {
  /** Passages of the whole backlog, and how many of them are done. Null when nothing is left. */
  progress(): { readonly done: number; readonly total: number } | null;
  /** Indexes up to `most` passages again, newest first, in one transaction. False when nothing is left. */
  step(most: number): boolean;
}

export function searchBacklog(db: Writer): SearchBacklog {
  const row = () =>
    db.get<{ upto: number; total: number }>(
      sql`SELECT upto, total FROM search_backlog WHERE id = 1`,
    );
  return {
    progress() {
      const found = row();
      if (found === undefined) return null;
      const left =
        db.get<{ count: number }>(
          sql`SELECT COUNT(*) AS count FROM passages WHERE rowid <= ${found.upto}`,
        )?.count ?? 0;
      return { done: Math.max(0, found.total - left), total: found.total };
    },
    step: (most) =>
      db.transaction(() => {
        const found = row();
        if (found === undefined) return false;
        const lowest = db.get<{ rowid: number }>(sql`SELECT MIN(rowid) AS rowid FROM
          (SELECT rowid FROM passages WHERE rowid <= ${found.upto} ORDER BY rowid DESC LIMIT ${most})`)?.rowid;
        if (lowest === undefined || lowest === null) {
          db.run(sql`DELETE FROM search_backlog`);
          return false;
        }
        // A passage written since may have taken a rowid that was free: it is indexed already and stays right.
        db.run(sql`INSERT OR REPLACE INTO passages_fts (rowid, heading, body, owner)
          SELECT p.rowid, index_text(p.heading, p.text),
            index_text(iif(p.lead = '', p.text, p.lead || char(10) || p.text), p.text),
            'd' || hex(p.document_id) || ' c' || hex(d.collection_id)
          FROM passages p JOIN documents d ON d.id = p.document_id
          WHERE p.rowid BETWEEN ${lowest} AND ${found.upto}`);
        db.run(sql`UPDATE search_backlog SET upto = ${lowest - 1}`);
        return true;
      }),
  };
}
