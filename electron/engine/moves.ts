import type { NativeSequence } from '../../native/llama/binding.ts';
import type { Keeper } from './keeper.ts';
import type { Session } from './sessions.ts';
import type { StateRef } from './states/port.ts';
import type { OpenStateStore } from './states/store.ts';

export interface Moved {
  /** Tokens that the sequence holds of those asked for. */
  readonly kept: number;
  readonly from: 'memory' | 'disk' | 'none';
}

/** What is cut away and longer than this is kept first. */
const worthKeeping = 16;

/**
 * Brings a session as near to a list of tokens as it can get without evaluating any: to what it holds
 * itself, or to a state on disk that covers more. Anything in doubt is not used.
 * @param most Tokens that may be held afterwards.
 */
export async function goTo(
  session: Session,
  tokens: readonly number[],
  most: number,
  disk: Disk | null,
): Promise<Moved> {
  const { sequence } = session;
  const inMemory = (): number => sequence.reach(Math.min(sequence.shared(tokens), most));
  // What is kept and waited for below takes time, in which another conversation's checkpoints may need room.
  session.goingTo = inMemory();
  try {
    return await move(session, tokens, most, disk, inMemory);
  } finally {
    session.goingTo = null;
  }
}

interface Disk {
  readonly store: OpenStateStore;
  readonly keeper: Keeper;
}

async function move(
  session: Session,
  tokens: readonly number[],
  most: number,
  disk: Disk | null,
  inMemory: () => number,
): Promise<Moved> {
  const { sequence, lineage } = session;
  let isOfDisk = false;
  if (disk !== null) {
    await disk.keeper.settled(tokens, inMemory());
    const refused = new Set<string>();
    for (;;) {
      const found = disk.store.find(tokens, most);
      if (found === null || found.position <= inMemory() || refused.has(found.ref.id)) break;
      const file = await compose(found.ref, disk.store);
      if (file !== null) {
        // Only now: where the budget holds few states, what is kept takes the place of the one just read.
        await keepBefore(disk.keeper, sequence, session, 0);
        isOfDisk = await load(session, found.ref, file, disk.store);
      }
      if (isOfDisk) break;
      refused.add(found.ref.id);
    }
  }
  const target = inMemory();
  if (target < sequence.length && !isOfDisk && disk !== null) {
    await keepBefore(disk.keeper, sequence, session, target);
  }
  const kept = await sequence.rewind(target);
  lineage.cut(kept);
  if (kept !== lineage.endKept) lineage.endKept = -1;
  return { kept, from: kept === 0 ? 'none' : isOfDisk ? 'disk' : 'memory' };
}

/** Keeps the sequence's end before it is cut to `length` tokens. */
async function keepBefore(
  keeper: Keeper,
  sequence: NativeSequence,
  session: Session,
  length: number,
): Promise<void> {
  if (sequence.length - length >= worthKeeping) await keeper.keepEnd(session, worthKeeping);
}

interface Composed {
  readonly path: string;
  readonly tokens: readonly number[];
  remove(): Promise<void>;
}

/** A state as llama.cpp reads it, in a file of its own; null where it is not right or there is no room. */
async function compose(ref: StateRef, store: OpenStateStore): Promise<Composed | null> {
  const file = await store.scratch(store.composedBytes(ref));
  if (file === null) return null;
  try {
    const tokens = await store.compose(ref, file.path);
    if (tokens !== null) return { ...file, tokens };
  } catch (error) {
    await file.remove();
    throw error;
  }
  await file.remove();
  return null;
}

/** @returns false where llama.cpp refused the state; the session then holds nothing. */
async function load(
  session: Session,
  ref: StateRef,
  { path, tokens, remove }: Composed,
  store: OpenStateStore,
): Promise<boolean> {
  const { sequence, lineage } = session;
  try {
    lineage.cut(0);
    lineage.endKept = -1;
    if (!(await sequence.load(path, tokens))) return false;
    lineage.loaded(ref);
    lineage.endKept = sequence.length;
    void store.touch(ref, session.id).catch(() => {});
    return true;
  } finally {
    // Giving back its memory takes as long as a token, and somebody waits for one.
    void remove().catch(() => {});
  }
}
