/** Proof of where a model file comes from: offline verification of OpenSSF model signatures. */
export { readBundleText } from './bundle.ts';
export { verifyFiles } from './files.ts';
export type { FileState, FilesReport } from './files.ts';
export { expectedSigner, ibmSigners, isIbm } from './identity.ts';
export type { ExpectedSigner } from './identity.ts';
export { proofLevel } from './level.ts';
export type { ProofLevel } from './level.ts';
export { readKeys } from './keys.ts';
export { loadTrustRoot } from './trust-root.ts';
export type { TrustRoot } from './trust-root.ts';
export { verifyBundle } from './verify.ts';
export type { RefusedBundle, VerifiedBundle } from './verify.ts';
