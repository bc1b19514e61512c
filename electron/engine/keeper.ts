import type { Session, SessionPool } from './sessions.ts';
import type { KeepRequest, StateKind, StateRef } from './states/port.ts';
import type { OpenStateStore } from './states/store.ts';

/** Writes what sessions hold to disk: after answers, and before it is cut away. */
export interface Keeper {
  /** A run has ended: what is new is kept once the conversation rests. */
  ended(session: Session): void;
  /**
   * Keeps the sequence's end now, if it is worth it and not kept yet. Who calls has the session; it is
   * free again when llama.cpp has written it.
   * @param worth Fewer tokens than that behind a kept state are not worth a state.
   */
  keepEnd(session: Session, worth: number): Promise<void>;
  /** All that a session at rest holds and that is worth it is on disk: it can come back without reading. */
  isKept(session: Session): boolean;
  /** So many states fit that the one used last stays, whatever comes next. */
  readonly isRoomy: boolean;
  /** Keeps the state that a run is just passing. */
  passed(session: Session, kind: StateKind): Promise<void>;
  /** Resolves when nothing that would cover more than `beyond` of these tokens is still being written. */
  settled(tokens: readonly number[], beyond: number): Promise<void>;
  /**
   * Keeps the ends of all conversations at rest, the last used ones first, and with `checkpoints` what
   * else is worth it while there is time. @returns bytes written.
   */
  flush(limits: {
    readonly budget: number;
    readonly limitMs: number;
    readonly checkpoints?: boolean;
  }): Promise<number>;
  /** Keeps nothing more of what a conversation has held until now, wherever its sequence is. */
  forget(sessionId: string): void;
  /** Begins nothing more, and waits for what is being written. */
  close(): Promise<void>;
}

export interface KeeperPorts {
  readonly store: OpenStateStore;
  readonly pool: Pick<SessionPool, 'hold' | 'list' | 'leaving' | 'isRunning'>;
  /** False where a sequence can be cut anywhere: its end stands for all before it. */
  readonly needsCheckpoints: boolean;
  /** Bytes that all states may take. */
  readonly budget: number;
  /** At most so many bytes does llama.cpp write for a sequence of so many tokens. */
  sizeOf(tokens: number): number;
  /** Bytes of a state's recurrent part. */
  readonly recurrent: number;
  /** Milliseconds, steady. */
  now(): number;
  /** Milliseconds of rest before a conversation is kept. */
  readonly rest?: number;
}

/** Longer than a person needs to ask at once again, shorter than it takes to close the window. */
const restMs = 700;
/** A checkpoint this many tokens behind a kept state is not worth its own. */
const near = 16;
/** Each checkpoint is written with all rows before it, only to be cut down to its recurrent part. */
const largestFile = 256 * 1024 ** 2;
/** Share of the budget that a checkpoint's state may take; the end of an answer is always tried. */
const largestShare = 8;

interface Written {
  readonly request: Omit<KeepRequest, 'from'>;
  readonly remove: () => Promise<void>;
  readonly done: ((ref: StateRef | null) => void) | null;
}

