import type { NativeSequence } from '../../native/llama/binding.ts';
import { AppError } from '../ipc/app-error.ts';
import { createLineage } from './lineage.ts';
import type { Lineage } from './lineage.ts';

/** A conversation's place in the context. */
export interface Session {
  readonly id: string;
  readonly sequence: NativeSequence;
  /** What is on disk of it. */
  readonly lineage: Lineage;
  /** Position that it is about to go back to: its checkpoint there is given up last. */
  goingTo: number | null;
}

export interface SessionPool {
  /**
   * Waits until the conversation can run: its own last run has ended and a sequence is free. A
   * sequence at rest is taken from the conversation that was used longest ago; one in use never is.
   * @param onQueued Position in the queue from 1, told again whenever it changes.
   * @param background Given for background work: it waits behind all others, takes no sequence from a
   * conversation that was used lately, and is asked to end when somebody needs the sequence it runs in.
   * @param inherits Asked where the conversation holds nothing: how many of the tokens of another one, at
   * rest, it would go on from; 0 = its sequence is not worth having. It is taken over, cut to them, if all
   * that the other one held is kept.
   * Throws AppError 'cancelled' when the signal aborts while waiting, and what `inherits` throws.
   */
  acquire(
    id: string,
    signal: AbortSignal,
    onQueued: (position: number) => void,
    background?: Background,
    inherits?: (from: Session) => number,
  ): Promise<{ session: Session; release(): void }>;
  /** Drops a conversation's state; while it runs, as soon as the run has ended. */
  forget(id: string): Promise<void>;
  /**
   * Keeps a conversation at rest from running until released; null while it runs or holds nothing.
   * @param onWanted Somebody waits for a sequence. Called any number of times.
   */
  hold(
    id: string,
    onWanted?: () => void,
  ): { readonly session: Session; release(): Promise<void> } | null;
  /** Conversations that hold a sequence, the most recently used one last. */
  list(): readonly Session[];
  /** Their sequence was taken from them, and is being saved or given back: until then it takes memory. */
  leaving(): readonly Session[];
  /** Runs that hold a sequence now. */
  readonly running: number;
  isRunning(id: string): boolean;
}

interface Background {
  /** Ends the run, so that `release` follows soon. */
  giveWay(): void;
  /** Somebody waits for it: it may take the sequence of a conversation that loses nothing by it. */
  readonly takesKept?: boolean;
}

/** Milliseconds after its last answer in which a conversation keeps its sequence from background work. */
const recentMs = 10 * 60_000;

interface Waiting {
  readonly id: string;
  readonly background: Background | undefined;
  readonly inherits: (from: Session) => number;
  readonly start: (session: Session) => void;
  readonly fail: (error: unknown) => void;
  readonly onQueued: (position: number) => void;
  told: number;
}

/**
 * @param capacity Sequences that the context was made with.
 * @param open Gives an empty sequence; called at most `capacity` times more than sequences disposed.
 * @param leave Awaited before a conversation's sequence is taken from it.
 * @param now Milliseconds, steady.
 * @param isKept Whether a conversation at rest comes back from disk with all that it holds.
 */
