import type { WeightParts } from '../../electron/ipc/contract/index.ts';

/** Sizes of llama.cpp's buffers in bytes, over all backends. */
export interface BufferSizes {
  readonly weights: number;
  readonly weightParts: WeightParts;
  readonly kv: number;
  readonly recurrent: number;
  readonly compute: number;
  readonly output: number;
}

type Kind = 'weights' | 'kv' | 'recurrent' | 'compute' | 'output';

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

/** What kind of place a buffer's name tells: "CPU_Mapped", "CPU", "CPU_REPACK", "Vulkan0", "CUDA_Host". */
function weightPart(buffer: string): keyof WeightParts {
  if (buffer.endsWith('_Mapped')) return 'mapped';
  if (buffer === 'CPU' || buffer.endsWith('_Host')) return 'read';
  // CPU_REPACK, CPU_AARCH64, AMX: layouts for one family of processors.
  return buffer.startsWith('CPU_') || buffer === 'AMX' ? 'repacked' : 'device';
}

/**
 * Collects the buffer sizes that llama.cpp prints while it loads a model and makes a context. Feed it
 * every log line; lines of other kinds are ignored and nothing but numbers is kept.
 */
export function createBufferReader(): { read(text: string): void; sizes(): BufferSizes } {
  const bytes = new Map<Kind, number>();
  const parts = new Map<keyof WeightParts, number>();
  const clear = (...cleared: Kind[]): void => cleared.forEach((kind) => bytes.delete(kind));
  const add = <K>(map: Map<K, number>, key: K, size: number): void => {
    map.set(key, (map.get(key) ?? 0) + size);
  };
  return {
    read(text) {
      for (const part of text.split('\n')) {
        if (part.includes('loading model tensors')) {
          clear('weights');
          parts.clear();
        }
        if (part.includes('constructing llama_context')) {
          clear('kv', 'recurrent', 'compute', 'output');
        }
        const match = line.exec(part);
        const kind = match && kinds[match[2] ?? ''];
        if (!kind) continue;
        const size = Math.round(Number(match[3]) * mebibyte);
        add(bytes, kind, size);
        if (kind === 'weights') add(parts, weightPart(match[1] ?? ''), size);
      }
    },
    sizes: () => ({
      weights: bytes.get('weights') ?? 0,
      weightParts: {
        mapped: parts.get('mapped') ?? 0,
        read: parts.get('read') ?? 0,
        repacked: parts.get('repacked') ?? 0,
        device: parts.get('device') ?? 0,
      },
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