export function createKeeper(ports: KeeperPorts): Keeper {
  const { store, pool, needsCheckpoints, sizeOf, now, rest = restMs } = ports;
  const isRoomy = ports.recurrent * largestShare <= ports.budget;
  const timers = new Map<Session, NodeJS.Timeout>();
  const forgotten = new WeakSet<Session>();
  const writing = new Set<{
    readonly session: Session;
    readonly tokens: readonly number[];
    readonly done: Promise<void>;
  }>();
  let background: Promise<unknown> = Promise.resolve();
  let isHurried = false;
  let deadline = Infinity;
  let isClosed = false;

  /** Tokens of the longest state that an empty sequence could go on from. */
  const covered = (tokens: readonly number[], most: number): number => {
    let best = store.find(tokens, most)?.position ?? 0;
    for (const { tokens: others } of writing) {
      const same = sharedLength(others, tokens);
      if (needsCheckpoints && same < others.length) continue;
      best = Math.max(best, needsCheckpoints && same > most ? 0 : Math.min(same, most));
    }
    return best;
  };

  /**
   * Hands files over to the store, beside whatever runs. The first is the longest: whose rows it has,
   * the others have too.
   */
  const hand = (session: Session, files: readonly Written[], from: KeepRequest['from']): void => {
    let parent = from;
    let before: Promise<unknown> = Promise.resolve();
    for (const { request, remove, done } of files) {
      const { length } = request.tokens;
      const work = async (): Promise<void> => {
        let kept: Awaited<ReturnType<OpenStateStore['keep']>> = null;
        try {
          if (forgotten.has(session)) return;
          const cut = parent && { ref: parent.ref, shared: Math.min(parent.shared, length) };
          kept = await store.keep({ ...request, from: cut });
        } finally {
          const ref = kept?.isSame === true ? kept.ref : null;
          if (ref !== null) parent = { ref, shared: length };
          done?.(ref);
          await remove();
        }
      };
      const entry = {
        session,
        tokens: request.tokens,
        done: before
          .then(work)
          .catch(() => {})
          .finally(() => writing.delete(entry)),
      };
      writing.add(entry);
      before = entry.done;
    }
  };

  const ownersOf = (session: Session, kind: StateKind): string[] => {
    const { documentSet } = session.lineage;
    return kind === 'document' && documentSet !== null ? [session.id, documentSet] : [session.id];
  };

  /** Has llama.cpp write the sequence as it is, or as it was at one of its checkpoints. */
  const write = async (
    session: Session,
    kind: StateKind,
    at: number | null,
  ): Promise<Written | null> => {
    const { sequence, lineage } = session;
    const length = at ?? sequence.length;
    const file = await store.scratch(sizeOf(length));
    if (file === null) return null;
    const tokens = sequence.tokens.slice(0, length);
    const request = { path: file.path, tokens, kind, owners: ownersOf(session, kind) };
    try {
      if (at === null) await sequence.save(file.path);
      else await sequence.saveAt(at, file.path);
    } catch (error) {
      await file.remove();
      throw error;
    }
    return { request, remove: file.remove, done: at === null ? lineage.saved(length) : null };
  };

  /**
   * What another conversation has kept of the same tokens becomes this one's too: otherwise it would go
   * with the other.
   */
  const share = (session: Session): void => {
    const { tokens, checkpoints, length } = session.sequence;
    const kinds = new Map([...checkpoints.map(({ position, kind }) => [position, kind] as const)]);
    kinds.set(length, 'answer');
    for (const [position, kind] of kinds) {
      const found = store.find(tokens, position);
      if (found === null || found.position !== position) continue;
      const isDocument = kind === 'base' && session.lineage.documentSet !== null;
      const owners = ownersOf(session, isDocument ? 'document' : 'answer');
      for (const owner of owners) void store.touch(found.ref, owner).catch(() => {});
    }
  };

  const keepNow = async (session: Session, kind: StateKind): Promise<void> => {
    const { from } = session.lineage;
    const written = await write(session, kind, null).catch(() => null);
    if (written !== null) hand(session, [written], from);
  };

  /** Positions and kinds of the checkpoints worth a state, the last one first. */
  const wanted = ({ sequence, lineage }: Session): { position: number; kind: StateKind }[] => {
    if (!needsCheckpoints || !isRoomy) return [];
    const { length, tokens, checkpoints } = sequence;
    const last = Math.max(0, ...checkpoints.filter(isPrompt).map(({ position }) => position));
    const chosen: { position: number; kind: StateKind }[] = [];
    // From the first on: one that stands close behind another is not worth it.
    const sorted = [...checkpoints].sort((a, b) => a.position - b.position);
    for (const [index, { position, kind }] of sorted.entries()) {
      if (position >= length || sizeOf(position) > largestFile) continue;
      const isLast = kind === 'prompt' && position === last;
      // Behind a prompt whose answer is a few tokens stands no other checkpoint: it is the next question's start, too.
      const next = sorted[index + 1];
      if (kind === 'prompt' && !isLast && next !== undefined && !isPrompt(next)) continue;
      const isExact = isLast || kind === 'base';
      const before = Math.max(covered(tokens, position), chosen.at(-1)?.position ?? 0);
      if (position - before < (isExact ? 1 : near)) continue;
      const isDocument = kind === 'base' && lineage.documentSet !== null;
      chosen.push({ position, kind: isDocument ? 'document' : (kind as StateKind) });
    }
    return chosen.reverse();
  };

  const keepAtRest = async (session: Session): Promise<void> => {
    let isWanted = false;
    const held = pool.hold(session.id, () => {
      isWanted = true;
    });
    if (held === null) return;
    const files: Written[] = [];
    const { sequence, lineage } = session;
    const { from } = lineage;
    try {
      if (held.session !== session || forgotten.has(session) || sequence.length === 0) return;
      const { length } = sequence;
      share(session);
      const isEndKept = lineage.endKept === length || covered(sequence.tokens, length) === length;
      const checkpoints = wanted(session);
      if (isEndKept && checkpoints.length === 0) return;
      const tokens = [...sequence.tokens];
      const end = await write(session, 'answer', null);
      if (end === null) return;
      files.push(end);
      lineage.endKept = length;
      try {
        for (const { position, kind } of checkpoints) {
          if (isWanted || isHurried || now() > deadline) break;
          const file = await write(session, kind, position);
          if (file === null) break;
          files.push(file);
        }
      } finally {
        const isCut = sequence.length !== length;
        if (isCut && !(await sequence.resume(end.request.path, tokens))) lineage.cut(0);
      }
    } catch {
      // What could not be written is read again one day.
    } finally {
      await held.release();
      hand(session, files, from);
    }
  };

  const inBackground = <T>(work: () => Promise<T>): Promise<T | void> => {
    const done = background.then(work).catch(() => {});
    background = done;
    return done;
  };

  const isWorth = ({ sequence, lineage }: Session, worth: number): boolean => {
    const { length, tokens } = sequence;
    if (length === 0 || lineage.endKept === length) return false;
    return length - covered(tokens, length) >= worth;
  };
  const keepEnd = async (session: Session, worth: number): Promise<void> => {
    if (isClosed || forgotten.has(session) || !isWorth(session, worth)) return;
    session.lineage.endKept = session.sequence.length;
    await keepNow(session, 'answer');
  };
  const settleAll = (): Promise<unknown> => Promise.all([...writing].map(({ done }) => done));

  return {
    ended(session) {
      clearTimeout(timers.get(session));
      if (isClosed || forgotten.has(session)) return;
      const timer = setTimeout(() => {
        timers.delete(session);
        if (!isClosed) void inBackground(() => keepAtRest(session));
      }, rest);
      timers.set(session, timer);
    },
    keepEnd,
    isRoomy,
    isKept(session) {
      const { tokens, length } = session.sequence;
      if (isClosed || forgotten.has(session)) return false;
      return store.find(tokens, length)?.position === length && wanted(session).length === 0;
    },
    async passed(session, kind) {
      if (isClosed || forgotten.has(session)) return;
      const { length, tokens } = session.sequence;
      const found = store.find(tokens, length);
      // A longer one begins like this, too, but is another conversation's.
      if (found?.position !== length || !found.isWhole) await keepNow(session, kind);
      else for (const owner of ownersOf(session, kind)) void store.touch(found.ref, owner);
    },
    async settled(tokens, beyond) {
      const better = [...writing].filter((each) => {
        const same = sharedLength(each.tokens, tokens);
        return same > beyond && (!needsCheckpoints || same === each.tokens.length);
      });
      await Promise.all(better.map(({ done }) => done));
    },
    async flush({ budget, limitMs, checkpoints = false }) {
      const begun = now();
      const before = store.bytes;
      let expected = 0;
      isHurried = true;
      await background;
      for (const session of pool.list().toReversed()) {
        if (pool.isRunning(session.id)) continue;
        if (!isWorth(session, 1)) {
          share(session);
          continue;
        }
        expected += sizeOf(session.sequence.length);
        if (expected > budget || now() - begun > limitMs) break;
        const held = pool.hold(session.id);
        if (held === null) continue;
        try {
          await keepEnd(held.session, 1);
        } finally {
          await held.release();
        }
      }
      isHurried = false;
      deadline = begun + limitMs;
      for (const session of checkpoints ? pool.list().toReversed() : []) {
        if (now() < deadline) await keepAtRest(session);
      }
      deadline = Infinity;
      await settleAll();
      return Math.max(0, store.bytes - before);
    },
    forget(sessionId) {
      const held = [...pool.list(), ...pool.leaving()];
      const all = [...held, ...timers.keys(), ...[...writing].map(({ session }) => session)];
      for (const session of all) {
        if (session.id !== sessionId) continue;
        forgotten.add(session);
        clearTimeout(timers.get(session));
        timers.delete(session);
      }
    },
    async close() {
      isClosed = true;
      isHurried = true;
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
      await background;
      await settleAll();
    },
  };
}

function isPrompt({ kind }: { readonly kind: string }): boolean {
  return kind === 'prompt';
}

function sharedLength(left: readonly number[], right: readonly number[]): number {
  const most = Math.min(left.length, right.length);
  let length = 0;
  while (length < most && left[length] === right[length]) length += 1;
  return length;
}