export function createSessionPool(
  capacity: number,
  open: () => NativeSequence,
  leave: (session: Session) => Promise<void> = async () => {},
  now: () => number = () => performance.now(),
  isKept: (session: Session) => boolean = () => false,
): SessionPool {
  // Insertion order is the order of use.
  const sessions = new Map<string, Session>();
  const busy = new Set<string>();
  const holds = new Map<string, () => void>();
  const doomed = new Set<string>();
  const closing = new Set<Promise<void>>();
  const leaving = new Set<Session>();
  const queue: Waiting[] = [];
  /** Sessions of background work; those that run with how to end them. */
  const background = new Map<string, Background | null>();
  const restingSince = new Map<string, number>();
  let later: ReturnType<typeof setTimeout> | undefined;
  let pumping = false;
  let again = false;

  const touch = (session: Session): void => {
    sessions.delete(session.id);
    sessions.set(session.id, session);
  };

  /** The session for an id, or null while no sequence can be had. */
  const place = async (waiting: Waiting): Promise<Session | null> => {
    const { id, background: mine } = waiting;
    if (busy.has(id)) {
      if (!mine) background.get(id)?.giveWay();
      return null;
    }
    const held = sessions.get(id);
    if (held) {
      touch(held);
      return held;
    }
    const heir = await takeOver(waiting);
    if (heir) return heir;
    if (sessions.size >= capacity) {
      const victim = victimFor(mine);
      if (victim === null) return null;
      void drop(victim, !background.has(victim));
    }
    // Until a sequence is given back the context has none to give.
    while (closing.size > 0) await Promise.all(closing);
    const session: Session = { id, sequence: open(), lineage: createLineage(), goingTo: null };
    sessions.set(id, session);
    return session;
  };

  /** Makes a sequence at rest that begins like it the conversation's own; null where none is worth it. */
  const takeOver = async ({ id, inherits }: Waiting): Promise<Session | null> => {
    let most = 0;
    let from: Session | null = null;
    for (const session of sessions.values()) {
      // Who waits will want it in a moment.
      if (busy.has(session.id) || queue.some((other) => other.id === session.id)) continue;
      const tokens = inherits(session);
      if (tokens <= most || !isKept(session)) continue;
      most = tokens;
      from = session;
    }
    if (from === null) return null;
    const { sequence, lineage } = from;
    const session: Session = { id, sequence, lineage, goingTo: null };
    remove(from);
    // Its checkpoints count at every moment, and nobody may run in it before it is cut.
    sessions.set(id, session);
    busy.add(id);
    const isCut = await sequence.rewind(most).then(
      (length) => {
        lineage.cut(length);
        return true;
      },
      () => false,
    );
    busy.delete(id);
    if (isCut && !doomed.delete(id)) return session;
    await drop(id);
    return null;
  };

  /** Whose sequence is taken: resting background work first, then whoever was used longest ago. */
  const victimFor = (mine: Background | undefined): string | null => {
    const resting = [...sessions.keys()].filter((id) => !busy.has(id));
    const worthless = resting.find((id) => background.has(id));
    const [oldest] = resting;
    if (worthless !== undefined) return worthless;
    if (mine === undefined) {
      // One that runs for somebody else must end for it.
      if (oldest === undefined) [...background].find(([id]) => busy.has(id))?.[1]?.giveWay();
      return oldest ?? null;
    }
    if (oldest === undefined) return null;
    if (mine.takesKept === true) {
      const kept = resting.find((id) => {
        const session = sessions.get(id);
        return session !== undefined && isKept(session);
      });
      if (kept !== undefined) return kept;
    }
    const wait = (restingSince.get(oldest) ?? -Infinity) + recentMs - now();
    if (wait <= 0) return oldest;
    clearTimeout(later);
    later = setTimeout(() => void pump(), wait).unref();
    return null;
  };

  // One pass at a time: placing a session awaits, and two passes would hand out one sequence twice.
  const pump = async (): Promise<void> => {
    if (pumping) {
      again = true;
      return;
    }
    pumping = true;
    do {
      again = false;
      for (const waiting of [...queue]) {
        if (!queue.includes(waiting)) continue;
        try {
          const session = await place(waiting);
          if (!session) continue;
          const index = queue.indexOf(waiting);
          if (index < 0) continue;
          queue.splice(index, 1);
          busy.add(waiting.id);
          if (waiting.background) background.set(waiting.id, waiting.background);
          else background.delete(waiting.id);
          waiting.start(session);
        } catch (error) {
          const index = queue.indexOf(waiting);
          if (index < 0) continue;
          queue.splice(index, 1);
          waiting.fail(error);
        }
      }
    } while (again);
    pumping = false;
    if (queue.length > 0) for (const onWanted of [...holds.values()]) onWanted();
    queue.forEach((waiting, index) => {
      if (waiting.told === index + 1) return;
      waiting.told = index + 1;
      waiting.onQueued(index + 1);
    });
  };

  const release = async (id: string): Promise<void> => {
    busy.delete(id);
    restingSince.set(id, now());
    if (background.has(id)) background.set(id, null);
    if (doomed.delete(id)) await drop(id);
    await pump();
  };

  const remove = ({ id }: Session): void => {
    sessions.delete(id);
    background.delete(id);
    restingSince.delete(id);
  };

  const drop = async (id: string, isKept = false): Promise<void> => {
    const session = sessions.get(id);
    if (!session) return;
    remove(session);
    const left = isKept ? leave(session).catch(() => {}) : Promise.resolve();
    const closed = left
      .then(() => session.sequence.dispose())
      .finally(() => {
        leaving.delete(session);
        closing.delete(closed);
      });
    leaving.add(session);
    closing.add(closed);
    await closed;
  };

  return {
    acquire(id, signal, onQueued, asBackground, inherits = () => 0) {
      return new Promise((resolve, reject) => {
        const cancelled = (): AppError => new AppError('cancelled', 'stopped while waiting');
        if (signal.aborted) {
          reject(cancelled());
          return;
        }
        const onAbort = (): void => {
          const index = queue.indexOf(waiting);
          if (index < 0) return;
          queue.splice(index, 1);
          reject(cancelled());
          void pump();
        };
        const waiting: Waiting = {
          id,
          background: asBackground,
          inherits,
          onQueued,
          told: 0,
          fail: reject,
          start(session) {
            signal.removeEventListener('abort', onAbort);
            resolve({ session, release: () => void release(id) });
          },
        };
        signal.addEventListener('abort', onAbort, { once: true });
        const behind = asBackground ? -1 : queue.findIndex((other) => other.background);
        queue.splice(behind < 0 ? queue.length : behind, 0, waiting);
        void pump();
      });
    },
    async forget(id) {
      if (busy.has(id)) doomed.add(id);
      else await drop(id);
    },
    hold(id, onWanted = () => {}) {
      const session = sessions.get(id);
      // Who waits may have been chosen already.
      const isWanted = queue.some((waiting) => waiting.id === id);
      if (session === undefined || busy.has(id) || isWanted) return null;
      busy.add(id);
      holds.set(id, onWanted);
      const end = (): Promise<void> => {
        holds.delete(id);
        return release(id);
      };
      return { session, release: end };
    },
    list: () => [...sessions.values()],
    leaving: () => [...leaving],
    get running() {
      return busy.size - holds.size;
    },
    isRunning: (id) => busy.has(id) && !holds.has(id),
  };
}
