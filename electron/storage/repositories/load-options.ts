import type { KvType, LoadOptions } from '../../ipc/contract/index.ts';
import { kvTypes } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

interface Row {
  context_size: number;
  sessions: number;
  kv_type: string;
  threads: number | null;
  gpu_layers: number | null;
  flash_attention: number;
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
    ...(row.threads !== null && { threads: row.threads }),
    ...(row.gpu_layers !== null && { gpuLayers: row.gpu_layers }),
    ...(row.flash_attention === 0 && { flashAttention: false }),
  };
}

export function setLoadOptions(db: Writer, modelId: string, options: LoadOptions): void {
  const { threads = null, gpuLayers = null, flashAttention = true } = options;
  db.run(
    sql`INSERT INTO load_options
          (model_id, context_size, sessions, kv_type, threads, gpu_layers, flash_attention)
        VALUES (${modelId}, ${options.contextSize}, ${options.sessions}, ${options.kvType},
                ${threads}, ${gpuLayers}, ${flashAttention ? 1 : 0})
        ON CONFLICT (model_id) DO UPDATE SET
          context_size = excluded.context_size, sessions = excluded.sessions,
          kv_type = excluded.kv_type, threads = excluded.threads,
          gpu_layers = excluded.gpu_layers, flash_attention = excluded.flash_attention`,
  );
}

export function deleteLoadOptions(db: Writer, modelId: string): void {
  db.run(sql`DELETE FROM load_options WHERE model_id = ${modelId}`);
}
