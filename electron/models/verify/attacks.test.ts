import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { createNotary, granite } from './bundle.fixture.ts';
import type { Notary } from './bundle.fixture.ts';
import { maxBundleBytes } from './bundle.ts';
import { expectedSigner } from './identity.ts';
import type { ExpectedSigner } from './identity.ts';
import type { RefusalCode } from '../../ipc/contract/index.ts';
import { loadTrustRoot, trustRootFrom } from './trust-root.ts';
import type { TrustRoot } from './trust-root.ts';
import { verifyBundle } from './verify.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const real = readFileSync(join(root, 'test/signatures/granite-4.0-h-tiny.model.sig.json'), 'utf8');
const upstream = readFileSync(
  join(root, 'test/signatures/mt-v1.1.0-sigstore.model.sig.json'),
  'utf8',
);
const chain = readFileSync(
  join(root, 'test/signatures/mt-v1.1.0-certificate.model.sig.json'),
  'utf8',
);
const tiny = expectedSigner('ibm-granite/granite-4.0-h-tiny') as ExpectedSigner;

let sigstore: TrustRoot;
let notary: Notary;
let stranger: Notary;
let own: string;
beforeAll(async () => {
  sigstore = await loadTrustRoot(join(root, 'resources/trust/trusted_root.json'));
  [notary, stranger] = await Promise.all([createNotary(), createNotary()]);
  own = await notary.make();
});

const checkReal = (bundleText: string, expect: ExpectedSigner = tiny) =>
  verifyBundle({ bundleText, trustRoot: sigstore, expect });
const checkOwn = (bundleText: string, expect: ExpectedSigner = granite) =>
  verifyBundle({ bundleText, trustRoot: notary.trustRoot, expect });
const codeOf = (result: ReturnType<typeof verifyBundle>): RefusalCode | 'accepted' =>
  result.ok ? 'accepted' : result.code;

type Loose = Record<string, any>; // eslint-disable-line @typescript-eslint/no-explicit-any
/** The text of a bundle with something changed in it. */
function changed(text: string, change: (bundle: Loose) => void): string {
  const bundle = JSON.parse(text) as Loose;
  change(bundle);
  return JSON.stringify(bundle);
}
const entryOf = (bundle: Loose): Loose =>
  (bundle['verificationMaterial'] as Loose)['tlogEntries'][0] as Loose;
function withPayload(text: string, change: (statement: Loose) => void): string {
  return changed(text, (bundle) => {
    const statement = JSON.parse(
      Buffer.from(bundle['dsseEnvelope'].payload as string, 'base64').toString(),
    ) as Loose;
    change(statement);
    bundle['dsseEnvelope'].payload = Buffer.from(JSON.stringify(statement)).toString('base64');
  });
}
function flip(base64: string, at = 10): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes.toString('base64');
}

