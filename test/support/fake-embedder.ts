import type {
  Embedder,
  EmbedderLauncher,
  EmbedderLoadRequest,
} from '../../electron/engine/embedder-port.ts';
import type { EngineExit, EngineMemory } from '../../electron/engine/port.ts';
import { AppError } from '../../electron/ipc/app-error.ts';
import type { ErrorCode } from '../../electron/ipc/contract/index.ts';

export interface FakeEmbedder extends Embedder {
  readonly request: EmbedderLoadRequest;
  readonly closed: boolean;
  crash(): void;
}

/** Embedding models without llama.cpp: a vector counts the letters of its text. */
export function createFakeEmbedders(): EmbedderLauncher & {
  readonly launched: FakeEmbedder[];
  /** What the next launches throw. */
  refuse: ErrorCode | null;
  /** Launches wait for it. */
  gate: Promise<void>;
  /** Vectors wait for it; who asks may leave. */
  work: Promise<void>;
} {
  const launched: FakeEmbedder[] = [];
  return {
    launched,
    refuse: null,
    gate: Promise.resolve(),
    work: Promise.resolve(),
    async launch(request, { signal } = {}) {
      await this.gate;
      if (signal?.aborted) throw new AppError('cancelled', 'cancelled');
      if (this.refuse !== null) throw new AppError(this.refuse, 'refused');
      const { work } = this;
      let lost = (): void => {};
      const gone = new Promise<void>((resolve) => (lost = resolve));
      const listeners = new Set<(exit: EngineExit) => void>();
      let exit: EngineExit | null = null;
      const end = (how: EngineExit): void => {
        exit ??= how;
        lost();
        for (const listener of listeners) listener(how);
        listeners.clear();
      };
      const memory = {
        ...{ pid: 4711, resident: 150 << 20, proportional: null, privateBytes: null },
        ...{ swapped: 0, footprint: null, commit: null, weights: 1 << 20, kv: 0, recurrent: 0 },
        ...{ compute: 0, output: 0, checkpoints: 0, process: 120 << 20, kvType: 'f16' },
        weightParts: { mapped: 0, read: 1 << 20, repacked: 0, device: 0 },
        ...{ devices: [], answers: 0, sessions: [] },
      } satisfies EngineMemory;
      const embedder: FakeEmbedder = {
        request,
        info: {
          ...{ pid: 4711, dimensions: 64, pooling: 'mean', maxTokens: 512, threads: 1 },
          ...{ backend: 'cpu', engineVersion: 'fake', loadMs: 1 },
        },
        async embed({ texts }, asked) {
          const left = new Promise<void>((resolve) =>
            asked.addEventListener('abort', () => resolve(), { once: true }),
          );
          await Promise.race([work, gone, left]);
          if (asked.aborted) throw new AppError('cancelled', 'cancelled');
          if (exit !== null) throw new AppError('engine-crashed', 'gone');
          const vectors = texts.map((text) => {
            const counts = new Float32Array(64);
            for (const letter of text) counts[letter.charCodeAt(0) % 64]! += 1;
            const length = Math.hypot(...counts) || 1;
            return counts.map((count) => count / length);
          });
          return { vectors, cut: [] };
        },
        memory: async () => memory,
        onExit(listener) {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
        async close() {
          end({ code: 0, signal: null, expected: true });
        },
        get closed() {
          return exit !== null;
        },
        crash: () => end({ code: null, signal: 'SIGSEGV', expected: false }),
      };
      launched.push(embedder);
      return embedder;
    },
  };
}
