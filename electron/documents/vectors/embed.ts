import type { EmbedRequest, EmbedderProvider } from '../../engine/embedder-port.ts';

/**
 * Vectors of texts by the model with this fingerprint; null where another one has come into use, whose vectors
 * could not be compared. Throws what `EmbedderProvider.acquire` and `Embedder.embed` throw.
 *
 * @param loading ends the waiting for the model, where that is to go on longer than `signal` lets it
 */
export async function embedBy(
  provider: EmbedderProvider,
  fingerprint: string,
  request: EmbedRequest,
  signal: AbortSignal,
  loading: AbortSignal = signal,
): Promise<readonly Float32Array[] | null> {
  const lease = await provider.acquire(loading);
  try {
    if (lease.fingerprint !== fingerprint) return null;
    return (await lease.embedder.embed(request, signal)).vectors;
  } finally {
    lease.release();
  }
}
