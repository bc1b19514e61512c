import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../ipc/app-error.ts';
import type { TokenSource } from '../../ipc/contract/index.ts';
import { readToken } from '../../ipc/tokens.ts';

/** The token of the hub, wherever it comes from. It is never written, logged or told from here. */
export interface Token {
  /** null when there is none, or when its file is open to others. */
  read(): string | null;
  source(): TokenSource;
  /** Throws 'token-file-open' or 'token-invalid' where a token is meant that cannot be used. */
  check(): void;
  /** What MAIN keeps; null = nothing. Held in memory only. */
  hand(token: string | null, since: number | null): void;
}

/** In the profile; also written by MAIN where there is no keychain and a person agreed. */
export const tokenFile = 'hub-token';

/**
 * In this order: what MAIN's keychain keeps, the file `hub-token` of the profile, HF_TOKEN. The file
 * counts only if it belongs to this user and no one else may read it (mode 0600); Windows has no such
 * bits, there the folder's own rights protect it.
 */
export function createToken(ports: {
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
}): Token {
  const { environment, platform = process.platform } = ports;
  const path = join(ports.dataFolder, tokenFile);
  let handed: { readonly token: string; readonly since: number | null } | null = null;

  const fromFile = (): { token: string; since: number } | 'open' | null => {
    let text: string;
    let since: number;
    try {
      const facts = statSync(path);
      const isOthers = facts.uid !== process.getuid?.() && process.getuid?.() !== 0;
      const isOpen = platform !== 'win32' && ((facts.mode & 0o077) !== 0 || isOthers);
      if (!facts.isFile() || isOpen) return 'open';
      since = facts.mtimeMs;
      text = readFileSync(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      return 'open';
    }
    return { token: readToken(text), since };
  };
  const fromEnvironment = (): string | null => {
    const text = environment['HF_TOKEN'];
    return text === undefined || text.trim() === '' ? null : readToken(text);
  };

  /** Throws 'token-invalid' and 'token-file-open'. */
  const find = (): { token: string; from: TokenSource['from']; since: number | null } | null => {
    if (handed !== null) return { ...handed, from: 'kept' };
    const file = fromFile();
    if (file === 'open') {
      throw new AppError('token-file-open', 'the token file is open to others', {
        detail: { path },
      });
    }
    if (file !== null) return { ...file, from: 'file' };
    const token = fromEnvironment();
    return token === null ? null : { token, from: 'environment', since: null };
  };

  return {
    read() {
      try {
        return find()?.token ?? null;
      } catch {
        return null;
      }
    },
    source() {
      try {
        const found = find();
        return { from: found?.from ?? null, since: found?.since ?? null, isRefused: false };
      } catch {
        return { from: null, since: null, isRefused: true };
      }
    },
    check: () => void find(),
    hand(token, since) {
      handed = token === null ? null : { token, since };
    },
  };
}
