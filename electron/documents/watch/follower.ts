import type { Clock, Log } from '../../core/ports.ts';
import { AppError, toErrorShape } from '../../ipc/app-error.ts';
import type { AwayReason, WatchPhase, WatchState } from '../../ipc/contract/index.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { StartIngest } from '../handlers.ts';
import { isRemote } from './bells.ts';
import type { Bells } from './bells.ts';
import { createQuiet, lookAt } from './look.ts';
import type { Looked, LookPorts } from './look.ts';
import { createReading } from './reading.ts';
import { lookAtRoot } from './scan.ts';

export interface Timing {
  /** After the last sign of a change, before a look; and how long signs may go on. */
  readonly restMs: number;
  readonly longestRestMs: number;
  /** A file must have rested so long; and how long one that never rests is waited for. */
  readonly quietMs: number;
  readonly longestQuietMs: number;
  /** Between looks without a sign: watches lose events. Where changes are not told; and where the folder is away. */
  readonly everyMs: number;
  readonly limitedMs: number;
  readonly awayMs: number;
}

export const usualTiming: Timing = {
  restMs: 1000,
  longestRestMs: 10_000,
  quietMs: 1500,
  longestQuietMs: 30_000,
  everyMs: 15 * 60_000,
  limitedMs: 5 * 60_000,
  awayMs: 10_000,
};

/** A look may take this share of the time at most, however often the folder changes. */
const lookShare = 1 / 20;
const announceMs = 350;

export interface FollowerPorts extends LookPorts {
  readonly collectionId: string;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly log: Log;
  readonly timing: Timing;
  readonly start: StartIngest;
  readonly isBusy: () => boolean;
  readonly pausedAll: () => boolean;
  readonly announce: (name: 'documents.changed' | 'documents.watch') => void;
  /** Looks of all folders, one at a time. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  /** Null: nobody watches, looks come only when a person asks. */
  readonly hang: ((root: string, onRing: () => void) => Bells) | null;
}

/** Keeps one collection in step with its folder; of a collection without one it only reads what waits. */
export interface Follower {
  state(): WatchState | undefined;
  readonly rulesFiles: readonly string[];
  /** A look now, for a person: files are taken as they are. */
  look(): Promise<void>;
  /** A look now, then reading, as one task; the running one where there is one. @returns its id. */
  readNow(subject: string): string;
  /** Reads what waits, unless it is being read or paused. */
  goOn(): void;
  /** The pauses have changed. */
  pausesChanged(): void;
  /** Begins to follow: a look at once, then whenever something changes. */
  begin(): void;
  close(): void;
}

