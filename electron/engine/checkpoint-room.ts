import { checkpointsToDrop } from './checkpoints.ts';
import type { CheckpointEntry } from './checkpoints.ts';
import { freeMemory } from './free-memory.ts';
import type { Session, SessionPool } from './sessions.ts';

/** Bytes that must stay free beside a new checkpoint, for the rest of this process and the machine. */
const checkpointReserve = 192 * 1024 * 1024;

/** More than llama.cpp writes before and between the layers of a recurrent state. */
const headerBytes = 4096;

/** Takes checkpoints within the budget of the process. */
export interface CheckpointRoom {
  /** Takes one if the machine has room for it; without one the conversation is read again later. */
  keep(session: Session, kind: string): Promise<void>;
  /** From now on all checkpoints together take at most `budget` bytes. @returns bytes given back. */
  resize(budget: number): number;
}

/** @param recurrent Bytes of a state's recurrent part, as far as the header tells. */
export function createCheckpointRoom(
  pool: SessionPool,
  { recurrent, budget }: { readonly recurrent: number; readonly budget: number },
): CheckpointRoom {
  let budgetNow = budget;
  /** Sessions whose sequence is taken from them hold theirs until they are saved and gone. */
  const most = (): number => budgetNow - bytesOf(pool.leaving());
  let last: Promise<unknown> = Promise.resolve();

  const keep = async (session: Session, kind: string): Promise<void> => {
    // What is written is a little longer than the state's own bytes.
    const size = Math.max(
      recurrent + headerBytes,
      ...checkpointsOf(pool).map(({ bytes }) => bytes),
    );
    // One that would not fit by itself would be dropped again at once.
    if (size > most()) return;
    const isShort = freeMemory() < size + checkpointReserve;
    if (isShort && dropOver(pool, held(pool) - size) < size) return;
    const { sequence } = session;
    const isNew = !sequence.checkpoints.some(
      (each) => each.position === sequence.length && each.kind === kind,
    );
    const coming = { sessionId: session.id, position: sequence.length, kind, bytes: size };
    // Room is made before, so that not even for a moment more is held than the budget allows.
    if (isNew && !dropFor(pool, most(), coming)) return;
    await sequence.checkpoint(kind);
    dropOver(pool, most());
  };

  return {
    keep(session, kind) {
      // One after the other: two would count on the same room. llama.cpp takes no two at once anyway.
      const mine = last.then(() => keep(session, kind));
      last = mine.catch(() => {});
      return mine;
    },
    resize(next) {
      budgetNow = next;
      return dropOver(pool, most());
    },
  };
}

function held(pool: SessionPool): number {
  return bytesOf(pool.list());
}

function bytesOf(sessions: readonly Session[]): number {
  const all = sessions.flatMap(({ sequence }) => sequence.checkpoints);
  return all.reduce((sum, { bytes }) => sum + bytes, 0);
}

function checkpointsOf(pool: SessionPool): CheckpointEntry[] {
  return pool.list().flatMap(({ id, sequence, goingTo }) =>
    sequence.checkpoints.map((checkpoint) => ({
      ...checkpoint,
      sessionId: id,
      isWanted: checkpoint.position === goingTo,
    })),
  );
}

/** Drops checkpoints, the least valuable first, until they fit. @returns bytes given back. */
function dropOver(pool: SessionPool, budget: number): number {
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
