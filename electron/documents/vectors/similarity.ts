import type { EmbedderProvider } from '../../engine/embedder-port.ts';
import type { VectorsRepository } from '../../storage/repositories/vectors.ts';
import { embedBy } from './embed.ts';
import { dot } from './packed.ts';

/** How alike texts are in meaning, as `chat` asks it. */
export interface TextSimilarity {
  /** −1 to 1 for each of `texts`, in their order. Throws what the embedder throws. */
  compare(
    sentence: string,
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<readonly number[]>;
  /** At least so much is the same said in other words: found out for the model on this library (`alike.ts`). */
  readonly sameFrom: number;
}

const mostKept = 512;
/** The end of an answer waits for one statement's comparison at most so long. */
const mostMs = 5000;

/**
 * Asked for each answer: null without a model, before enough is known of it to tell what "the same" is, and
 * where it cannot tell at all.
 */
export function createSimilarity(
  provider: EmbedderProvider,
  store: VectorsRepository,
): () => TextSimilarity | null {
  const kept = new Map<string, Float32Array>();
  let keptOf = '';

  return () => {
    const look = provider.look();
    if (look === null) return null;
    const { fingerprint } = look;
    const sameFrom = store.model(fingerprint)?.sameFrom ?? null;
    if (sameFrom === null || sameFrom > 1) return null;
    return {
      sameFrom,
      async compare(sentence, texts, signal) {
        if (keptOf !== fingerprint) kept.clear();
        keptOf = fingerprint;
        const missing = [...new Set([sentence, ...texts])].filter((text) => !kept.has(text));
        if (missing.length > 0) {
          const within = AbortSignal.any([signal, AbortSignal.timeout(mostMs)]);
          // Both sides as passages: some models make another vector of a question.
          const request = { texts: missing, use: 'passage' } as const;
          const vectors = await embedBy(provider, fingerprint, request, within);
          // Of another model, found out just now: nothing is the same by it.
          if (vectors === null) return texts.map(() => -1);
          missing.forEach((text, index) => {
            const vector = vectors[index];
            if (vector !== undefined && keptOf === fingerprint) kept.set(text, vector);
          });
        }
        const own = kept.get(sentence);
        const values = texts.map((text) => {
          const other = kept.get(text);
          return own === undefined || other === undefined ? -1 : dot(own, other);
        });
        while (kept.size > mostKept) kept.delete(kept.keys().next().value ?? '');
        return values;
      },
    };
  };
}
