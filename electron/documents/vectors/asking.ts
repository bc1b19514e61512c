import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../../core/ports.ts';
import type { EmbedderProvider } from '../../engine/embedder-port.ts';
import { toErrorShape } from '../../ipc/app-error.ts';
import { embedBy } from './embed.ts';

export interface AskedVector {
  readonly fingerprint: string;
  readonly vector: Float32Array;
}

/** Why a question was looked for by words alone. */
export type WordsOnly = 'no-model' | 'no-vectors' | 'too-late' | 'failed';

/** Vectors of questions, within the time that an answer may wait for one. */
export interface Asking {
  /** Throws nothing but the signal's own reason. @param waitMs milliseconds, after which words alone count */
  ask(text: string, signal: AbortSignal, waitMs?: number): Promise<AskedVector | WordsOnly>;
  close(): void;
}

/** A question waits so long for its vector, then words alone count. */
const mostWaitMs = 1000;
const mostKept = 64;
const longest = 2000;

export function createAsking(ports: {
  readonly provider: EmbedderProvider;
  readonly log: Log;
}): Asking {
  const { provider, log } = ports;
  const closing = new AbortController();
  /** The last questions', oldest first: what is typed is asked again and again. */
  const kept = new Map<string, Float32Array>();

  return {
    async ask(question, signal, waitMs = mostWaitMs) {
      signal.throwIfAborted();
      const look = provider.look();
      if (look === null) return 'no-model';
      const { fingerprint } = look;
      const text = question.trim().slice(-longest);
      const key = `${fingerprint}\n${text}`;
      const known = kept.get(key);
      if (known !== undefined) return { fingerprint, vector: known };
      const giveUp = new AbortController();
      const asked = AbortSignal.any([signal, giveUp.signal, closing.signal]);
      // The load goes on when nobody waits any longer: the next question finds the model there.
      const made = embedBy(
        provider,
        fingerprint,
        { texts: [text], use: 'question' },
        asked,
        closing.signal,
      );
      try {
        const vectors = await Promise.race([
          made,
          pause(waitMs, 'late' as const, { signal, ref: false }),
        ]);
        if (vectors === 'late') return 'too-late';
        const vector = vectors?.[0];
        if (vector === undefined) return 'failed';
        if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? '');
        kept.set(key, vector);
        return { fingerprint, vector };
      } catch (error) {
        signal.throwIfAborted();
        log.warn('vectors.question', { code: toErrorShape(error).code });
        return 'failed';
      } finally {
        giveUp.abort();
        made.catch(() => {});
      }
    },
    close: () => closing.abort(),
  };
}
