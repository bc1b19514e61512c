import type {
  EmbedRequest,
  EmbedderInfo,
  EmbedderLoadRequest,
  Embeddings,
} from './embedder-port.ts';
import type { EngineMemory } from './port.ts';

/** The contract between CORE and one process of an embedding model. */
export interface EmbedderContract {
  calls: {
    /** Once per process. */
    load: { args: EmbedderLoadRequest; value: EmbedderInfo };
    /** A cancelled call ends between two texts. */
    embed: { args: EmbedRequest; value: PackedEmbeddings };
    memory: { args: null; value: EngineMemory };
    /** Gives everything back and ends the process; there is no answer. */
    close: { args: null; value: null };
  };
  pushes: Record<never, never>;
  streams: Record<never, never>;
}

/** The line carries JSON, where a number takes about 20 characters; base64 of its 4 bytes takes 5.4. */
export interface PackedEmbeddings {
  /** All vectors after each other, base64 of little-endian 32-bit floats. */
  readonly vectors: string;
  readonly cut: readonly number[];
}

export function pack({ vectors, cut }: Embeddings): PackedEmbeddings {
  const parts = vectors.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  return { vectors: Buffer.concat(parts).toString('base64'), cut };
}

/** @param dimensions Length of each vector. */
export function unpack({ vectors, cut }: PackedEmbeddings, dimensions: number): Embeddings {
  // Copied: a Buffer may begin at any byte of its pool, 32-bit floats only at every fourth.
  const all = new Float32Array(new Uint8Array(Buffer.from(vectors, 'base64')).buffer);
  const count = all.length / dimensions;
  return {
    vectors: Array.from({ length: count }, (_, index) =>
      all.slice(index * dimensions, (index + 1) * dimensions),
    ),
    cut,
  };
}
