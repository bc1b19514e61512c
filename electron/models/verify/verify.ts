import { X509Certificate } from 'node:crypto';
import type { BundleLatest } from '@sigstore/bundle';
import { VerificationError, Verifier, toSignedEntity } from '@sigstore/verify';
import type { SignedEntity } from '@sigstore/verify';
import type { RefusalCode } from '../../ipc/contract/index.ts';
import { parseBundle } from './bundle.ts';
import type { ExpectedSigner } from './identity.ts';
import { Refusal } from './refusal.ts';
import { readStatement } from './statement.ts';
import type { Resource } from './statement.ts';
import { createSteps } from './steps.ts';
import type { Step, StepId, Steps } from './steps.ts';
import type { TrustRoot } from './trust-root.ts';

export interface Signer extends ExpectedSigner {
  /** Earliest proven time, epoch ms. */
  readonly signedAt: number;
  /** Number of the entry in the public log. */
  readonly logIndex: number;
}

export interface VerifiedBundle {
  readonly ok: true;
  readonly signer: Signer;
  readonly modelName: string;
  readonly root: string;
  readonly resources: readonly Resource[];
  readonly ignorePaths: readonly string[];
  readonly steps: readonly Step[];
}

export interface RefusedBundle {
  readonly ok: false;
  readonly code: RefusalCode;
  readonly steps: readonly Step[];
}

export interface VerifyRequest {
  readonly bundleText: string;
  readonly trustRoot: TrustRoot;
  /** Who must have signed; of several, any one. Never empty. */
  readonly expect: ExpectedSigner | readonly ExpectedSigner[];
}

/**
 * Verifies a model-signing bundle offline and says how. Proves who signed which list of files, not
 * that a file is one of them: `verifyFiles` does that. Never throws for what the bundle holds.
 * Algorithm: sigstore/model-transparency, `verifying.py`; granite.md §3.4.
 */
export function verifyBundle(request: VerifyRequest): VerifiedBundle | RefusedBundle {
  const steps = createSteps();
  try {
    return { ok: true, ...check(request, steps), steps: steps.list() };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code } = error;
    return { ok: false, code, steps: steps.list() };
  }
}

function check({ bundleText, trustRoot, expect }: VerifyRequest, steps: Steps) {
  const expected = [expect].flat();
  const parsed = steps.run('structure', 'bundle-structure', () => parseBundle(bundleText));
  const { bundle } = parsed;
  const certificate = steps.run('authority', 'certificate-invalid', () =>
    checkAuthority(bundle, trustRoot, steps),
  );
  const entity = steps.run('time', 'timestamp-invalid', () => toSignedEntity(bundle));
  const times = steps.run('time', 'timestamp-invalid', () => provenTimes(entity, steps));
  const identity = checkCryptography(entity, trustRoot, certificate, times, steps);
  const signer = steps.run('signer', 'identity-mismatch', () => {
    const seen = { identity: identity.name ?? '', issuer: identity.issuer ?? '' };
    steps.note('signer', seen);
    checkSigner(seen, expected);
    return seen;
  });
  const statement = steps.run('statement', 'statement-structure', () =>
    readStatement(parsed.payloadType, parsed.payload),
  );
  steps.note('statement', {
    model: statement.modelName,
    files: String(statement.resources.length),
    root: statement.root,
  });
  return {
    signer: {
      ...signer,
      signedAt: Math.min(...times),
      logIndex: Number(bundle.verificationMaterial.tlogEntries[0]?.logIndex ?? 0),
    },
    ...statement,
  };
}

/** The library finds out the same by way of names; this gives a foreign trust root its own code. */
function checkAuthority(bundle: BundleLatest, root: TrustRoot, steps: Steps): X509Certificate {
  const { content } = bundle.verificationMaterial;
  if (content.$case !== 'certificate') throw new Refusal('bundle-structure');
  const certificate = new X509Certificate(content.certificate.rawBytes);
  steps.note('authority', {
    subject: certificate.subjectAltName ?? '',
    issuer: certificate.issuer.split('\n').join(', '),
    serial: certificate.serialNumber,
  });
  const issued = root.authorities.some((der) => {
    const authority = new X509Certificate(der);
    return certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  });
  if (!issued) throw new Refusal('authority-unknown');
  return certificate;
}

