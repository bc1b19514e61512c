import type { ProofLevel, ProofSigner, ProofStep } from '../../ipc/contract/index.ts';
import type { Reader, Writer } from '../sql.ts';
import { sql } from '../sql.ts';

export interface StoredProof {
  readonly modelId: string;
  /** Of the bytes with this sha256, and of no others. */
  readonly level: ProofLevel;
  readonly sha256: string;
  readonly signer: ProofSigner | null;
  readonly repository: string | null;
  readonly revision: string | null;
  /** Of the signature that was checked last. */
  readonly refusal: string | null;
  readonly steps: readonly ProofStep[];
  readonly trustRootAt: number | null;
  readonly checkedAt: number;
  /** Both set while the file holds other bytes. */
  readonly foundSha256: string | null;
  readonly changedSince: number | null;
}

interface Row {
  model_id: string;
  level: ProofLevel;
  sha256: string;
  identity: string | null;
  issuer: string | null;
  signed_at: number | null;
  log_index: number | null;
  repository: string | null;
  revision: string | null;
  refusal: string | null;
  steps: string;
  trust_root_at: number | null;
  checked_at: number;
  found_sha256: string | null;
  changed_since: number | null;
}

export function getProof(db: Reader, modelId: string): StoredProof | undefined {
  const row = db.get<Row>(sql`SELECT * FROM model_proofs WHERE model_id = ${modelId}`);
  if (row === undefined) return undefined;
  return {
    modelId: row.model_id,
    level: row.level,
    sha256: row.sha256,
    signer:
      row.identity === null
        ? null
        : {
            identity: row.identity,
            issuer: row.issuer ?? '',
            signedAt: row.signed_at ?? 0,
            logIndex: row.log_index ?? 0,
          },
    repository: row.repository,
    revision: row.revision,
    refusal: row.refusal,
    steps: JSON.parse(row.steps) as ProofStep[],
    trustRootAt: row.trust_root_at,
    checkedAt: row.checked_at,
    foundSha256: row.found_sha256,
    changedSince: row.changed_since,
  };
}

/** Replaces what was kept of the model. Nothing is kept of a model that is gone by now. */
export function putProof(db: Writer, proof: StoredProof): void {
  const { signer } = proof;
  db.run(
    sql`INSERT OR REPLACE INTO model_proofs
          (model_id, level, sha256, identity, issuer, signed_at, log_index, repository, revision,
           refusal, steps, trust_root_at, checked_at, found_sha256, changed_since)
        SELECT id, ${proof.level}, ${proof.sha256}, ${signer?.identity ?? null},
               ${signer?.issuer ?? null}, ${signer?.signedAt ?? null}, ${signer?.logIndex ?? null},
               ${proof.repository}, ${proof.revision}, ${proof.refusal},
               ${JSON.stringify(proof.steps)}, ${proof.trustRootAt}, ${proof.checkedAt},
               ${proof.foundSha256}, ${proof.changedSince}
        FROM models WHERE id = ${proof.modelId}`,
  );
}
