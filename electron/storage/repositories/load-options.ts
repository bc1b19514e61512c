import type { KvType, LoadOptions } from '../../ipc/contract/index.ts';
import { kvTypes } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

interface Row {
  context_size: number;
  sessions: number;
  kv_type: string;
}

/** What a model is loaded with when nothing else is asked for; null = the settings decide. */
export function getLoadOptions(db: Reader, modelId: string): LoadOptions | null {
  const row = db.get<Row>(sql`SELECT * FROM load_options WHERE model_id = ${modelId}`);
  // A type that this version does not know counts as not chosen.
  if (row === undefined || !kvTypes.includes(row.kv_type as KvType)) return null;
  return {
    contextSize: row.context_size,
    sessions: row.sessions,
    kvType: row.kv_type as KvType,
  };
}

export function setLoadOptions(db: Writer, modelId: string, options: LoadOptions): void {
  db.run(
    sql`INSERT INTO load_options (model_id, context_size, sessions, kv_type)
        VALUES (${modelId}, ${options.contextSize}, ${options.sessions}, ${options.kvType})
        ON CONFLICT (model_id) DO UPDATE SET
          context_size = excluded.context_size, sessions = excluded.sessions,
          kv_type = excluded.kv_type`,
  );
}

export function deleteLoadOptions(db: Writer, modelId: string): void {
  db.run(sql`DELETE FROM load_options WHERE model_id = ${modelId}`);
}
