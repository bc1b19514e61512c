/** Who must have signed. Both are compared letter by letter: no pattern, no folding of capitals. */
export interface ExpectedSigner {
  /** The name in the certificate: an e-mail address. */
  readonly identity: string;
  /** Who vouched for that name: an OpenID Connect issuer. */
  readonly issuer: string;
}

const ibmIssuer = 'https://sigstore.verify.ibm.com/oauth2';
const ibm = (identity: string): ExpectedSigner => ({ identity, issuer: ibmIssuer });
const verify = ibm('Granite-verify@ibm.com');
const sign = ibm('Granite-sign@ibm.com');
const preview = ibm('Granite.Preview@ibm.com');

/** Repositories that do not follow their family; signers as seen in September 2026. */
const exceptions: ReadonlyMap<string, ExpectedSigner> = new Map([
  ['ibm-granite/granite-4.0-tiny-preview', preview],
  // Signed again on 2026-06-12, by the later identity.
  ['ibm-granite/granite-4.0-1b-base', sign],
  ['ibm-granite/granite-4.0-h-1b-base', sign],
  ['ibm-granite/granite-guardian-4.1-8b', sign],
  ['ibm-granite/granite-embedding-97m-multilingual-r2', sign],
  ['ibm-granite/granite-embedding-311m-multilingual-r2', sign],
]);

/**
 * Families, anchored. GGUF repositories of 4.0 are left out on purpose: none was found signed, so
 * nothing says who would sign them.
 */
const families: readonly (readonly [RegExp, ExpectedSigner])[] = [
  [
    /^ibm-granite\/granite-4\.0-(350m|h-350m|1b|h-1b|micro|h-micro|h-tiny|h-small)(-base)?$/,
    verify,
  ],
  [/^ibm-granite\/granite-4\.1-(3b|8b|30b)(-base|-fp8)?$/, sign],
  [/^ibm-granite\/granite-4\.2-(3b|8b|30b)(-GGUF|-fp8|-mxfp4|-nvfp4|-q4-mlx)?$/, sign],
];

/**
 * The one signer a repository's signature must carry, or null when Quarry knows none. A valid
 * signature in a repository without one proves nothing: copies of IBM's files carry IBM's signature.
 */
export function expectedSigner(repository: string): ExpectedSigner | null {
  const exception = exceptions.get(repository);
  if (exception !== undefined) return exception;
  return families.find(([pattern]) => pattern.test(repository))?.[1] ?? null;
}

/** Every identity IBM signs Granite with, for a signature whose repository is not known. */
export const ibmSigners: readonly ExpectedSigner[] = [verify, sign, preview];

/** Whether the words "signed by IBM" are right for a signer. */
export function isIbm(signer: ExpectedSigner): boolean {
  return ibmSigners.some((one) => one.identity === signer.identity && one.issuer === signer.issuer);
}
