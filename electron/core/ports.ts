/** What CORE needs from the outside. Real ones are made in `process.ts` and `cli.ts`, others in tests. */

export interface Clock {
  /** Milliseconds since 1970 UTC. */
  now(): number;
}

export interface Ids {
  /** A new id, sortable by time of making (UUID v7 form). */
  next(): string;
}

/** Lines for people who look for a fault. Never prompt, document text, token or key. */
export interface Log {
  info(event: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
  warn(event: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
  error(event: string, facts?: Readonly<Record<string, string | number | boolean>>): void;
}

export interface Machine {
  /** Bytes. `available` is what could be given to a new process without swapping. */
  memory(): { readonly total: number; readonly available: number };
  readonly cores: number;
  /** Stable across starts, tells machines apart for the thread table: cpu model + core count. */
  readonly fingerprint: string;
}

/** Tells every window that something changed. */
export interface Announcer {
  push<N extends import('../ipc/contract/index.ts').PushName>(
    name: N,
    data: import('../ipc/contract/index.ts').Pushes[N],
  ): void;
}
