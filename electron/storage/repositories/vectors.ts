import { sql } from '../sql.ts';
import type { Writer } from '../sql.ts';
import { passagesNamed } from './cited-passages.ts';
import type { PassageName } from './cited-passages.ts';

/** Bytes of a vector with what one step of them is worth. */
export interface PackedVector {
  readonly scale: number;
  readonly vector: Uint8Array;
}

/** A passage that has no vector yet, with all that one is made of. */
export interface DuePassage {
  readonly rowid: number;
  readonly id: string;
  readonly heading: string | null;
  readonly lead: string;
  readonly text: string;
}

export interface KeptVector extends PackedVector {
  readonly seq: number;
  readonly rowid: number;
}

export interface VectorModel {
  readonly id: number;
  readonly passages: number;
  readonly sameFrom: number | null;
  /** Vectors that there were when `sameFrom` was found out. */
  readonly sameAt: number | null;
}

export interface VectorsRepository {
  /** Of a fingerprint; undefined where nothing was ever made with it. */
  model(fingerprint: string): VectorModel | undefined;
  /** The same, noted where it is new: passages that another model could not read are tried again. */
  useModel(fingerprint: string): VectorModel;
  setSame(model: number, sameFrom: number): void;
  /** Removes up to `most` vectors of other models; their passages are due. False where none is left. */
  clearOthers(model: number, most: number): boolean;
  /**
   * Passages without a vector, newest first, below a rowid; none of folders that a person has paused. `next`: what to
   * go on below, null at the end. There may be more behind a part without any.
   */
  due(
    below: number,
    most: number,
  ): { readonly passages: DuePassage[]; readonly next: number | null };
  /** Whether any passage is due that was not given up. */
  anyDue(): boolean;
  /** Keeps vectors. A passage that went or changed since it was read stays as it is. @returns how many were kept */
  keep(
    model: number,
    vectors: readonly { readonly of: DuePassage; readonly packed: PackedVector }[],
  ): number;
  /** The passage was too much for the model, alone. */
  markFailed(rowid: number): void;
  /** Numbers of the vectors: the newest and the oldest; 0 where there are none. */
  bounds(): { readonly first: number; readonly last: number };
  /** Vectors newer than one, in the order in which they were made, with the document they belong to. */
  since(model: number, seq: number, most: number): (KeptVector & { readonly documentId: string })[];
  /** Up to so many vectors, chosen evenly from all that there are. */
  spread(model: number, most: number): KeptVector[];
  /** Those of the vectors that are there, in no order. */
  some(model: number, seqs: readonly number[]): KeptVector[];
  /** Numbers of vectors that went since the last time this was asked. */
  gone(): number[];
  /** Ids of those of some passages that have a vector. */
  having(model: number, names: readonly PassageName[]): Set<string>;
  /** Texts of some passages, chosen evenly from all that have a vector. */
  sample(model: number, most: number): string[];
}

/** Tries of a passage alone, after which it is left out: its model's process may not end three times (models/crashes.ts). */
const mostFailed = 1;
/** Passages that are looked at for what is due: a paused folder may have very many. */
const lookedAt = 256;

