import type { DownloadFailure } from './faults.ts';

export interface DownloadRequest {
  /** The file at a pinned revision. */
  readonly url: string;
  /** Under the folder; `/` makes folders. */
  readonly fileName: string;
  /** 64 hex digits; null = unknown, then nothing is compared. */
  readonly sha256: string | null;
  readonly bytes: number | null;
  /** What X-Linked-Etag or ETag must say. */
  readonly etag?: string;
  /** Whose file it is, in the caller's words. */
  readonly subject: string;
}

export interface Download {
  readonly id: string;
  readonly subject: string;
  readonly url: string;
  readonly fileName: string;
  /** Where it will be, or is when `state` is done. */
  readonly path: string;
  /** 'waiting': active, but told to wait or without a connection. */
  readonly state: 'queued' | 'active' | 'waiting' | 'checking' | 'paused' | 'done' | 'failed';
  readonly bytes: number | null;
  readonly done: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft: number | null;
  readonly connections: number;
  readonly failure: DownloadFailure | null;
  /** A file with a wrong hash stands aside here; removed by cancel(). */
  readonly quarantine: string | null;
  readonly sha256: string | null;
  /** Bytes of all answers, also those thrown away. */
  readonly fetched: number;
  readonly startOvers: number;
  readonly createdAt: number;
  /** Of 'waiting': the fault it waits after, and when it is tried again (ms since 1970 UTC). */
  readonly wait: { readonly event: string; readonly until: number } | null;
}

export interface DownloadLogLine {
  readonly at: number;
  readonly event: string;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly text: string;
}

export interface Downloads {
  /**
   * Puts a file in line and returns its id; the one that already runs, if it is the same file.
   * Throws AppError 'invalid-argument' (name or address), 'model-exists' (the name is taken).
   */
  start(request: DownloadRequest): Promise<string>;
  pause(id: string): Promise<void>;
  /** Also tries a failed one again. */
  resume(id: string): void;
  /** Nothing of it stays; a finished file is left alone, only its record goes. */
  cancel(id: string): Promise<void>;
  list(): readonly Download[];
  log(id: string): readonly DownloadLogLine[];
  /** Next in line. Throws AppError 'not-found'. */
  first(id: string): void;
  /**
   * To be called once after start: goes on with what ran ('queued'), makes it paused, or only shows it
   * so and leaves it to a later start ('held'); removes leftovers that belong to nothing.
   * @returns ids of what goes on.
   */
  recover(as?: 'queued' | 'paused' | 'held'): Promise<readonly string[]>;
  /** The network changed or the machine woke up. */
  wake(): void;
  /** Resolves when it is done, paused, failed or gone (null). */
  settled(id: string): Promise<Download | null>;
  /** Saves progress and stops; nothing is forgotten. */
  close(): Promise<void>;
}
