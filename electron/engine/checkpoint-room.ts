import type { NativeContext } from '../../native/llama/binding.ts';
import type { GgufProbe } from '../../native/llama/gguf-probe.ts';
import { checkpointsToDrop } from './checkpoints.ts';
import type { CheckpointEntry } from './checkpoints.ts';
import { freeMemory } from './free-memory.ts';
import type { Session, SessionPool } from './sessions.ts';

/** Bytes that must stay free beside a new checkpoint, for the rest of this process and the machine. */
const checkpointReserve = 192 * 1024 * 1024;

/** Takes a checkpoint if the machine has room for it; without one the conversation is read again later. */
export async function keepCheckpoint(
  { context, probe }: { readonly context: NativeContext; readonly probe: GgufProbe },
  pool: SessionPool,
  session: Session,
  kind: string,
  budget: number,
): Promise<void> {
  if (!context.needsCheckpoints || budget <= 0) return;
  // One that would not fit by itself would be dropped again at once.
  const size = probe.shape?.recurrentBytes ?? 0;
  if (size > budget) return;
  if (freeMemory() < size + checkpointReserve && dropOver(pool, held(pool) - size) < size) return;
  const { sequence } = session;
  const isNew = !sequence.checkpoints.some(
    (each) => each.position === sequence.length && each.kind === kind,
  );
  if (isNew) {
    // Room is made before, so that not even for a moment more is held than the budget allows.
    // What is written is a little longer than the state's own bytes.
    const bytes = Math.max(size, ...checkpointsOf(pool).map((each) => each.bytes));
    const coming = { sessionId: session.id, position: sequence.length, kind, bytes };
    if (!dropFor(pool, budget, coming)) return;
  }
  await sequence.checkpoint(kind);
  dropOver(pool, budget);
}

function held(pool: SessionPool): number {
  return checkpointsOf(pool).reduce((sum, { bytes }) => sum + bytes, 0);
}

function checkpointsOf(pool: SessionPool): CheckpointEntry[] {
  return pool
    .list()
    .flatMap(({ id, sequence }) =>
      sequence.checkpoints.map((checkpoint) => ({ ...checkpoint, sessionId: id })),
    );
}

/** Drops checkpoints, the least valuable first, until they fit. @returns bytes given back. */
export function dropOver(pool: SessionPool, budget: number): number {
  return drop(pool, toDrop(pool, checkpointsOf(pool), budget));
}

/** @returns false where the checkpoint that is to come is worth less than those that hold the room. */
function dropFor(pool: SessionPool, budget: number, coming: CheckpointEntry): boolean {
  const dropped = toDrop(pool, [...checkpointsOf(pool), coming], budget);
  if (dropped.includes(coming)) return false;
  drop(pool, dropped);
  return true;
}

function toDrop(
  pool: SessionPool,
  entries: readonly CheckpointEntry[],
  budget: number,
): CheckpointEntry[] {
  const recency = pool.list().map(({ id }) => id);
  return checkpointsToDrop(entries, budget, recency);
}

function drop(pool: SessionPool, dropped: readonly CheckpointEntry[]): number {
  const sessions = pool.list();
  for (const entry of dropped) {
    sessions.find(({ id }) => id === entry.sessionId)?.sequence.drop(entry.position);
  }
  return dropped.reduce((sum, { bytes }) => sum + bytes, 0);
}
