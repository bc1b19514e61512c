import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createStateKey, handStateKey } from './state-key.ts';
import type { Keychain } from './token-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-key-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const turned = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ 0x55));
const keychain = (over: Partial<Keychain> = {}): Keychain => ({
  isEncryptionAvailable: () => true,
  encryptString: (text) => turned(Buffer.from(text)),
  decryptString: (blob) => turned(blob).toString(),
  ...over,
});
const file = (): string => join(folder, 'states-key.sealed');

describe('the key of saved states', () => {
  it('is made once, stays the same, and lies encrypted', () => {
    const key = createStateKey(folder, keychain()).read();
    expect(Buffer.from(key ?? '', 'base64')).toHaveLength(32);
    expect(createStateKey(folder, keychain()).read()).toBe(key);
    expect(readFileSync(file(), 'utf8')).not.toContain(key);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  it('is another one where the keychain no longer opens it', () => {
    const key = createStateKey(folder, keychain()).read();
    writeFileSync(file(), 'AAAA');
    const other = createStateKey(folder, keychain()).read();
    expect(other).not.toBe(key);
    expect(createStateKey(folder, keychain()).read()).toBe(other);
  });

  it.each([
    ['nothing encrypts', keychain({ isEncryptionAvailable: () => false })],
    ['the key stands in the program', keychain({ getSelectedStorageBackend: () => 'basic_text' })],
  ])('is not there where %s', (_, chain) => {
    const made = createStateKey(folder, chain);
    expect(made.canProtect()).toBe(false);
    expect(made.read()).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('goes to CORE only where states are encrypted', async () => {
    const given: unknown[] = [];
    let encryptStates = false;
    let changed = (): void => {};
    const read = vi.fn(() => 'the key');
    handStateKey({
      core: {
        status: { state: 'ready', restarts: 0, error: null },
        onStatus: () => () => {},
        client: {
          call: async (name: string, args: unknown) => {
            if (name === 'settings.get') return { encryptStates };
            given.push(args);
            return null;
          },
          on: (_: string, listener: () => void) => {
            changed = listener;
            return () => {};
          },
        } as never,
      },
      stateKey: { read, canProtect: () => true },
      log: () => {},
    });
    await vi.waitFor(() => expect(given).toEqual([{ key: null, canProtect: true }]));
    expect(read).not.toHaveBeenCalled();
    encryptStates = true;
    changed();
    await vi.waitFor(() => expect(given.at(-1)).toEqual({ key: 'the key', canProtect: true }));
  });
});
