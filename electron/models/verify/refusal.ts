import type { RefusalCode } from '../../ipc/contract/index.ts';

/** Thrown inside the verification; `verifyBundle` turns it into its answer. Words stand where people read them. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  /** Which value was wrong, for the "how was this checked" page. Holds no file content. */
  readonly facts: Readonly<Record<string, string>>;
  constructor(code: RefusalCode, facts: Readonly<Record<string, string>> = {}) {
    super(code);
    this.code = code;
    this.facts = facts;
  }
}
