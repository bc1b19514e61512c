import type { Timestamp } from './conversations.ts';

/** Why a folder cannot be looked into. Its documents stay as they were read. */
export type AwayReason = 'missing' | 'denied' | 'unreadable';

/**
 * Why changes are not told at once: 'watches' = the system has no more of them for this program, 'network' = the
 * folder lies on another machine, whose changes are not told here, 'failed' = the system refused for another reason.
 */
export type LimitedReason = 'watches' | 'network' | 'failed';

export interface WatchProgress {
  readonly files: number;
  readonly filesTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
  /** From the speed measured so far; null while too little has been read to tell. */
  readonly secondsLeft: number | null;
  /** Name of the file being read. */
  readonly current: string | null;
  /** It holds still because an answer is being read or written. */
  readonly givesWay: boolean;
}

/**
 * 'away' before 'paused' before 'reading' before 'looking'. 'waiting' = something is unread and nothing reads it now:
 * another collection is being read, or there was no room on the disk.
 */
export type WatchPhase = 'away' | 'paused' | 'reading' | 'looking' | 'waiting' | 'in-step';

/** How a collection made from a folder stands to the folder. */
export interface WatchState {
  readonly collectionId: string;
  readonly folder: string;
  readonly phase: WatchPhase;
  readonly paused: 'no' | 'this' | 'all';
  readonly away: { readonly since: Timestamp; readonly reason: AwayReason } | null;
  readonly limited: { readonly reason: LimitedReason; readonly everySeconds: number } | null;
  /** While something is read. */
  readonly progress: WatchProgress | null;
  /** Documents that are to be read, new or changed. */
  readonly unread: number;
  /** Documents whose last reading failed. */
  readonly failed: number;
  readonly lookedAt: Timestamp | null;
  /** The folder holds more files than are looked at; the rest is left out. */
  readonly tooMany: boolean;
}

/**
 * What became of a collection whose folder was to be looked for elsewhere. 'asks': some of its documents are not
 * there and would go; 'another': none of them is there; 'taken': another collection is made from that folder. Only
 * 'moved' has changed anything.
 */
export interface Relocated {
  readonly state: 'moved' | 'asks' | 'another' | 'taken';
  readonly folder: string;
  /** Documents that lie there by their place or size, and those that do not. */
  readonly found: number;
  readonly missing: number;
  /** Of 'taken': the other collection's name. */
  readonly takenBy: string | null;
}

/** What is left out of a folder, as lines in the syntax of .gitignore. Later lists win over earlier ones. */
export interface IgnoreRules {
  /** What is left out everywhere. */
  readonly usual: string;
  /** Of this collection. */
  readonly own: string;
  /** Files of rules found in the folder, relative to it. They stand between the two. */
  readonly files: readonly string[];
}
