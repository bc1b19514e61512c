import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { format } from './sidecar.ts';

/**
 * What a state depends on: read into anything else it fails, or worse, does not fail. The context's size
 * is not among it: a state of fewer tokens fits into any.
 */
export interface StateOrigin {
  readonly modelPath: string;
  /** What CORE knows the file's content by. */
  readonly model: string;
  /** Sequences of the context. */
  readonly sessions: number;
  readonly kvType: string;
  readonly backend: string;
  /** Of the binding and of llama.cpp. */
  readonly engineVersion: string;
}

/** `key` of `openStateStore`. Throws where the model file is not there. */
export async function stateStoreKey(origin: StateOrigin): Promise<string> {
  const { size, mtimeMs } = await stat(origin.modelPath);
  const { model, sessions, kvType, backend, engineVersion } = origin;
  // Always on, and part of what a state is: see native/llama/binding.ts.
  const flashAttention = true;
  const facts = [format, model, size, mtimeMs, sessions, kvType, flashAttention, backend];
  const text = JSON.stringify([...facts, engineVersion]);
  return createHash('sha256').update(text).digest('hex');
}
