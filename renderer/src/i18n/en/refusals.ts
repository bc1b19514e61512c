import type { RefusalCode } from '../../../../electron/ipc/contract/index.ts';

/** Why a signature does not count, by code: one part of a sentence, without a full stop. */
export const refusals = {
  'proof.refusal.bundle-too-large': 'the signature file is far larger than a signature can be',
  'proof.refusal.bundle-too-deep': 'the signature file is nested deeper than a signature can be',
  'proof.refusal.bundle-not-json': 'the signature file is damaged: it is not complete JSON',
  'proof.refusal.bundle-structure':
    'the signature file is not a Sigstore bundle, or parts of it are missing',
  'proof.refusal.bundle-version':
    'the signature file has a version of the format that is not accepted',
  'proof.refusal.bundle-no-envelope': 'the signature file holds no signed statement about a model',
  'proof.refusal.bundle-signature-count': 'the signature file must hold exactly one signature',
  'proof.refusal.method-key':
    'signed with a bare key; only signatures tied to an identity are accepted',
  'proof.refusal.method-certificate':
    'signed with a private certificate; only signatures tied to an identity are accepted',
  'proof.refusal.authority-unknown':
    'the certificate was not issued by an authority that Quarry trusts',
  'proof.refusal.timestamp-missing': 'nothing proves when the signature was made',
  'proof.refusal.timestamp-invalid': 'the proof of when the signature was made does not hold',
  'proof.refusal.certificate-expired':
    'the certificate had already expired when the signature was made',
  'proof.refusal.certificate-not-yet-valid':
    'the certificate was not valid yet when the signature was made',
  'proof.refusal.certificate-invalid': 'the certificate does not hold',
  'proof.refusal.sct-missing': 'the certificate was not published in a certificate log',
  'proof.refusal.sct-invalid': 'the certificate log’s receipt does not hold',
  'proof.refusal.log-entry-missing': 'the signature stands in no public log',
  'proof.refusal.log-entry-invalid': 'the public log’s receipt does not hold',
  'proof.refusal.log-entry-mismatch': 'the public log recorded something else than this signature',
  'proof.refusal.signature-invalid': 'the signature does not fit the signed statement',
  'proof.refusal.identity-mismatch': 'signed by someone else than expected',
  'proof.refusal.issuer-mismatch':
    'the signer’s identity was vouched for by someone else than expected',
  'proof.refusal.signer-not-known':
    'Quarry knows nobody who signs the repository that the file came from',
  'proof.refusal.payload-type': 'what was signed is not a statement about files',
  'proof.refusal.payload-not-json': 'the signed statement is not JSON',
  'proof.refusal.payload-too-deep': 'the signed statement is nested deeper than a statement can be',
  'proof.refusal.statement-type': 'the signed statement is of an unknown type',
  'proof.refusal.predicate-type': 'the signed statement is not a model signature',
  'proof.refusal.subject-count': 'the signed statement must be about exactly one model',
  'proof.refusal.statement-structure': 'the signed statement lacks a part that it must have',
  'proof.refusal.method-shards': 'signed in pieces (“shards”); only whole files are supported',
  'proof.refusal.method-unknown': 'signed with an unknown way of listing files',
  'proof.refusal.hash-type': 'signed with a hash other than sha256; only sha256 is supported',
  'proof.refusal.symlinks-allowed':
    'the signed statement counts symbolic links; only plain files are supported',
  'proof.refusal.resources-empty': 'the signed statement lists no files',
  'proof.refusal.resource-malformed': 'an entry of the list of signed files is malformed',
  'proof.refusal.root-digest': 'the list of signed files does not fit its own digest',
  'proof.refusal.name-empty': 'a signed file has an empty name or name part',
  'proof.refusal.name-absolute': 'a signed file has an absolute path',
  'proof.refusal.name-traversal': 'the path of a signed file leads out of its folder',
  'proof.refusal.name-backslash': 'the path of a signed file holds a backslash',
  'proof.refusal.name-drive': 'the path of a signed file names a drive or stream',
  'proof.refusal.name-control': 'the name of a signed file holds a control character',
  'proof.refusal.name-duplicate': 'a file is listed twice',
  'proof.refusal.name-case-collision': 'two signed files differ in capitals only',
  'proof.refusal.name-unicode-collision': 'two signed files have names that look the same',
  'proof.refusal.file-not-covered': 'it is about other files, not about this one',
} as const satisfies Readonly<Record<`proof.refusal.${RefusalCode | 'file-not-covered'}`, string>>;
