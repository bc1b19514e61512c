import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../ipc/app-error.ts';
import type { KeptToken } from '../ipc/contract/index.ts';
import { readToken } from '../ipc/tokens.ts';

/** What is used of Electron's safeStorage: tests give another. */
export interface Keychain {
  isEncryptionAvailable(): boolean;
  /** Linux only; 'basic_text' = a key that stands in Electron's own source. */
  getSelectedStorageBackend?(): string;
  encryptString(text: string): Buffer;
  decryptString(blob: Buffer): string;
}

export interface TokenStore {
  status(): KeptToken;
  /**
   * Keeps it encrypted; without a keychain only if `allowFile`, in a file only this user can read.
   * Throws 'token-invalid', 'token-unprotected'. No error quotes it.
   */
  set(text: string, allowFile: boolean): KeptToken;
  remove(): KeptToken;
  /** For CORE. The file without encryption is read by CORE itself, so null here. */
  read(): { readonly token: string; readonly since: number } | null;
}

/**
 * The access token of the hub. `hub-token.sealed` holds it encrypted by the system's keychain,
 * `hub-token` (mode 0600) in the clear where there is no keychain and a person agreed.
 */
export function createTokenStore(dataFolder: string, keychain: Keychain): TokenStore {
  const sealed = join(dataFolder, 'hub-token.sealed');
  const plain = join(dataFolder, 'hub-token');

  const read: TokenStore['read'] = () => {
    try {
      const { since, blob } = JSON.parse(readFileSync(sealed, 'utf8')) as {
        since: unknown;
        blob: unknown;
      };
      if (typeof since !== 'number' || typeof blob !== 'string') return null;
      return { token: readToken(keychain.decryptString(Buffer.from(blob, 'base64'))), since };
    } catch {
      return null;
    }
  };

  const status = (): KeptToken => {
    const isSealed = timeOf(sealed) !== null;
    const kept = isSealed ? read() : null;
    const since = kept?.since ?? (isSealed ? null : timeOf(plain));
    const protection = kept !== null ? 'system' : since !== null ? 'file' : null;
    return {
      since,
      protection,
      canProtect: canProtect(keychain),
      isUnreadable: isSealed && kept === null,
    };
  };

  return {
    status,
    read,
    set(text, allowFile) {
      const token = readToken(text);
      if (canProtect(keychain)) {
        const blob = keychain.encryptString(token).toString('base64');
        writePrivately(sealed, JSON.stringify({ since: Date.now(), blob }));
        rmSync(plain, { force: true });
      } else if (allowFile) {
        writePrivately(plain, token);
        rmSync(sealed, { force: true });
      } else {
        throw new AppError('token-unprotected', 'no keychain that encrypts');
      }
      return status();
    },
    remove() {
      for (const path of [sealed, plain]) rmSync(path, { force: true });
      return status();
    },
  };
}

/** Encryption with a key that only the system's keychain gives. */
export function canProtect(keychain: Keychain): boolean {
  return (
    keychain.isEncryptionAvailable() && keychain.getSelectedStorageBackend?.() !== 'basic_text'
  );
}

function timeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** Never readable by others, not even for the moment in which it is written. */
export function writePrivately(path: string, text: string): void {
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
}
