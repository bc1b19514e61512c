import type { Timestamp } from './conversations.ts';

/** Why nothing comes just now. A download that waits goes on by itself. */
export interface DownloadWait {
  /** 'asked' = the server told us to; 'offline' = no connection; 'trouble' = anything else. */
  readonly reason: 'asked' | 'offline' | 'trouble';
  /** When it is tried again; in the past while it is being tried. */
  readonly until: Timestamp;
}

/** A line of what happened to a download. */
export interface DownloadLine {
  readonly at: Timestamp;
  /** Names the wording. Facts hold sizes in bytes, times in ms, hosts; never an address's query. */
  readonly event: string;
  readonly facts: Readonly<Record<string, string | number>>;
  /** English, for the command line and for events that the window has no words for. */
  readonly text: string;
}
