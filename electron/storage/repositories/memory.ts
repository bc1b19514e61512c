import type { KvType, MemorySample, PredictionRecord } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

interface Row {
  at: number;
  model_id: string;
  pid: number;
  resident: number;
  proportional: number | null;
  private_bytes: number | null;
  swapped: number | null;
  footprint: number | null;
  commit_charge: number | null;
  weights: number;
  kv: number;
  recurrent: number;
  compute: number;
  output: number;
  checkpoints: number;
  process: number;
  untouched: number;
  vram: number | null;
}

const fromRow = (row: Row): MemorySample => ({
  at: row.at,
  modelId: row.model_id,
  pid: row.pid,
  resident: row.resident,
  proportional: row.proportional,
  privateBytes: row.private_bytes,
  swapped: row.swapped,
  footprint: row.footprint,
  commit: row.commit_charge,
  weights: row.weights,
  kv: row.kv,
  recurrent: row.recurrent,
  compute: row.compute,
  output: row.output,
  checkpoints: row.checkpoints,
  process: row.process,
  untouched: row.untouched,
  vram: row.vram,
});

export function insertSample(db: Writer, sample: MemorySample): void {
  db.run(
    sql`INSERT OR REPLACE INTO memory_samples
          (at, model_id, pid, resident, proportional, private_bytes, swapped, footprint, commit_charge,
           weights, kv, recurrent, compute, output, checkpoints, process, untouched, vram)
        VALUES (${sample.at}, ${sample.modelId}, ${sample.pid}, ${sample.resident},
                ${sample.proportional}, ${sample.privateBytes}, ${sample.swapped},
                ${sample.footprint}, ${sample.commit}, ${sample.weights}, ${sample.kv},
                ${sample.recurrent}, ${sample.compute}, ${sample.output}, ${sample.checkpoints},
                ${sample.process}, ${sample.untouched}, ${sample.vram})`,
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

/**
 * Drops what is older than `before` or younger than `after` (left behind by a clock that was set
 * back), and the oldest rows beyond `most`.
 */
export function dropSamples(db: Writer, before: number, most: number, after?: number): number {
  return db.transaction(() => {
    const old = db.run(
      sql`DELETE FROM memory_samples WHERE at < ${before} OR at > ${after ?? Number.MAX_SAFE_INTEGER}`,
    );
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

/** A prediction with what came of it, before it has an error. */
export interface StoredRun extends Omit<PredictionRecord, 'errorPercent'> {
  /** Resident memory of that process before it had a model. */
  readonly bare: number;
}

interface RunRow {
  at: number;
  model_id: string;
  model_name: string;
  context_size: number;
  sessions: number;
  kv_type: KvType;
  predicted: number;
  measured: number;
  bare: number;
}

/** More loads than anybody looks at; the oldest go. */
const keptRuns = 2000;

export function insertRun(db: Writer, machine: string, run: StoredRun): void {
  db.transaction(() => {
    db.run(
      sql`INSERT INTO memory_runs
            (at, machine, model_id, model_name, context_size, sessions, kv_type, predicted, measured, bare)
          VALUES (${run.at}, ${machine}, ${run.modelId}, ${run.modelName}, ${run.contextSize},
                  ${run.sessions}, ${run.kvType}, ${run.predicted}, ${run.measured}, ${run.bare})`,
    );
    db.run(
      sql`DELETE FROM memory_runs WHERE rowid <= (
            SELECT rowid FROM memory_runs ORDER BY rowid DESC LIMIT 1 OFFSET ${keptRuns})`,
    );
  });
}

/** What this machine has predicted and measured, newest first; of one model where given. */
export function listRuns(db: Reader, machine: string, modelId?: string): StoredRun[] {
  const one = modelId === undefined ? sql`` : sql`AND model_id = ${modelId}`;
  const rows = db.all<RunRow>(
    sql`SELECT * FROM memory_runs WHERE machine = ${machine} ${one} ORDER BY rowid DESC`,
  );
  return rows.map((row) => ({
    at: row.at,
    modelId: row.model_id,
    modelName: row.model_name,
    contextSize: row.context_size,
    sessions: row.sessions,
    kvType: row.kv_type,
    predicted: row.predicted,
    measured: row.measured,
    bare: row.bare,
  }));
}

/** The middle of what the last processes took on this machine before they had a model; null before the first. */
export function bareProcessBytes(db: Reader, machine: string): number | null {
  const rows = db.all<{ bare: number }>(
    sql`SELECT bare FROM memory_runs WHERE machine = ${machine} ORDER BY rowid DESC LIMIT 15`,
  );
  const sorted = rows.map(({ bare }) => bare).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
