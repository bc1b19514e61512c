/** Sizes of llama.cpp's buffers in bytes, over all backends. */
export interface BufferSizes {
  readonly weights: number;
  readonly kv: number;
  readonly recurrent: number;
  readonly compute: number;
  readonly output: number;
}

type Kind = keyof BufferSizes;

const mebibyte = 1024 * 1024;

/** Half of the last decimal that llama.cpp prints ("%8.2f MiB"), in bytes. */
const printedRounding = 0.005 * mebibyte;

const line = /^\s*\S+:\s+(\S+)\s+(model|KV|RS|compute|output) buffer size\s+=\s+([\d.]+) MiB/;
const kinds: Readonly<Record<string, Kind>> = {
  model: 'weights',
  KV: 'kv',
  RS: 'recurrent',
  compute: 'compute',
  output: 'output',
};

/**
 * Collects the buffer sizes that llama.cpp prints while it loads a model and makes a context. Feed it
 * every log line; lines of other kinds are ignored and nothing but numbers is kept.
 */
export function createBufferReader(): { read(text: string): void; sizes(): BufferSizes } {
  const bytes = new Map<Kind, number>();
  const clear = (...cleared: Kind[]): void => cleared.forEach((kind) => bytes.delete(kind));
  return {
    read(text) {
      for (const part of text.split('\n')) {
        if (part.includes('loading model tensors')) clear('weights');
        if (part.includes('constructing llama_context')) {
          clear('kv', 'recurrent', 'compute', 'output');
        }
        const match = line.exec(part);
        const kind = match && kinds[match[2] ?? ''];
        if (!kind) continue;
        const size = Math.round(Number(match[3]) * mebibyte);
        bytes.set(kind, (bytes.get(kind) ?? 0) + size);
      }
    },
    sizes: () => ({
      weights: bytes.get('weights') ?? 0,
      kv: bytes.get('kv') ?? 0,
      recurrent: bytes.get('recurrent') ?? 0,
      compute: bytes.get('compute') ?? 0,
      output: bytes.get('output') ?? 0,
    }),
  };
}

/**
 * llama.cpp prints two decimals of a MiB. Where the size that follows from the model's shape prints
 * to the same two decimals it is that size; otherwise the print stands.
 */
export function refine(printed: number, computed: number | null): number {
  // On a busy machine a line was seen to get lost: then the shape is all there is.
  if (printed === 0 && computed !== null) return computed;
  if (computed === null || Math.abs(printed - computed) > printedRounding + 1) return printed;
  return computed;
}
