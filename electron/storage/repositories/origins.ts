import type { ModelCameFrom } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

/** Where a file came from, with the signature that lay beside it. */
export interface StoredOrigin extends Omit<ModelCameFrom, 'signer' | 'hasSignature'> {
  /** Text of the model.sig. */
  readonly signature: string | null;
}

interface Row extends Omit<StoredOrigin, 'isHint'> {
  readonly isHint: number;
}

export function getOrigin(db: Reader, modelId: string): StoredOrigin | undefined {
  const row = db.get<Row>(
    sql`SELECT source, tool, repository, revision, file, url, is_hint AS isHint, signature, at
        FROM model_origins WHERE model_id = ${modelId}`,
  );
  return row && { ...row, isHint: row.isHint === 1 };
}

export function putOrigin(db: Writer, modelId: string, origin: StoredOrigin): void {
  db.run(
    sql`INSERT OR REPLACE INTO model_origins
          (model_id, source, tool, repository, revision, file, url, is_hint, signature, at)
        VALUES (${modelId}, ${origin.source}, ${origin.tool}, ${origin.repository},
                ${origin.revision}, ${origin.file}, ${origin.url}, ${origin.isHint ? 1 : 0},
                ${origin.signature}, ${origin.at})`,
  );
}

export function getDownloadOrigin(db: Reader, downloadId: string): StoredOrigin | undefined {
  const row = db.get<Row>(
    sql`SELECT source, NULL AS tool, repository, revision, file, url, 0 AS isHint, signature, at
        FROM download_origins WHERE download_id = ${downloadId}`,
  );
  return row && { ...row, isHint: false };
}

/** Of a download that is gone by now nothing is kept. */
export function putDownloadOrigin(db: Writer, downloadId: string, origin: StoredOrigin): void {
  db.run(
    sql`INSERT OR REPLACE INTO download_origins
          (download_id, source, repository, revision, file, url, signature, at)
        SELECT id, ${origin.source}, ${origin.repository}, ${origin.revision}, ${origin.file},
               ${origin.url}, ${origin.signature}, ${origin.at}
        FROM downloads WHERE id = ${downloadId}`,
  );
}
