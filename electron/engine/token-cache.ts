import type { PromptTokenizer } from './tokens.ts';

/** UTF-16 units of text whose ids are remembered: some 16 prompts of 32,000 tokens. */
const remembered = 1 << 21;

/**
 * A tokenizer that remembers. Each turn renders the whole conversation several times (its length is asked
 * before it is read), and all but one message have been tokenised before.
 */
export function rememberTokens(
  tokenizer: PromptTokenizer,
  limit: number = remembered,
): PromptTokenizer {
  const known = new Map<string, readonly number[]>();
  let held = 0;
  return {
    specials: tokenizer.specials,
    prepend: tokenizer.prepend,
    tokenize(text, special) {
      if (special) return tokenizer.tokenize(text, special);
      const ids = known.get(text) ?? tokenizer.tokenize(text, false);
      if (known.delete(text)) held -= text.length;
      if (text.length > limit) return ids;
      // Behind all others: the first one is the longest unused.
      known.set(text, ids);
      held += text.length;
      for (const [oldest] of known) {
        if (held <= limit) break;
        known.delete(oldest);
        held -= oldest.length;
      }
      return ids;
    },
  };
}
