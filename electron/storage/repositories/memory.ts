import type { MemorySample } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

interface Row {
  at: number;
  model_id: string;
  pid: number;
  resident: number;
  private_bytes: number | null;
  weights: number;
  kv: number;
  recurrent: number;
  compute: number;
  output: number;
  checkpoints: number;
}

const fromRow = (row: Row): MemorySample => ({
  at: row.at,
  modelId: row.model_id,
  pid: row.pid,
  resident: row.resident,
  privateBytes: row.private_bytes,
  weights: row.weights,
  kv: row.kv,
  recurrent: row.recurrent,
  compute: row.compute,
  output: row.output,
  checkpoints: row.checkpoints,
});

export function insertSample(db: Writer, sample: MemorySample): void {
  db.run(
    sql`INSERT OR REPLACE INTO memory_samples
          (at, model_id, pid, resident, private_bytes, weights, kv, recurrent, compute, output, checkpoints)
        VALUES (${sample.at}, ${sample.modelId}, ${sample.pid}, ${sample.resident},
                ${sample.privateBytes}, ${sample.weights}, ${sample.kv}, ${sample.recurrent},
                ${sample.compute}, ${sample.output}, ${sample.checkpoints})`,
  );
}

/** Samples at or after `since`, oldest first; of one model where given. */
export function listSamples(db: Reader, since: number, modelId?: string): MemorySample[] {
  const rows =
    modelId === undefined
      ? db.all<Row>(sql`SELECT * FROM memory_samples WHERE at >= ${since} ORDER BY at, model_id`)
      : db.all<Row>(
          sql`SELECT * FROM memory_samples WHERE model_id = ${modelId} AND at >= ${since} ORDER BY at`,
        );
  return rows.map(fromRow);
}

/** Between `from` (included) and `to`, keeps the first sample of each model in every `step`. All in ms. */
export function thinSamples(db: Writer, from: number, to: number, step: number): number {
  return db.run(
    sql`DELETE FROM memory_samples AS sample
        WHERE sample.at >= ${from} AND sample.at < ${to} AND EXISTS (
          SELECT 1 FROM memory_samples AS earlier
          WHERE earlier.model_id = sample.model_id AND earlier.at < sample.at
            AND earlier.at >= sample.at - (sample.at % ${step}) AND earlier.at >= ${from})`,
  );
}

/** Drops what is older than `before`, and the oldest rows beyond `most`. */
export function dropSamples(db: Writer, before: number, most: number): number {
  return db.transaction(() => {
    const old = db.run(sql`DELETE FROM memory_samples WHERE at < ${before}`);
    const count = db.get<{ n: number }>(sql`SELECT count(*) AS n FROM memory_samples`)?.n ?? 0;
    if (count <= most) return old;
    return (
      old +
      db.run(
        sql`DELETE FROM memory_samples WHERE (model_id, at) IN (
              SELECT model_id, at FROM memory_samples ORDER BY at LIMIT ${count - most})`,
      )
    );
  });
}

export function deleteSamplesOf(db: Writer, modelId: string): void {
  db.run(sql`DELETE FROM memory_samples WHERE model_id = ${modelId}`);
}
