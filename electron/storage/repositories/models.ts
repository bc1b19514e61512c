import type { HashState, ModelHeader, ModelOrigin } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** A model as it is kept: what its file is and what its header says. */
export interface StoredModel {
  readonly id: string;
  readonly name: string;
  readonly origin: ModelOrigin;
  readonly path: string;
  readonly bytes: number;
  /** Modification time of the file when its header was read, ms since 1970. */
  readonly modifiedAt: number;
  readonly sha256: string | null;
  readonly hashState: HashState;
  readonly header: ModelHeader;
  readonly promptLimit: number | null;
  readonly addedAt: number;
}

interface Row {
  id: string;
  name: string;
  origin: ModelOrigin;
  path: string;
  bytes: number;
  modified_at: number;
  sha256: string | null;
  hash_state: HashState;
  header: string;
  prompt_limit: number | null;
  added_at: number;
}

const fromRow = (row: Row): StoredModel => ({
  id: row.id,
  name: row.name,
  origin: row.origin,
  path: row.path,
  bytes: row.bytes,
  modifiedAt: row.modified_at,
  sha256: row.sha256,
  hashState: row.hash_state,
  header: JSON.parse(row.header) as ModelHeader,
  promptLimit: row.prompt_limit,
  addedAt: row.added_at,
});

/** All models, oldest first. */
export function listModels(db: Reader): StoredModel[] {
  return db.all<Row>(sql`SELECT * FROM models ORDER BY added_at, id`).map(fromRow);
}

export function getModel(db: Reader, id: string): StoredModel | undefined {
  const row = db.get<Row>(sql`SELECT * FROM models WHERE id = ${id}`);
  return row && fromRow(row);
}

export function insertModel(db: Writer, model: StoredModel): void {
  db.run(
    sql`INSERT INTO models
          (id, name, origin, path, bytes, modified_at, sha256, hash_state, header, prompt_limit, added_at)
        VALUES (${model.id}, ${model.name}, ${model.origin}, ${model.path}, ${model.bytes},
                ${model.modifiedAt}, ${model.sha256}, ${model.hashState},
                ${JSON.stringify(model.header)}, ${model.promptLimit}, ${model.addedAt})`,
  );
}

/** The file at the model's place is another one now: its facts replace the old, the hash is due again. */
export function replaceModelFile(
  db: Writer,
  id: string,
  file: Pick<StoredModel, 'name' | 'path' | 'bytes' | 'modifiedAt' | 'header' | 'promptLimit'>,
): void {
  db.transaction(() => {
    db.run(
      sql`UPDATE models SET name = ${file.name}, path = ${file.path}, bytes = ${file.bytes},
            modified_at = ${file.modifiedAt}, header = ${JSON.stringify(file.header)},
            prompt_limit = ${file.promptLimit}, sha256 = NULL, hash_state = 'pending'
          WHERE id = ${id}`,
    );
    db.run(sql`DELETE FROM thread_timings WHERE model_id = ${id}`);
  });
}

/** Facts that this version reads of the same file and an older one did not. */
export function setModelHeader(db: Writer, id: string, header: ModelHeader): void {
  db.run(sql`UPDATE models SET header = ${JSON.stringify(header)} WHERE id = ${id}`);
}

/** Without a hash the one that is known stays: the file is only being read again. */
export function setModelHash(
  db: Writer,
  id: string,
  state: HashState,
  sha256?: string | null,
): void {
  if (sha256 === undefined) {
    db.run(sql`UPDATE models SET hash_state = ${state} WHERE id = ${id}`);
    return;
  }
  db.run(sql`UPDATE models SET hash_state = ${state}, sha256 = ${sha256} WHERE id = ${id}`);
}

export function deleteModel(db: Writer, id: string): void {
  db.run(sql`DELETE FROM models WHERE id = ${id}`);
}

/** Tokens of a prompt that are read at once with a model on a machine; undefined before its first load. */
export function getReadChunk(db: Reader, modelId: string, machine: string): number | undefined {
  return db.get<{ tokens: number }>(
    sql`SELECT tokens FROM read_chunks WHERE model_id = ${modelId} AND machine = ${machine}`,
  )?.tokens;
}

export function setReadChunk(db: Writer, modelId: string, machine: string, tokens: number): void {
  db.run(
    sql`INSERT INTO read_chunks (model_id, machine, tokens) VALUES (${modelId}, ${machine}, ${tokens})
        ON CONFLICT (model_id, machine) DO UPDATE SET tokens = excluded.tokens`,
  );
}

/** What each thread count took per token when they were measured; empty before. */
export function getThreadTimings(
  db: Reader,
  modelId: string,
  machine: string,
): readonly { readonly threads: number; readonly msPerToken: number }[] {
  const row = db.get<{ timings: string }>(
    sql`SELECT timings FROM thread_timings WHERE model_id = ${modelId} AND machine = ${machine}`,
  );
  return row === undefined ? [] : JSON.parse(row.timings);
}

/** The thread count that was fastest for a model on a machine; undefined before the first measurement. */
export function getThreads(db: Reader, modelId: string, machine: string): number | undefined {
  return db.get<{ threads: number }>(
    sql`SELECT threads FROM thread_timings WHERE model_id = ${modelId} AND machine = ${machine}`,
  )?.threads;
}

export function setThreads(
  db: Writer,
  modelId: string,
  machine: string,
  measured: { readonly threads: number; readonly timings: unknown; readonly at: number },
): void {
  db.run(
    sql`INSERT INTO thread_timings (model_id, machine, threads, timings, measured_at)
        VALUES (${modelId}, ${machine}, ${measured.threads}, ${JSON.stringify(measured.timings)},
                ${measured.at})
        ON CONFLICT (model_id, machine) DO UPDATE SET
          threads = excluded.threads, timings = excluded.timings, measured_at = excluded.measured_at`,
  );
}
