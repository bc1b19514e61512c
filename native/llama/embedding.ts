/** A loaded model that makes vectors of texts. */
export interface NativeEmbedder {
  /** Length of every vector. */
  readonly dimensions: number;
  /** Tokens of one text at most, special ones counted. */
  readonly maxTokens: number;
  /**
   * The vector as the model gives it, pooled over all tokens as its file says, and whether the text's end
   * was left out. One text at a time: the binding reads the vector of sequence 0 only (its addon's
   * `GetEmbedding`), so that several texts in one batch would be evaluated and not be told.
   */
  embed(text: string): Promise<{ readonly vector: readonly number[]; readonly isCut: boolean }>;
  dispose(): Promise<void>;
}

// The members of the binding that are used here; only binding.ts knows the rest.
interface Context<Token> {
  calculateInputLength(input: Token[]): number;
  getEmbeddingFor(input: Token[]): Promise<{ readonly vector: readonly number[] }>;
  dispose(): Promise<void>;
}
interface Model<Token> {
  readonly trainContextSize: number;
  readonly embeddingVectorSize: number;
  readonly tokens: { readonly bos: Token | null; readonly eos: Token | null };
  tokenize(text: string, specialTokens: false): Token[];
  createEmbeddingContext(options: {
    contextSize: number;
    batchSize: number;
    threads: number;
    ignoreMemorySafetyChecks: boolean;
  }): Promise<Context<Token>>;
  dispose(): Promise<void>;
}

/** Characters that a token stands for at most, on average: what is beyond needs no reading to be too long. */
const longestToken = 256;

/**
 * Makes a context for embeddings. A text is evaluated in one batch: llama.cpp refuses to split what an
 * encoder reads, because every token sees all others.
 * @param most Tokens of one text at most, where the model was trained for more.
 */
export async function openEmbedder<Token extends number>(
  model: Model<Token>,
  { most, threads, skipMemoryCheck }: { most: number; threads: number; skipMemoryCheck: boolean },
): Promise<NativeEmbedder> {
  const maxTokens = Math.max(1, Math.min(most, model.trainContextSize));
  const context = await model.createEmbeddingContext({
    // The binding refuses a text that fills the context; the place more is never used.
    contextSize: maxTokens + 1,
    batchSize: maxTokens,
    threads,
    ignoreMemorySafetyChecks: skipMemoryCheck,
  });
  const added = context.calculateInputLength([]);
  const blank = model.tokens.bos ?? model.tokens.eos ?? (0 as Token);
  return {
    dimensions: model.embeddingVectorSize,
    maxTokens,
    async embed(text) {
      const isLong = text.length > maxTokens * longestToken;
      // Control tokens come only from the model's own frame, never from a text.
      const all = model.tokenize(isLong ? text.slice(0, maxTokens * longestToken) : text, false);
      const tokens = all.slice(0, maxTokens - added);
      // For no token at all the binding gives no vector; a text of its frame only is the nearest thing.
      const { vector } = await context.getEmbeddingFor(tokens.length === 0 ? [blank] : tokens);
      return { vector, isCut: isLong || tokens.length < all.length };
    },
    async dispose() {
      await context.dispose();
      await model.dispose();
    },
  };
}
