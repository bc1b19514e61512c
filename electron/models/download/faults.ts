/** Why a download ended as failed. The window words them. */
export type DownloadFailure =
  | 'disk-full'
  | 'permission-denied'
  | 'not-found'
  /** 401 or 403 at the address itself: an account or a token is needed. */
  | 'refused'
  /** The file on the server is not the one that was asked for, or changes again and again. */
  | 'changed'
  /** Longer or shorter than it should be. */
  | 'wrong-size'
  /** sha256 differs, also after fetching again; the file stands aside under another name. */
  | 'wrong-bytes'
  /** Answers that make no sense, again and again. */
  | 'server'
  /** Something else already has the name. */
  | 'exists'
  | 'internal';

/** Ends a download until someone resumes it. */
export class Fatal extends Error {
  readonly failure: DownloadFailure;

  constructor(failure: DownloadFailure, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

/**
 * Ends one request; the download goes on.
 * `line`: the network or a tired server, patience without end. `nonsense`: an answer that breaks the
 * rules, patience is limited. `busy`: told to wait `wait` ms. `over`: what was fetched is worthless.
 */
export class Fault extends Error {
  readonly kind: 'line' | 'nonsense' | 'busy' | 'over';
  readonly wait: number;
  /** Name of the line in the download's log. */
  readonly event: string;

  constructor(kind: Fault['kind'], event: string, wait = 0) {
    super(event);
    this.kind = kind;
    this.event = event;
    this.wait = wait;
  }
}

/** A fault of the disk as the failure it means; undefined for anything else. */
export function diskFailure(error: unknown): DownloadFailure | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') return 'disk-full';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'permission-denied';
  return undefined;
}
