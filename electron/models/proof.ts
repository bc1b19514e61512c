import { basename } from 'node:path';
import type { Clock } from '../core/ports.ts';
import type { ModelCameFrom, ModelProof, ProofPage, ProofStep } from '../ipc/contract/index.ts';
import type { StoredModel } from '../storage/repositories/models.ts';
import { getOrigin } from '../storage/repositories/origins.ts';
import { getProof, putProof } from '../storage/repositories/proofs.ts';
import type { StoredProof } from '../storage/repositories/proofs.ts';
import type { Writer } from '../storage/sql.ts';
import type { Catalog } from './catalog/catalog.ts';
import { expectedSigner, ibmSigners, readBundleText, verifyBundle } from './verify/index.ts';
import type { ExpectedSigner, TrustRoot, VerifiedBundle } from './verify/index.ts';

export interface Proofs {
  /** What the badge shows. */
  of(model: StoredModel): ModelProof;
  page(model: StoredModel): ProofPage;
  /**
   * Keeps the first hash of a file, and notices later ones. Bytes that nobody vouched for may be
   * exchanged, so then only a `recheck`, which was asked for, tells a change. A signature that came
   * with the file is checked as well.
   */
  hashed(model: StoredModel, sha256: string, recheck: boolean): Promise<void>;
  /**
   * Checks a signature file against the hash just taken of the model's file. What came from a
   * repository must carry that repository's signer, and no other.
   */
  signature(model: StoredModel, sha256: string, bundlePath: string): Promise<void>;
}

interface Pin {
  readonly repository: string;
  readonly revision: string | null;
}

