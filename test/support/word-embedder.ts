import { hash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type {
  Embedder,
  EmbedderLook,
  EmbedderProvider,
} from '../../electron/engine/embedder-port.ts';
import { AppError } from '../../electron/ipc/app-error.ts';
import type { EmbeddingLack } from '../../electron/ipc/contract/index.ts';

const dimensions = 256;

export interface FakeEmbedder {
  readonly provider: EmbedderProvider;
  /** Texts of every request, in order. */
  readonly requests: readonly { readonly texts: readonly string[]; readonly use: string }[];
  /** Another model comes into use, or none. */
  use(fingerprint: string | null): void;
  /** Thrown by the next requests in place of an answer, for texts that it names. */
  fail: (texts: readonly string[]) => AppError | null;
  /** Why there is none, where there is none. */
  lack: EmbeddingLack;
  /** Milliseconds that a load, and a request, take. */
  loadMs: number;
  requestMs: number;
  readonly leased: number;
}

/**
 * An embedding model made of hashed words, 256 dimensions: texts that share words are alike. Words of one list in
 * `same` count as one, which is as much meaning as it knows.
 */
export function createFakeEmbedder(
  options: {
    readonly fingerprint?: string | null;
    readonly same?: readonly (readonly string[])[];
  } = {},
): FakeEmbedder {
  const { same = [] } = options;
  let fingerprint = options.fingerprint === undefined ? 'fake-1' : options.fingerprint;
  const listeners = new Set<() => void>();
  const requests: { texts: readonly string[]; use: string }[] = [];
  let leased = 0;

  const vectorOf = (text: string, model: string): Float32Array => {
    const vector = new Float32Array(dimensions);
    for (const word of text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []) {
      const meant = same.find((list) => list.includes(word))?.[0] ?? word;
      const digest = hash('sha256', `${model} ${meant}`, 'buffer');
      for (let at = 0; at < dimensions; at += 1) {
        const bit = ((digest[at >>> 3] ?? 0) >>> (at & 7)) & 1;
        vector[at] = (vector[at] ?? 0) + (bit === 0 ? 1 : -1);
      }
    }
    const length = Math.hypot(...vector);
    return length === 0
      ? vector.fill(1 / Math.sqrt(dimensions))
      : vector.map((value) => value / length);
  };

  const look = (): EmbedderLook | null =>
    fingerprint === null ? null : { modelId: fingerprint, modelName: 'Fake words', fingerprint };

  const fake: FakeEmbedder = {
    requests,
    fail: () => null,
    lack: 'none',
    loadMs: 0,
    requestMs: 0,
    get leased() {
      return leased;
    },
    use(next) {
      fingerprint = next;
      for (const listener of listeners) listener();
    },
    provider: {
      look,
      lack: () => (fingerprint === null ? fake.lack : null),
      async acquire(signal) {
        const now = look();
        if (now === null) throw new AppError('not-found', 'no embedding model');
        if (fake.loadMs > 0) await pause(fake.loadMs, undefined, { signal });
        leased += 1;
        let isReleased = false;
        const embedder: Embedder = {
          info: {
            ...{ pid: 1, dimensions, maxTokens: 512, threads: 1, loadMs: 0 },
            ...{ backend: 'cpu', engineVersion: 'fake', pooling: 'mean' as const },
          },
          async embed({ texts, use }, aborted) {
            requests.push({ texts, use });
            if (fake.requestMs > 0) await pause(fake.requestMs, undefined, { signal: aborted });
            else await Promise.resolve();
            aborted.throwIfAborted();
            const error = fake.fail(texts);
            if (error !== null) throw error;
            return { vectors: texts.map((text) => vectorOf(text, now.fingerprint)), cut: [] };
          },
          memory: () => Promise.reject(new AppError('internal', 'a fake takes no memory')),
          onExit: () => () => {},
          close: async () => {},
        };
        return {
          ...now,
          embedder,
          release() {
            if (isReleased) return;
            isReleased = true;
            leased -= 1;
          },
        };
      },
      onChange(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  };
  return fake;
}