describe('the real bundle, changed after signing', () => {
  const attacks: Readonly<Record<string, readonly [RefusalCode, () => string]>> = {
    'one resource digest': [
      'log-entry-mismatch',
      () => withPayload(real, (s) => (s['predicate'].resources[3].digest = 'a'.repeat(64))),
    ],
    'the root digest': [
      'log-entry-mismatch',
      () => withPayload(real, (s) => (s['subject'][0].digest.sha256 = 'b'.repeat(64))),
    ],
    'resources in another order': [
      'log-entry-mismatch',
      () => withPayload(real, (s) => s['predicate'].resources.reverse()),
    ],
    'the payload type': [
      'signature-invalid',
      () => changed(real, (b) => (b['dsseEnvelope'].payloadType = 'text/plain')),
    ],
    'the signature': [
      'timestamp-invalid',
      () =>
        changed(
          real,
          (b) =>
            (b['dsseEnvelope'].signatures[0].sig = flip(
              b['dsseEnvelope'].signatures[0].sig as string,
              20,
            )),
        ),
    ],
    'payload and signature of another model': [
      'timestamp-invalid',
      () =>
        changed(real, (b) => (b['dsseEnvelope'] = (JSON.parse(upstream) as Loose)['dsseEnvelope'])),
    ],
    'the certificate of another signer': [
      'certificate-expired',
      () =>
        changed(
          real,
          (b) =>
            (b['verificationMaterial'].certificate = (JSON.parse(upstream) as Loose)[
              'verificationMaterial'
            ].certificate),
        ),
    ],
    'one byte of the certificate': [
      'authority-unknown',
      () =>
        changed(
          real,
          (b) =>
            (b['verificationMaterial'].certificate.rawBytes = flip(
              b['verificationMaterial'].certificate.rawBytes as string,
              150,
            )),
        ),
    ],
    'the log entry of another model': [
      'certificate-not-yet-valid',
      () =>
        changed(
          real,
          (b) =>
            (b['verificationMaterial'].tlogEntries = (JSON.parse(upstream) as Loose)[
              'verificationMaterial'
            ].tlogEntries),
        ),
    ],
    'no log entry': [
      'log-entry-missing',
      () => changed(real, (b) => (b['verificationMaterial'].tlogEntries = [])),
    ],
    'the time the log gives': [
      'log-entry-invalid',
      () =>
        changed(
          real,
          (b) => (entryOf(b)['integratedTime'] = String(Number(entryOf(b)['integratedTime']) + 1)),
        ),
    ],
    'the root in the log’s checkpoint': [
      'log-entry-invalid',
      () =>
        changed(real, (b) => {
          const { checkpoint } = entryOf(b)['inclusionProof'] as Loose;
          const lines = (checkpoint.envelope as string).split('\n');
          lines[2] = flip(lines[2] ?? '');
          checkpoint.envelope = lines.join('\n');
        }),
    ],
    'a step of the proof of inclusion': [
      'log-entry-invalid',
      () =>
        changed(
          real,
          (b) =>
            (entryOf(b)['inclusionProof'].hashes[0] = flip(
              entryOf(b)['inclusionProof'].hashes[0] as string,
            )),
        ),
    ],
    'the same log entry twice': [
      'timestamp-invalid',
      () => changed(real, (b) => b['verificationMaterial'].tlogEntries.push(entryOf(b))),
    ],
    'no proof of inclusion': [
      'bundle-structure',
      () => changed(real, (b) => delete entryOf(b)['inclusionProof']),
    ],
    'no proof of when': [
      'timestamp-missing',
      () =>
        changed(real, (b) => {
          delete b['verificationMaterial'].timestampVerificationData;
          delete entryOf(b)['inclusionPromise'];
        }),
    ],
    'the timestamp of another model': [
      'timestamp-invalid',
      () =>
        changed(
          real,
          (b) =>
            (b['verificationMaterial'].timestampVerificationData = (JSON.parse(upstream) as Loose)[
              'verificationMaterial'
            ].timestampVerificationData),
        ),
    ],
    'an earlier version of the format': [
      'bundle-version',
      () =>
        changed(
          real,
          (b) => (b['mediaType'] = 'application/vnd.dev.sigstore.bundle+json;version=0.1'),
        ),
    ],
    'two signatures': [
      'bundle-signature-count',
      () =>
        changed(real, (b) => b['dsseEnvelope'].signatures.push(b['dsseEnvelope'].signatures[0])),
    ],
    'no signature': [
      'bundle-signature-count',
      () => changed(real, (b) => (b['dsseEnvelope'].signatures = [])),
    ],
    'no envelope': ['bundle-no-envelope', () => changed(real, (b) => delete b['dsseEnvelope'])],
    'no certificate': [
      'bundle-structure',
      () => changed(real, (b) => delete b['verificationMaterial'].certificate),
    ],
    'a bare key instead of a certificate': [
      'method-key',
      () =>
        changed(real, (b) => {
          delete b['verificationMaterial'].certificate;
          b['verificationMaterial'].publicKey = { hint: 'ab'.repeat(32) };
        }),
    ],
    'a private certificate (upstream vector)': ['method-certificate', () => chain],
    'cut short': ['bundle-not-json', () => real.slice(0, -200)],
    empty: ['bundle-not-json', () => ''],
    'a list': ['bundle-structure', () => '[]'],
    'another JSON file': ['bundle-structure', () => '{"name":"quarry","version":"1"}'],
    null: ['bundle-structure', () => 'null'],
    '100 MB': ['bundle-too-large', () => `${real.slice(0, -1)},"x":"${'x'.repeat(100_000_000)}"}`],
    'just above the limit': ['bundle-too-large', () => real.padEnd(maxBundleBytes + 1, ' ')],
    'nested 200,000 deep': ['bundle-too-deep', () => '['.repeat(200_000)],
    'nested deep behind a sound start': [
      'bundle-too-deep',
      () => `${real.slice(0, -1)},"x":${'{"a":'.repeat(50)}1${'}'.repeat(50)}}`,
    ],
  };
  it.each(Object.entries(attacks))('%s', (_, [code, make]) => {
    const result = checkReal(make());
    expect(codeOf(result)).toBe(code);
    const failed = result.steps.filter((one) => one.result === 'failed');
    expect(failed.map((one) => one.code)).toEqual([code]);
    const at = result.steps.findIndex((one) => one.result === 'failed');
    expect(result.steps.slice(at + 1).every((one) => one.result === 'not-reached')).toBe(true);
  });

  it('a foreign trust root', () => {
    const foreign = { bundleText: real, trustRoot: notary.trustRoot, expect: tiny };
    expect(codeOf(verifyBundle(foreign))).toBe('authority-unknown');
  });
});

describe('certificates that do not hold', () => {
  it.each([
    ['expired when it was used', { certificateAfter: -60 }, 'certificate-expired'],
    ['not valid yet when it was used', { certificateAfter: 60 }, 'certificate-not-yet-valid'],
    ['in no certificate log', { withSct: false }, 'sct-missing'],
  ] as const)('%s', async (_, options, code) => {
    expect(codeOf(checkOwn(await notary.make(options)))).toBe(code);
  });

  it('of a stranger who uses the same names', async () => {
    expect(codeOf(checkOwn(await stranger.make()))).toBe('authority-unknown');
  });

  it('in a certificate log that is not trusted', () => {
    const mixed = {
      ...(notary.trustRootJson as object),
      ctlogs: (stranger.trustRootJson as Loose)['ctlogs'] as unknown,
    };
    const result = verifyBundle({
      bundleText: own,
      trustRoot: trustRootFrom(mixed),
      expect: granite,
    });
    expect(codeOf(result)).toBe('sct-invalid');
  });

  it('in a public log that is not trusted', () => {
    const mixed = {
      ...(notary.trustRootJson as object),
      tlogs: (stranger.trustRootJson as Loose)['tlogs'] as unknown,
    };
    const result = verifyBundle({
      bundleText: own,
      trustRoot: trustRootFrom(mixed),
      expect: granite,
    });
    expect(codeOf(result)).toBe('log-entry-invalid');
  });
});