/** Times that the log or a timestamp authority vouches for; not yet verified. Epoch ms. */
function provenTimes(entity: SignedEntity, steps: Steps): number[] {
  const times: number[] = [];
  for (const one of entity.timestamps) {
    if (one.$case === 'timestamp-authority') {
      const at = one.timestamp.signingTime;
      steps.note('time', { 'timestamp authority': at.toISOString() });
      times.push(at.getTime());
    } else if (one.tlogEntry.inclusionPromise !== undefined) {
      // Without the log's signed promise its time is only a claim; the library skips it as well.
      const at = Number(one.tlogEntry.integratedTime) * 1000;
      steps.note('time', { 'public log': new Date(at).toISOString() });
      times.push(at);
    }
  }
  if (times.length === 0) throw new Refusal('timestamp-missing');
  return times;
}

/** In the order in which `Verifier.verify` works through them. */
const cryptographic: readonly StepId[] = ['time', 'certificate', 'log', 'signature'];

function checkCryptography(
  entity: SignedEntity,
  root: TrustRoot,
  certificate: X509Certificate,
  times: readonly number[],
  steps: Steps,
): { readonly name: string | undefined; readonly issuer: string | undefined } {
  const from = new Date(certificate.validFrom);
  const to = new Date(certificate.validTo);
  steps.note('certificate', { 'valid from': from.toISOString(), 'valid to': to.toISOString() });
  for (const entry of entity.tlogEntries) {
    steps.note('log', {
      entry: entry.logIndex,
      log: entry.logId.keyId.toString('hex'),
      'entered at': new Date(Number(entry.integratedTime) * 1000).toISOString(),
    });
  }
  try {
    const verifier = new Verifier(root.material, {
      ctlogThreshold: 1,
      tlogThreshold: 1,
      timestampThreshold: 1,
    });
    const { identity } = verifier.verify(entity);
    for (const id of cryptographic) steps.passed(id);
    return { name: identity?.subjectAlternativeName, issuer: identity?.extensions?.issuer };
  } catch (error) {
    const { step, code } = classify(error, entity, times, from, to);
    const refusal = new Refusal(code);
    for (const id of cryptographic.slice(0, cryptographic.indexOf(step))) steps.passed(id);
    steps.failed(step, refusal);
    throw refusal;
  }
}

function classify(
  error: unknown,
  entity: SignedEntity,
  times: readonly number[],
  from: Date,
  to: Date,
): { readonly step: StepId; readonly code: RefusalCode } {
  // Anything else is a value the library could not read, somewhere; the signature was not shown to hold.
  if (!(error instanceof VerificationError))
    return { step: 'signature', code: 'signature-invalid' };
  const code: string = error.code;
  if (code === 'TIMESTAMP_ERROR') return { step: 'time', code: 'timestamp-invalid' };
  if (code === 'CERTIFICATE_ERROR') {
    if (times.some((at) => at < from.getTime())) {
      return { step: 'certificate', code: 'certificate-not-yet-valid' };
    }
    if (times.some((at) => at > to.getTime())) {
      return { step: 'certificate', code: 'certificate-expired' };
    }
    if (/expected \d+ SCTs/.test(error.message))
      return { step: 'certificate', code: 'sct-missing' };
    if (error.message.includes('SCT')) return { step: 'certificate', code: 'sct-invalid' };
    return { step: 'certificate', code: 'certificate-invalid' };
  }
  if (entity.tlogEntries.length === 0) return { step: 'log', code: 'log-entry-missing' };
  if (code === 'TLOG_BODY_ERROR') return { step: 'log', code: 'log-entry-mismatch' };
  if (code.startsWith('TLOG_')) return { step: 'log', code: 'log-entry-invalid' };
  return { step: 'signature', code: 'signature-invalid' };
}

/** Equality, not the library's pattern match: that one is not anchored and accepts impostors. */
function checkSigner(seen: ExpectedSigner, expected: readonly ExpectedSigner[]): void {
  if (expected.length === 0) throw new Refusal('signer-not-known');
  const sameName = expected.filter((one) => one.identity === seen.identity);
  if (seen.identity === '' || sameName.length === 0) {
    throw new Refusal('identity-mismatch', {
      expected: expected.map((one) => one.identity).join(' or '),
    });
  }
  if (!sameName.some((one) => one.issuer === seen.issuer)) {
    throw new Refusal('issuer-mismatch', {
      expected: sameName.map((one) => one.issuer).join(' or '),
    });
  }
}