export function createFollower(ports: FollowerPorts): Follower {
  const { collectionId, watched, timing } = ports;
  const closing = new AbortController();
  const quiet = createQuiet(ports.clock, timing.quietMs, timing.longestQuietMs);
  const folder = () => watched.folder(collectionId);
  const isPaused = (): boolean => ports.pausedAll() || folder()?.paused === true;

  let bells: Bells | null = null;
  let following = false;
  let away: AwayReason | null = null;
  let remote = false;
  let looking = 0;
  let lookedMs = 0;
  let lookEnded = -Infinity;
  let firstRing: number | null = null;
  let rulesFiles: readonly string[] = [];
  let tooMany = false;
  let taskId: string | null = null;
  let timer: NodeJS.Timeout | undefined;
  let ringTimer: NodeJS.Timeout | undefined;
  const announced = { changed: -Infinity, watch: -Infinity };

  const announce = (what: { documents: boolean; always: boolean }): void => {
    if (closing.signal.aborted) return;
    const now = performance.now();
    if (what.documents && (what.always || now - announced.changed >= announceMs)) {
      announced.changed = now;
      ports.announce('documents.changed');
    }
    if (what.always || now - announced.watch >= announceMs) {
      announced.watch = now;
      ports.announce('documents.watch');
    }
  };
  const show = (): void => announce({ documents: false, always: true });

  const reading = createReading({
    ...ports,
    isThere: async () => {
      const at = folder();
      if (at === undefined) return true;
      const root = await lookAtRoot(at.folder);
      return root.there && !(root.empty && root.identity !== at.identity);
    },
    announce,
  });

  const limitedBy = (): WatchState['limited'] => {
    const reason = bells?.limited ?? (remote ? 'network' : null);
    return reason === null ? null : { reason, everySeconds: Math.round(timing.limitedMs / 1000) };
  };

  const ring = (afterMs = timing.restMs): void => {
    if (!following || closing.signal.aborted) return;
    const now = performance.now();
    firstRing ??= now;
    const rested = Math.min(now + afterMs, Math.max(now, firstRing + timing.longestRestMs));
    const spaced = lookEnded + lookedMs / lookShare;
    clearTimeout(ringTimer);
    ringTimer = setTimeout(() => void lookQuietly(), Math.max(0, rested - now, spaced - now));
    ringTimer.unref();
  };

  const later = (): void => {
    clearTimeout(timer);
    if (!following || closing.signal.aborted) return;
    const { awayMs, limitedMs, everyMs } = timing;
    const ms = away !== null ? awayMs : limitedBy() !== null ? limitedMs : everyMs;
    timer = setTimeout(() => void lookQuietly(), ms);
    timer.unref();
  };

  /** Throws when the signal says so. */
  const look = async (byPerson: boolean, signal: AbortSignal): Promise<Looked | null> => {
    looking += 1;
    show();
    try {
      return await ports.inTurn(async () => {
        const at = folder();
        if (at === undefined || closing.signal.aborted) return null;
        clearTimeout(ringTimer);
        firstRing = null;
        const startedAt = performance.now();
        if (following) bells ??= ports.hang?.(at.folder, () => ring()) ?? null;
        remote = following && (await isRemote(at.folder));
        const looked = await lookAt(ports, at, { signal, bells, quiet: byPerson ? null : quiet });
        lookedMs = performance.now() - startedAt;
        return looked;
      });
    } finally {
      looking -= 1;
      lookEnded = performance.now();
      later();
      show();
    }
  };

  const note = (looked: Looked | null): void => {
    if (looked === null) return;
    away = looked.there ? null : looked.reason;
    if (looked.there) {
      ({ rulesFiles, tooMany } = looked);
      if (looked.again) ring(timing.quietMs);
      if (looked.changes > 0) announce({ documents: true, always: true });
      reading.refresh();
    } else bells?.close();
    later();
    show();
  };

  const lookAndNote = async (byPerson: boolean, signal = closing.signal): Promise<void> => {
    try {
      note(await look(byPerson, signal));
    } catch (error) {
      if (signal.aborted) throw error;
      // The next look tries again; what a single file does never comes here.
      ports.log.warn('watch.look', { code: toErrorShape(error).code });
    }
  };

  const lookQuietly = async (): Promise<void> => {
    if (isPaused()) return;
    await lookAndNote(false).catch(() => {});
    goOn();
  };

  const find = async (byPerson: boolean, signal: AbortSignal): Promise<void> => {
    await lookAndNote(byPerson, signal);
    if (isPaused()) reading.stop();
  };

  const start = (
    subject: string,
    find: ((signal: AbortSignal) => Promise<void>) | null,
  ): string => {
    taskId = ports.start(collectionId, subject, async (handle) => {
      try {
        const ended = await reading.run(handle, find);
        closing.signal.throwIfAborted();
        if (ended === 'cancelled') {
          // What waits of a folder waits on: else the next look would begin again with what was just stopped.
          if (folder() !== undefined) watched.setPaused(collectionId, true);
          else ports.ingest.giveUp(watched.unread(collectionId).map(({ id }) => id));
          throw new AppError('cancelled', 'stopped');
        }
        if (ended === 'left') ring();
        if (ended === 'away') {
          away = 'missing';
          later();
        }
        if (ended === 'done' || ended === 'stopped') setImmediate(goOn);
      } finally {
        taskId = null;
        announce({ documents: true, always: true });
      }
    });
    show();
    return taskId;
  };

  const goOn = (): void => {
    if (closing.signal.aborted || taskId !== null || isPaused() || away !== null) return;
    if (watched.counts(collectionId).unread === 0) return;
    start(ports.documents.collection(collectionId)?.name ?? '', null);
  };

  return {
    state() {
      const at = folder();
      if (at === undefined) return undefined;
      const { unread, failed } = watched.counts(collectionId);
      const paused = ports.pausedAll() ? 'all' : at.paused ? 'this' : 'no';
      const { progress } = reading;
      const phase: WatchPhase =
        away !== null
          ? 'away'
          : paused !== 'no'
            ? 'paused'
            : progress !== null
              ? 'reading'
              : looking > 0 || firstRing !== null || (following && at.lookedAt === null)
                ? 'looking'
                : unread > 0
                  ? 'waiting'
                  : 'in-step';
      return {
        collectionId,
        folder: at.folder,
        phase,
        paused,
        away: away === null ? null : { since: at.awaySince ?? ports.clock.now(), reason: away },
        limited: limitedBy(),
        progress,
        unread,
        failed,
        lookedAt: at.lookedAt,
        tooMany,
      };
    },
    get rulesFiles() {
      return rulesFiles;
    },
    async look() {
      await lookAndNote(true).catch(() => {});
      goOn();
    },
    readNow(subject) {
      if (taskId !== null) {
        void lookAndNote(true).catch(() => {});
        return taskId;
      }
      return start(subject, (signal) => find(true, signal));
    },
    goOn,
    pausesChanged() {
      if (isPaused()) {
        clearTimeout(ringTimer);
        firstRing = null;
        reading.stop();
      } else if (following) void lookQuietly();
      else goOn();
      show();
    },
    begin() {
      following = true;
      if (isPaused() || taskId !== null) return;
      if (watched.counts(collectionId).unread > 0)
        start(ports.documents.collection(collectionId)?.name ?? '', (signal) =>
          find(false, signal),
        );
      else void lookQuietly();
    },
    close() {
      closing.abort(new AppError('cancelled', 'closing'));
      clearTimeout(timer);
      clearTimeout(ringTimer);
      reading.stop();
      bells?.close();
    },
  };
}
