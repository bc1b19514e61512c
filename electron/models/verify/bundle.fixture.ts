import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import {
  initializeCA,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  tsaHandler,
} from '@sigstore/mock';
import { HashAlgorithm, PublicKeyDetails, TrustedRoot } from '@sigstore/protobuf-specs';
import { rootDigest } from './statement.ts';
import { trustRootFrom } from './trust-root.ts';
import type { TrustRoot } from './trust-root.ts';

/** Real cryptography without a network: an own authority, certificate log, public log, time authority. */
export interface Notary {
  readonly trustRoot: TrustRoot;
  readonly trustRootJson: unknown;
  make(options?: BundleOptions): Promise<string>;
}

export interface BundleOptions {
  readonly statement?: unknown;
  /** Instead of a statement: the very bytes to sign. */
  readonly payload?: Buffer;
  readonly payloadType?: string;
  readonly identity?: string;
  readonly issuer?: string;
  /** Minutes that the certificate starts after the signature is made. */
  readonly certificateAfter?: number;
  readonly withSct?: boolean;
  /** Whether a time authority stamps the signature besides the log. */
  readonly withTimestamp?: boolean;
}

export const ibmIssuer = 'https://sigstore.verify.ibm.com/oauth2';
export const granite = { identity: 'Granite-sign@ibm.com', issuer: ibmIssuer };

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex');

interface StatementParts {
  readonly resources?: readonly { readonly name: string; readonly sha256: string }[];
  readonly serialization?: Readonly<Record<string, unknown>>;
}

/** A sound statement; tests change one thing of it. */
export function statementOf({
  resources = defaultResources,
  serialization = {},
}: StatementParts = {}) {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'granite-test', digest: { sha256: rootDigest(resources) } }],
    predicateType: 'https://model_signing/signature/v1.0',
    predicate: {
      serialization: {
        method: 'files',
        hash_type: 'sha256',
        allow_symlinks: false,
        ignore_paths: ['model.sig', '.git'],
        ...serialization,
      } as Record<string, unknown>,
      resources: resources.map((one) => ({
        name: one.name,
        algorithm: 'sha256',
        digest: one.sha256,
      })),
    },
  };
}

export const defaultResources = [
  { name: 'README.md', sha256: sha256('readme') },
  { name: 'model-Q4_K_M.gguf', sha256: sha256('four') },
  { name: 'model-Q8_0.gguf', sha256: sha256('eight') },
];

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const spki = (key: ReturnType<typeof newKey>) =>
  key.publicKey.export({ type: 'spki', format: 'der' });
