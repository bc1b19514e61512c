import { needsOcr } from './extracted.ts';
import type { Extracted } from './extracted.ts';

/** A picture has no text of its own. */
export function extractImage(): Extracted {
  throw needsOcr();
}
