/** What the download engine needs from the outside; real ones in http.ts and files.ts. */

export interface HttpReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends a body that nobody reads on; the connection goes with it. */
  discard(): void;
}

export interface Http {
  /** The address to begin with: the mirror's where one is set. */
  start(url: string): string;
  /** One request, one answer: redirects are answers. The body arrives as sent. */
  open(request: {
    /** GET if not told. */
    readonly method?: 'GET' | 'HEAD';
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  }): Promise<HttpReply>;
}

export interface OpenFile {
  /** Writes all of the pieces, one after the other, from `position`. */
  write(pieces: readonly Uint8Array[], position: number): Promise<void>;
  /** Bytes read; 0 at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>;
  truncate(bytes: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface Files {
  /** For reading and writing; made if it is not there. */
  open(path: string): Promise<OpenFile>;
  /** Bytes, or null when there is none. */
  size(path: string): Promise<number | null>;
  /** Renames and flushes the folder, so that the name survives a power cut. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  /** Bytes that this user may still write there. */
  free(folder: string): Promise<number>;
}

/** Resolves after `ms`, at once when the signal fires; never rejects. */
export type Sleep = (ms: number, signal: AbortSignal) => Promise<void>;

/** Limits and patience. All times in ms. */
export interface DownloadTuning {
  /** Downloads that run at the same time; the others wait in line. */
  readonly active: number;
  /** Connections of one download at most. */
  readonly connections: number;
  /** Bytes of one request; bounds what a bad connection can hold up. */
  readonly piece: number;
  /** A connection that says nothing for so long is dropped. */
  readonly readTimeout: number;
  /** A connection slower than this many bytes a second over `slowWindow` is dropped. */
  readonly slowRate: number;
  readonly slowWindow: number;
  /** First wait after a fault; doubles up to `retryMost`. */
  readonly retryFirst: number;
  readonly retryMost: number;
  /** Answers in a row that make no sense, before giving up. */
  readonly patience: number;
  /** Progress is flushed and saved after so many bytes, or so much time, but not more often than `saveGap`. */
  readonly saveBytes: number;
  readonly saveEvery: number;
  readonly saveGap: number;
  /** How often speed is measured and the number of connections thought over. */
  readonly tick: number;
  /** Bytes of the disk that are left alone. */
  readonly spare: number;
}

export const usualTuning: DownloadTuning = {
  active: 3,
  connections: 8,
  piece: 16 * 1024 * 1024,
  readTimeout: 30_000,
  slowRate: 2048,
  slowWindow: 20_000,
  retryFirst: 500,
  retryMost: 30_000,
  patience: 6,
  saveBytes: 8 * 1024 * 1024,
  saveEvery: 1000,
  saveGap: 100,
  tick: 1000,
  spare: 64 * 1024 * 1024,
};
