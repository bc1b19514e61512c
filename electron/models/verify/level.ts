import type { FileReport } from './files.ts';
import type { RefusedBundle, VerifiedBundle } from './verify.ts';

/** What is known about one file. Never mixed: each has its own words and its own sign. */
export const proofLevels = ['signed', 'hash', 'unverified'] as const;
export type ProofLevel = (typeof proofLevels)[number];

export interface ProofFacts {
  readonly bundle: VerifiedBundle | RefusedBundle | null;
  readonly file: FileReport;
  /** sha256 that a catalog pins for this file, if any. */
  readonly pinned: string | null;
}

/**
 * 'signed' needs a valid bundle of the expected signer that covers the very bytes. A bundle that was
 * refused, or that says otherwise about this file, is a warning and never 'hash': then even a
 * fitting pinned hash does not lift the file above 'unverified'.
 */
export function proofLevel({ bundle, file, pinned }: ProofFacts): ProofLevel {
  if (bundle !== null) {
    if (!bundle.ok || file.state === 'mismatch') return 'unverified';
    if (file.state === 'covered') return 'signed';
  }
  return pinned !== null && file.sha256 === pinned ? 'hash' : 'unverified';
}
