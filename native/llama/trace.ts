/** What one call of llama_decode evaluated of one sequence. */
export interface EvaluatedPart {
  /** llama.cpp's number of it; it changes when a sequence is emptied. */
  readonly sequence: number;
  readonly position: number;
  readonly tokens: readonly number[];
}

/** What is needed of the library's native context, which is given every batch part by part. */
interface NativeBatches {
  addToBatch(
    sequence: number,
    position: number,
    tokens: Uint32Array,
    logits: Uint32Array,
  ): Uint32Array;
  decodeBatch(): Promise<void>;
}

/** Listens to a context. @returns gives every batch since its last call. */
export function traceBatches(context: unknown): () => EvaluatedPart[][] {
  let batches: EvaluatedPart[][] = [];
  let parts: EvaluatedPart[] = [];
  const native = (context as { readonly _ctx: NativeBatches })._ctx;
  const add = native.addToBatch.bind(native);
  const decode = native.decodeBatch.bind(native);
  // The class's own members cannot be assigned.
  Object.defineProperties(native, {
    addToBatch: {
      value: (sequence: number, position: number, tokens: Uint32Array, logits: Uint32Array) => {
        parts.push({ sequence, position, tokens: [...tokens] });
        return add(sequence, position, tokens, logits);
      },
    },
    decodeBatch: {
      value: () => {
        batches.push(parts);
        parts = [];
        return decode();
      },
    },
  });
  return () => {
    const evaluated = batches;
    batches = [];
    return evaluated;
  };
}
