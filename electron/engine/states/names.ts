import { randomBytes } from 'node:crypto';

/** A name that nothing had before: states' ids, and what their files' keys are made of. */
export function freshName(): string {
  return randomBytes(16).toString('hex');
}