/** Truth about files: keeps the level with the very bytes it was found for. */
export function createProofs(ports: {
  readonly db: Writer;
  readonly clock: Clock;
  readonly catalog: () => Promise<Catalog>;
  readonly trustRoot: () => Promise<TrustRoot>;
}): Proofs {
  const { db, clock } = ports;

  /** Where the catalogue pins these bytes. A hint, or a hash that was only computed, is no pin. */
  const pinOf = async (sha256: string): Promise<Pin | null> => {
    for (const { gguf } of (await ports.catalog()).models) {
      const isPinned = gguf?.files.some(
        (file) => file.sha256.status === 'pinned' && file.sha256.value === sha256,
      );
      if (gguf && isPinned) return { repository: gguf.repository, revision: gguf.revision };
    }
    return null;
  };

  const fresh = async (model: StoredModel, sha256: string): Promise<StoredProof> => {
    const pin = await pinOf(sha256);
    return {
      modelId: model.id,
      level: pin === null ? 'unverified' : 'hash',
      sha256,
      signer: null,
      repository: pin?.repository ?? null,
      revision: pin?.revision ?? null,
      refusal: null,
      steps: [],
      trustRootAt: null,
      checkedAt: clock.now(),
      foundSha256: null,
      changedSince: null,
    };
  };

  const of: Proofs['of'] = (model) => {
    const proof = getProof(db, model.id);
    const isChanged = proof !== undefined && proof.changedSince !== null;
    // While a file that was touched is hashed again, nothing is claimed of it.
    const isKnown = proof !== undefined && !isChanged && model.sha256 === proof.sha256;
    return {
      level: isKnown ? proof.level : 'unverified',
      signer: isKnown ? proof.signer : null,
      repository: isKnown ? proof.repository : null,
      checkedAt: proof?.checkedAt ?? null,
      refusal: proof?.refusal ?? null,
      changedSince: proof?.changedSince ?? null,
    };
  };

  const cameFrom = (modelId: string): ModelCameFrom | null => {
    const origin = getOrigin(db, modelId);
    if (origin === undefined) return null;
    const { signature, ...facts } = origin;
    const signer = facts.repository === null ? null : expectedSigner(facts.repository);
    return { ...facts, signer, hasSignature: signature !== null };
  };

  /** Who must have signed, why, and where that is told. */
  const expectation = (model: StoredModel, pinned: string | null) => {
    const origin = getOrigin(db, model.id);
    const repository = pinned ?? origin?.repository ?? null;
    const own = repository === null ? null : expectedSigner(repository);
    // Only what was fetched from a repository is surely of it: a folder may be called anything.
    const isSure = origin !== undefined && !origin.isHint && origin.repository !== null;
    const strict = isSure ? expectedSigner(origin.repository ?? '') : own;
    const from = isSure ? origin.repository : own === null ? null : repository;
    const expect: ExpectedSigner | readonly ExpectedSigner[] = strict ?? (isSure ? [] : ibmSigners);
    const note: Record<string, string> = {
      ...(from !== null && { repository: from }),
      ...(strict === null && {
        accepted: isSure ? 'nobody' : 'ibm',
      }),
    };
    return { expect, note };
  };

  const checkSignature = async (
    model: StoredModel,
    sha256: string,
    bundleText: string,
  ): Promise<void> => {
    const trustRoot = await ports.trustRoot();
    const base = await fresh(model, sha256);
    const { expect, note } = expectation(model, base.repository);
    const bundle = verifyBundle({ bundleText, trustRoot, expect });
    const steps: ProofStep[] = bundle.steps.map(({ id, result, facts }) => ({
      id,
      result,
      facts: id === 'signer' && result !== 'not-reached' ? { ...facts, ...note } : facts,
    }));
    const file = bundle.ok ? fileStep(bundle, sha256, basename(model.path)) : null;
    steps.push(file ?? { id: 'file', result: 'not-reached', facts: {} });
    const checked = { steps, trustRootAt: trustRoot.newestKeyAt, checkedAt: clock.now() };
    if (bundle.ok && file?.result === 'passed') {
      return putProof(db, { ...base, ...checked, level: 'signed', signer: bundle.signer });
    }
    const refusal = bundle.ok ? 'file-not-covered' : bundle.code;
    // A signature that says nothing takes nothing away: what was known of these bytes stands.
    const kept = getProof(db, model.id);
    const stands = kept !== undefined && (kept.sha256 === sha256 || kept.changedSince !== null);
    putProof(db, { ...(stands ? kept : base), ...checked, refusal });
  };

  const noteHash = async (model: StoredModel, sha256: string, recheck: boolean): Promise<void> => {
    const kept = getProof(db, model.id);
    if (kept === undefined) return putProof(db, await fresh(model, sha256));
    const checkedAt = clock.now();
    if (kept.sha256 === sha256) {
      return putProof(db, { ...kept, checkedAt, foundSha256: null, changedSince: null });
    }
    // Quarry's own copy is nobody's to exchange.
    const isOwn = model.origin === 'copied';
    const matters = kept.level !== 'unverified' || kept.changedSince !== null || recheck || isOwn;
    if (!matters) return putProof(db, await fresh(model, sha256));
    putProof(db, {
      ...kept,
      checkedAt,
      foundSha256: sha256,
      changedSince: kept.changedSince ?? checkedAt,
    });
  };

  return {
    of,
    page(model) {
      const kept = getProof(db, model.id);
      return {
        proof: of(model),
        cameFrom: cameFrom(model.id),
        sha256: model.sha256,
        expectedSha256: kept === undefined || kept.changedSince === null ? null : kept.sha256,
        revision: kept?.revision ?? null,
        steps: kept?.steps ?? [],
        trustRootAt: kept?.trustRootAt ?? null,
      };
    },
    async hashed(model, sha256, recheck) {
      await noteHash(model, sha256, recheck);
      const text = getOrigin(db, model.id)?.signature ?? null;
      const proof = getProof(db, model.id);
      // Of changed bytes the signature is known to say nothing; the change itself is the news.
      const isDue = proof?.changedSince === null && (recheck || proof.level !== 'signed');
      if (text !== null && isDue) await checkSignature(model, sha256, text);
    },
    async signature(model, sha256, bundlePath) {
      await checkSignature(model, sha256, await readBundleText(bundlePath));
    },
  };
}

/** The bytes count, not the name: a copy may be called anything. */
function fileStep(bundle: VerifiedBundle, sha256: string, name: string): ProofStep {
  const covered = bundle.resources.find((one) => one.sha256 === sha256);
  const facts = { sha256, 'files signed': String(bundle.resources.length) };
  if (covered !== undefined) {
    return { id: 'file', result: 'passed', facts: { ...facts, 'signed as': covered.name } };
  }
  const namesake = bundle.resources.find((one) => one.name === name);
  return {
    id: 'file',
    result: 'failed',
    facts: namesake ? { ...facts, 'signed under this name': namesake.sha256 } : facts,
  };
}