export function vectorsRepository(db: Writer): VectorsRepository {
  // On this connection only, in memory: whoever holds vectors in memory learns which ones are gone.
  db.run(sql`CREATE TEMP TABLE IF NOT EXISTS vectors_gone (seq INTEGER PRIMARY KEY)`);
  db.run(sql`CREATE TEMP TRIGGER IF NOT EXISTS vectors_go AFTER DELETE ON main.passage_vectors BEGIN
    INSERT OR IGNORE INTO vectors_gone (seq) VALUES (old.seq); END`);

  const model = (fingerprint: string): VectorModel | undefined =>
    db.get(sql`SELECT id, passages, same_from AS sameFrom, same_at AS sameAt
      FROM vector_models WHERE fingerprint = ${fingerprint}`);

  const bounds = (): { first: number; last: number } => ({
    first:
      db.get<{ seq: number | null }>(sql`SELECT MIN(seq) AS seq FROM passage_vectors`)?.seq ?? 0,
    last:
      db.get<{ seq: number | null }>(sql`SELECT MAX(seq) AS seq FROM passage_vectors`)?.seq ?? 0,
  });

  const spread = (of: number, most: number): KeptVector[] => {
    const { first, last } = bounds();
    const found = new Map<number, KeptVector>();
    const steps = Math.min(most, last - first + 1);
    for (let step = 0; step < steps; step += 1) {
      const seq = first + Math.floor(((last - first) * step) / Math.max(1, steps - 1));
      const each = db.get<KeptVector>(
        sql`SELECT seq, passage AS rowid, scale, vector FROM passage_vectors
          WHERE model = ${of} AND seq >= ${seq} ORDER BY seq LIMIT 1`,
      );
      if (each !== undefined) found.set(each.seq, each);
    }
    return [...found.values()];
  };

  return {
    model,
    useModel(fingerprint) {
      const known = model(fingerprint);
      if (known !== undefined) return known;
      return db.transaction(() => {
        db.run(sql`INSERT INTO vector_models (fingerprint) VALUES (${fingerprint})`);
        db.run(sql`UPDATE vectors_due SET failed = 0 WHERE failed > 0`);
        return model(fingerprint) as VectorModel;
      });
    },
    setSame: (id, sameFrom) =>
      void db.run(sql`UPDATE vector_models SET same_from = ${sameFrom}, same_at = passages
        WHERE id = ${id}`),
    clearOthers: (id, most) =>
      db.loose(() => {
        const others = db.get(sql`SELECT 1 AS some FROM vector_models
          WHERE id <> ${id} AND passages > 0 LIMIT 1`);
        if (others === undefined) {
          db.run(sql`DELETE FROM vector_models WHERE id <> ${id}`);
          return false;
        }
        // Older than those of the model in use, so they stand first.
        const old = db.all<{ seq: number; passage: number }>(
          sql`SELECT seq, passage FROM passage_vectors WHERE model <> ${id} ORDER BY seq LIMIT ${most}`,
        );
        for (const { seq, passage } of old) {
          db.run(sql`DELETE FROM passage_vectors WHERE seq = ${seq}`);
          db.run(sql`INSERT OR IGNORE INTO vectors_due (passage) VALUES (${passage})`);
        }
        return true;
      }),
    due(below, most) {
      if (db.get(sql`SELECT 1 AS paused FROM watch_pause`) !== undefined) {
        return { passages: [], next: null };
      }
      const part = sql`SELECT passage, failed FROM vectors_due WHERE passage < ${below}
        ORDER BY passage DESC LIMIT ${lookedAt}`;
      const end = db.get<{ passages: number; lowest: number | null }>(
        sql`SELECT COUNT(*) AS passages, MIN(passage) AS lowest FROM (${part})`,
      );
      const passages = db.all<DuePassage>(sql`SELECT p.rowid, p.id, p.heading, p.lead, p.text
        FROM (${part}) q JOIN passages p ON p.rowid = q.passage
          JOIN documents d ON d.id = p.document_id
        WHERE q.failed < ${mostFailed} AND NOT EXISTS (SELECT 1 FROM watched_folders w
            WHERE w.collection_id = d.collection_id AND w.paused = 1)
        ORDER BY q.passage DESC LIMIT ${most}`);
      if (passages.length === most) return { passages, next: passages.at(-1)?.rowid ?? null };
      const isEnd = (end?.passages ?? 0) < lookedAt;
      return { passages, next: isEnd ? null : (end?.lowest ?? null) };
    },
    anyDue: () =>
      db.get(sql`SELECT 1 AS due FROM vectors_due WHERE failed < ${mostFailed} LIMIT 1`) !==
      undefined,
    keep: (id, vectors) =>
      db.loose(() => {
        let kept = 0;
        for (const { of, packed } of vectors) {
          // Rowids are given again: the passage must be the one that was read.
          kept += db.run(sql`INSERT INTO passage_vectors (passage, model, scale, vector)
            SELECT p.rowid, m.id, ${packed.scale}, ${packed.vector}
            FROM passages p JOIN vectors_due q ON q.passage = p.rowid
              JOIN vector_models m ON m.id = ${id}
            WHERE p.rowid = ${of.rowid} AND p.id = ${of.id} AND p.heading IS ${of.heading}
              AND p.lead = ${of.lead}`);
        }
        return kept;
      }),
    markFailed: (rowid) =>
      void db.run(sql`UPDATE vectors_due SET failed = failed + 1 WHERE passage = ${rowid}`),
    bounds,
    since: (id, seq, most) =>
      db.all(sql`SELECT v.seq, v.passage AS rowid, v.scale, v.vector, p.document_id AS documentId
        FROM passage_vectors v JOIN passages p ON p.rowid = v.passage
        WHERE v.seq > ${seq} AND v.model = ${id} ORDER BY v.seq LIMIT ${most}`),
    spread,
    some: (id, seqs) =>
      db.all(sql`SELECT seq, passage AS rowid, scale, vector FROM passage_vectors
        WHERE seq IN (SELECT value FROM json_each(${JSON.stringify(seqs)})) AND model = ${id}`),
    gone() {
      const seqs = db.all<{ seq: number }>(sql`SELECT seq FROM vectors_gone`);
      if (seqs.length > 0) db.run(sql`DELETE FROM vectors_gone`);
      return seqs.map(({ seq }) => seq);
    },
    having: (id, names) =>
      new Set(
        db
          .all<{ id: string }>(
            sql`SELECT p.id FROM ${passagesNamed(names)} JOIN passage_vectors v ON v.passage = p.rowid
              WHERE v.model = ${id}`,
          )
          .map((row) => row.id),
      ),
    sample(id, most) {
      const rows = spread(id, most).map(({ rowid }) => rowid);
      return db
        .all<{ text: string }>(
          sql`SELECT text FROM passages
            WHERE rowid IN (SELECT value FROM json_each(${JSON.stringify(rows)})) ORDER BY rowid`,
        )
        .map(({ text }) => text);
    },
  };
}
