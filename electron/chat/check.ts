import type { Log } from '../core/ports.ts';
import type { Claim, Source, Support } from '../ipc/contract/index.ts';
import { checkAnswer } from './citations.ts';

/**
 * `checkAnswer`, but an answer that cannot be checked counts as not checked: no fault in here may cost the
 * answer itself, or keep the program from starting when it ends what a crash left open.
 */
export function checkSafely(
  text: string,
  sources: readonly Source[],
  question: string,
  log: Log,
): { readonly claims: readonly Claim[]; readonly support: Support | null } {
  try {
    return checkAnswer(text, sources, question);
  } catch (error) {
    log.error('answer.unchecked', { error: error instanceof Error ? error.name : typeof error });
    return { claims: [], support: null };
  }
}
