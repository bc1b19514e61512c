import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTokenStore } from './token-store.ts';
import type { Keychain } from './token-store.ts';

const token = 'hf_secretSECRETsecret';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-token-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Turns every byte: enough to see that what lies on the disk is not the token. */
const keychain = (over: Partial<Keychain> = {}): Keychain => ({
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => 'gnome_libsecret',
  encryptString: (text) => Buffer.from(Buffer.from(text).map((byte) => byte ^ 0x55)),
  decryptString: (blob) => Buffer.from(blob.map((byte) => byte ^ 0x55)).toString(),
  ...over,
});
const none = { isEncryptionAvailable: () => false };
const onDisk = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));

describe('the kept token', () => {
  it('lies encrypted where the keychain can, and comes back only for CORE', () => {
    const store = createTokenStore(folder, keychain());
    expect(store.status()).toMatchObject({ since: null, protection: null, canProtect: true });
    const kept = store.set(`  ${token}\n`, false);
    expect(kept).toMatchObject({ protection: 'system', isUnreadable: false });
    expect(JSON.stringify(kept)).not.toContain('hf_');
    expect(onDisk().join('')).not.toContain('SECRET');
    expect(statSync(join(folder, 'hub-token.sealed')).mode & 0o777).toBe(0o600);
    expect(createTokenStore(folder, keychain()).read()).toEqual({ token, since: kept.since });
    expect(store.remove()).toMatchObject({ since: null, protection: null });
    expect(onDisk()).toEqual([]);
  });

  it.each([
    ['no encryption', keychain(none)],
    ['a key that everybody knows', keychain({ getSelectedStorageBackend: () => 'basic_text' })],
  ])('%s: refused, unless the file is allowed', (_name, chain) => {
    const store = createTokenStore(folder, chain);
    expect(store.status().canProtect).toBe(false);
    expect(() => store.set(token, false)).toThrow(
      expect.objectContaining({ code: 'token-unprotected' }),
    );
    expect(onDisk()).toEqual([]);
    expect(store.set(token, true)).toMatchObject({ protection: 'file' });
    const path = join(folder, 'hub-token');
    expect(readFileSync(path, 'utf8')).toBe(token);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    // CORE reads it itself, and looks at its mode each time.
    expect(store.read()).toBeNull();
  });

  it('is never written where others could read it, not even over an open file', () => {
    const path = join(folder, 'hub-token');
    writeFileSync(path, 'old');
    chmodSync(path, 0o666);
    createTokenStore(folder, keychain(none)).set(token, true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('a keychain that appears takes the place of the file', () => {
    createTokenStore(folder, keychain(none)).set(token, true);
    createTokenStore(folder, keychain()).set(token, false);
    expect(existsSync(join(folder, 'hub-token'))).toBe(false);
    expect(onDisk().join('')).not.toContain('SECRET');
  });

  it('that the keychain no longer opens is told as that', () => {
    createTokenStore(folder, keychain()).set(token, false);
    const changed = createTokenStore(
      folder,
      keychain({
        decryptString: () => {
          throw new Error('another key');
        },
      }),
    );
    expect(changed.status()).toMatchObject({ isUnreadable: true, protection: null });
    expect(changed.read()).toBeNull();
  });

  it.each(['', 'short', 'two words here', 'line\nbreak-in-it', 'ü'.repeat(20), 'x'.repeat(600)])(
    'what is no token is refused and not quoted: %j',
    (text) => {
      const store = createTokenStore(folder, keychain());
      expect(() => store.set(text, true)).toThrow(
        expect.objectContaining({ code: 'token-invalid', message: 'this is no token' }),
      );
      expect(onDisk()).toEqual([]);
    },
  );
});
