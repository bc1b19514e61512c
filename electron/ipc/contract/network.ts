import type { Timestamp } from './conversations.ts';

/** How Quarry reaches the network, as far as the window may know it. Holds no secret. */
export interface NetworkStatus {
  readonly endpoint: {
    /** `https://host[/path]` of the hub or of what stands in for it. */
    readonly address: string;
    readonly from: 'hub' | 'setting' | 'environment';
    /** HF_ENDPOINT, where the setting overrides it. */
    readonly overridden: string | null;
    /** HF_ENDPOINT is set to something that is not used: no https address. */
    readonly isRefused: boolean;
  };
  /** The usual variables tell a proxy; it counts where the setting is 'system'. Host and port only. */
  readonly environmentProxy: string | null;
  readonly authority: CertificateAuthority | null;
  readonly token: TokenSource;
  readonly keys: KeysStatus;
}

/** A firm's own certificate authority, kept as a copy of the file a person chose. */
export interface CertificateAuthority {
  /** Names as the certificate tells them; the first certificate of the file. */
  readonly subject: string;
  readonly expiresAt: Timestamp;
  /** Certificates in the file. */
  readonly count: number;
  readonly addedAt: Timestamp;
}

/** Where the token comes from that downloads send. Never the token, nor a part of it. */
export interface TokenSource {
  readonly from: 'kept' | 'file' | 'environment' | null;
  readonly since: Timestamp | null;
  /** The token file can be read by others and is therefore not used. */
  readonly isRefused: boolean;
}

/** What MAIN keeps of the token. */
export interface KeptToken {
  readonly since: Timestamp | null;
  /** 'system' = encrypted with a key of the system's keychain; 'file' = a file only this user can read. */
  readonly protection: 'system' | 'file' | null;
  /** The system has a keychain that encrypts. */
  readonly canProtect: boolean;
  /** Something is kept that the keychain no longer opens. */
  readonly isUnreadable: boolean;
}

/** Sigstore's keys, which signatures are checked against. */
export interface KeysStatus {
  readonly from: 'shipped' | 'refreshed';
  /** The day they were current: when they were shipped or refreshed. */
  readonly asOf: Timestamp;
  /** When the newest of them came into force. */
  readonly newestKeyAt: Timestamp | null;
}

export const connectionOutcomes = [
  'reached',
  /** Answers, but not as the hub does. */
  'no-hub',
  'token-refused',
  /** It wants a token and none is kept. */
  'token-needed',
  'busy',
  'proxy-refused',
  'proxy-unreachable',
  'certificate',
  'unreachable',
  'name-unknown',
  'timeout',
] as const;
export type ConnectionOutcome = (typeof connectionOutcomes)[number];

export interface ConnectionTest {
  readonly outcome: ConnectionOutcome;
  readonly host: string;
  /** Host and port of the proxy in between; null = none. */
  readonly proxy: string | null;
  readonly usedToken: boolean;
  readonly status: number | null;
}