const bytes = (view: ArrayBufferView) => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** A notary with keys of its own: two of them do not trust each other. */
export async function createNotary(): Promise<Notary> {
  const keys = { ca: newKey(), ct: newKey(), log: newKey(), time: newKey() };
  // One full second for all: the mock writes milliseconds below 100 in a way nobody reads. Later than
  // now, because its root certificates start when they are made.
  const now = new Date(Math.ceil(Date.now() / 1000) * 1000 + 2000);
  const ctLog = await initializeCTLog(keys.ct, now);
  const log = await initializeTLog('https://log.test', keys.log, now);
  const time = await initializeTSA(keys.time, now);
  const authority = await initializeCA(keys.ca, ctLog, now);
  const start = new Date(Date.now() - 2 * 86_400_000);
  const key = (rawBytes: Buffer) => ({
    rawBytes,
    keyDetails: PublicKeyDetails.PKIX_ECDSA_P256_SHA_256,
    validFor: { start },
  });
  const chain = (...certificates: ArrayBufferView[]) => ({
    subject: { commonName: 'test', organization: 'test' },
    uri: '',
    operator: '',
    certChain: { certificates: certificates.map((one) => ({ rawBytes: bytes(one) })) },
    validFor: { start },
  });
  const logOf = (baseUrl: string, rawBytes: Buffer) => ({
    baseUrl,
    logId: { keyId: createHash('sha256').update(rawBytes).digest() },
    hashAlgorithm: HashAlgorithm.SHA2_256,
    publicKey: key(rawBytes),
    checkpointKeyId: undefined,
    operator: '',
  });
  const trustRootJson: unknown = JSON.parse(
    JSON.stringify(
      TrustedRoot.toJSON({
        mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
        certificateAuthorities: [chain(authority.rootCertificate)],
        timestampAuthorities: [chain(time.intCertificate, time.rootCertificate)],
        tlogs: [logOf('https://log.test', spki(keys.log))],
        ctlogs: [logOf('', spki(keys.ct))],
      }),
    ),
  );

  return {
    trustRoot: trustRootFrom(trustRootJson),
    trustRootJson,
    make: async (options = {}) => {
      const {
        identity = granite.identity,
        issuer = ibmIssuer,
        payloadType = 'application/vnd.in-toto+json',
        payload = Buffer.from(JSON.stringify(options.statement ?? statementOf())),
        certificateAfter = 0,
      } = options;
      const leaf = newKey();
      const issuing =
        certificateAfter === 0 && options.withSct !== false
          ? authority
          : await sameAuthority(certificateAfter, options.withSct !== false);
      const certificate = bytes(
        await issuing.issueCertificate({
          publicKey: Buffer.from(spki(leaf)),
          subjectAltName: identity,
          extensions: [
            { oid: '1.3.6.1.4.1.57264.1.1', value: issuer, legacy: true },
            { oid: '1.3.6.1.4.1.57264.1.8', value: issuer },
          ],
        }),
      );
      const signature = sign('sha256', preAuthentication(payloadType, payload), leaf.privateKey);
      const envelope = {
        payload: payload.toString('base64'),
        payloadType,
        signatures: [{ sig: signature.toString('base64') }],
      };
      return JSON.stringify({
        mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
        verificationMaterial: {
          certificate: { rawBytes: certificate.toString('base64') },
          tlogEntries: [await entryOf(envelope, payload, certificate)],
          timestampVerificationData: {
            rfc3161Timestamps:
              options.withTimestamp === false ? [] : [{ signedTimestamp: await stamp(signature) }],
          },
        },
        dsseEnvelope: envelope,
      });
    },
  };

  /** The same key and name with another clock, or without a certificate log. */
  async function sameAuthority(minutes: number, withSct: boolean) {
    const clock = new Date(now.getTime() + minutes * 60_000);
    return initializeCA(keys.ca, withSct ? ctLog : undefined, clock);
  }

  async function stamp(signature: Buffer): Promise<string> {
    const { response } = await tsaHandler(time, { strict: true }).fn(
      JSON.stringify({
        artifactHash: createHash('sha256').update(signature).digest('base64'),
        hashAlgorithm: 'sha256',
        certificates: true,
        nonce: 1,
      }),
    );
    return Buffer.from(response as Uint8Array).toString('base64');
  }

  async function entryOf(
    envelope: { readonly signatures: readonly { readonly sig: string }[] },
    payload: Buffer,
    certificate: Buffer,
  ) {
    const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
    const entries = await log.log({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: { algorithm: 'sha256', value: sha256(JSON.stringify(envelope)) },
        payloadHash: { algorithm: 'sha256', value: sha256(payload) },
        signatures: [
          {
            signature: envelope.signatures[0]?.sig,
            verifier: Buffer.from(pem).toString('base64'),
          },
        ],
      },
    } as never);
    const [entry] = Object.values(entries) as unknown as MockEntry[];
    if (entry === undefined) throw new Error('the log gave no entry');
    const { inclusionProof, signedEntryTimestamp } = entry.verification;
    return {
      logIndex: String(entry.logIndex),
      logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
      kindVersion: { kind: 'dsse', version: '0.0.1' },
      integratedTime: String(entry.integratedTime),
      inclusionPromise: { signedEntryTimestamp },
      inclusionProof: {
        logIndex: '0',
        rootHash: Buffer.from(inclusionProof.rootHash, 'hex').toString('base64'),
        treeSize: '1',
        hashes: [],
        checkpoint: { envelope: inclusionProof.checkpoint },
      },
      canonicalizedBody: entry.body,
    };
  }
}

interface MockEntry {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly inclusionProof: { readonly rootHash: string; readonly checkpoint: string };
    readonly signedEntryTimestamp: string;
  };
}

/** DSSE v1: what is signed instead of the payload alone, so that its type counts. */
function preAuthentication(payloadType: string, payload: Buffer): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `;
  return Buffer.concat([Buffer.from(head), payload]);
}
