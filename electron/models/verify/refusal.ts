/** Why a bundle was refused. Stable: these strings stand in JSON output and in the database. */
export const refusalCodes = [
  // The text of the bundle.
  'bundle-too-large',
  'bundle-too-deep',
  'bundle-not-json',
  'bundle-structure',
  'bundle-version',
  'bundle-no-envelope',
  'bundle-signature-count',
  'method-key',
  'method-certificate',
  // Who signed, and when.
  'authority-unknown',
  'timestamp-missing',
  'timestamp-invalid',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-invalid',
  'sct-missing',
  'sct-invalid',
  'log-entry-missing',
  'log-entry-invalid',
  'log-entry-mismatch',
  'signature-invalid',
  'identity-mismatch',
  'issuer-mismatch',
  'signer-not-known',
  // What was signed.
  'payload-type',
  'payload-not-json',
  'payload-too-deep',
  'statement-type',
  'predicate-type',
  'subject-count',
  'statement-structure',
  'method-shards',
  'method-unknown',
  'hash-type',
  'symlinks-allowed',
  'resources-empty',
  'resource-malformed',
  'root-digest',
  'name-empty',
  'name-absolute',
  'name-traversal',
  'name-backslash',
  'name-drive',
  'name-control',
  'name-duplicate',
  'name-case-collision',
  'name-unicode-collision',
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

const words: Readonly<Record<RefusalCode, string>> = {
  'bundle-too-large': 'the signature file is far larger than a signature can be',
  'bundle-too-deep': 'the signature file is nested deeper than a signature can be',
  'bundle-not-json': 'the signature file is damaged: it is not complete JSON',
  'bundle-structure': 'the signature file is not a Sigstore bundle, or parts of it are missing',
  'bundle-version': 'the signature file has a version of the format that is not accepted',
  'bundle-no-envelope': 'the signature file holds no signed statement about a model',
  'bundle-signature-count': 'the signature file must hold exactly one signature',
  'method-key': 'signed with a bare key; only signatures tied to an identity are accepted',
  'method-certificate':
    'signed with a private certificate; only signatures tied to an identity are accepted',
  'authority-unknown': 'the certificate was not issued by an authority that Quarry trusts',
  'timestamp-missing': 'nothing proves when the signature was made',
  'timestamp-invalid': 'the proof of when the signature was made does not hold',
  'certificate-expired': 'the certificate had already expired when the signature was made',
  'certificate-not-yet-valid': 'the certificate was not valid yet when the signature was made',
  'certificate-invalid': 'the certificate does not hold',
  'sct-missing': 'the certificate was not published in a certificate log',
  'sct-invalid': 'the certificate log’s receipt does not hold',
  'log-entry-missing': 'the signature stands in no public log',
  'log-entry-invalid': 'the public log’s receipt does not hold',
  'log-entry-mismatch': 'the public log recorded something else than this signature',
  'signature-invalid': 'the signature does not fit the signed statement',
  'identity-mismatch': 'signed by someone else than expected',
  'issuer-mismatch': 'the signer’s identity was vouched for by someone else than expected',
  'signer-not-known': 'Quarry knows nobody who signs the repository that the file came from',
  'payload-type': 'what was signed is not a statement about files',
  'payload-not-json': 'the signed statement is not JSON',
  'payload-too-deep': 'the signed statement is nested deeper than a statement can be',
  'statement-type': 'the signed statement is of an unknown type',
  'predicate-type': 'the signed statement is not a model signature',
  'subject-count': 'the signed statement must be about exactly one model',
  'statement-structure': 'the signed statement lacks a part that it must have',
  'method-shards': 'signed in pieces (“shards”); only whole files are supported',
  'method-unknown': 'signed with an unknown way of listing files',
  'hash-type': 'signed with a hash other than sha256; only sha256 is supported',
  'symlinks-allowed': 'the signed statement counts symbolic links; only plain files are supported',
  'resources-empty': 'the signed statement lists no files',
  'resource-malformed': 'an entry of the list of signed files is malformed',
  'root-digest': 'the list of signed files does not fit its own digest',
  'name-empty': 'a signed file has an empty name or name part',
  'name-absolute': 'a signed file has an absolute path',
  'name-traversal': 'the path of a signed file leads out of its folder',
  'name-backslash': 'the path of a signed file holds a backslash',
  'name-drive': 'the path of a signed file names a drive or stream',
  'name-control': 'the name of a signed file holds a control character',
  'name-duplicate': 'a file is listed twice',
  'name-case-collision': 'two signed files differ in capitals only',
  'name-unicode-collision': 'two signed files have names that look the same',
};

/** One sentence part in plain words for a code, without a full stop. */
export const explainRefusal = (code: RefusalCode): string => words[code];

export const isRefusalCode = (code: string): code is RefusalCode => Object.hasOwn(words, code);

/** Thrown inside the verification; `verifyBundle` turns it into its answer. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  /** Which value was wrong, for the "how was this checked" page. Holds no file content. */
  readonly facts: Readonly<Record<string, string>>;
  constructor(code: RefusalCode, facts: Readonly<Record<string, string>> = {}) {
    super(words[code]);
    this.code = code;
    this.facts = facts;
  }
}
