/** Proof of where a model file comes from: offline verification of OpenSSF model signatures. */
export { maxBundleBytes, readBundleText } from './bundle.ts';
export { verifyFiles } from './files.ts';
export type { FileReport, FileState, FilesReport } from './files.ts';
export { expectedSigner, ibmSigners, isIbm } from './identity.ts';
export type { ExpectedSigner } from './identity.ts';
export { proofLevel } from './level.ts';
export type { ProofLevel } from './level.ts';
export { explainRefusal } from './refusal.ts';
export type { RefusalCode } from './refusal.ts';
export { loadTrustRoot } from './trust-root.ts';
export { verifyBundle } from './verify.ts';
export type { RefusedBundle, VerifiedBundle } from './verify.ts';
