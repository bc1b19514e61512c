import type { Claim } from '../../../../electron/ipc/contract/index.ts';

/** Claims of an answer, and how their marks come onto the page. */
export interface MarkedClaims {
  readonly claims: readonly Claim[];
  /** Mounts the mark of a claim into `place` and gives back what `unmount` needs. */
  readonly mount: (place: HTMLElement, claim: Claim) => Record<string, unknown>;
}
