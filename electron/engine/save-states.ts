import type { GgufProbe } from '../../native/llama/gguf-probe.ts';
import { kvBlockBytes } from './measure.ts';
import type { LoadRequest, SaveStatesRequest } from './port.ts';
import type { Session, SessionPool } from './sessions.ts';
import type { StateStore } from './states.ts';

/** For the token ids, the texts of answers and the file's own head. */
const perToken = 32;
const perFile = 64 * 1024;

/**
 * Saves what rests, as much of it as the budget takes: chosen from the most recently used one on, written
 * in the order of use, so that the oldest file is the longest unused conversation. @returns bytes written.
 */
export async function saveRestingStates(
  parts: {
    readonly request: LoadRequest;
    readonly probe: GgufProbe;
    readonly pool: SessionPool;
    readonly states: StateStore | null;
  },
  { budget, limitMs }: SaveStatesRequest,
): Promise<number> {
  const { pool, states } = parts;
  if (states === null) return 0;
  const begun = performance.now();
  const chosen: string[] = [];
  let expected = 0;
  for (const session of pool.list().toReversed()) {
    if (pool.isRunning(session.id) || session.sequence.length === 0) continue;
    expected += sizeOf(session, parts);
    if (expected > budget) break;
    chosen.unshift(session.id);
  }
  let written = 0;
  for (const id of chosen) {
    if (performance.now() - begun > limitMs) break;
    // One that has begun to run meanwhile goes on.
    const held = pool.hold(id);
    if (held === null) continue;
    try {
      const bytes = await states.save(held.session);
      if (written + bytes > budget) await states.drop(id);
      else written += bytes;
    } finally {
      await held.release();
    }
  }
  return written;
}

function sizeOf(
  { sequence }: Session,
  { request, probe }: { readonly request: LoadRequest; readonly probe: GgufProbe },
): number {
  const kvPerToken =
    ((probe.shape?.kvElementsPerToken ?? 0) / 32) * kvBlockBytes[request.kvType ?? 'f16'];
  return (probe.shape?.recurrentBytes ?? 0) + sequence.length * (kvPerToken + perToken) + perFile;
}
