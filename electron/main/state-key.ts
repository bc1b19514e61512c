import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CoreProcess } from './core-process.ts';
import { canProtect, writePrivately } from './token-store.ts';
import type { Keychain } from './token-store.ts';

export interface StateKey {
  /** The system has a keychain that encrypts. */
  canProtect(): boolean;
  /**
   * The key that saved states are encrypted with: 32 bytes in base64, made when first asked for. null where
   * no keychain keeps it. A key that the keychain no longer opens is replaced: what it locked is read again.
   */
  read(): string | null;
}

/** Kept as the hub's token is, encrypted by the system's keychain; never in the clear. */
export function createStateKey(dataFolder: string, keychain: Keychain): StateKey {
  const path = join(dataFolder, 'states-key.sealed');
  return {
    canProtect: () => canProtect(keychain),
    read() {
      if (!canProtect(keychain)) return null;
      try {
        const kept = keychain.decryptString(Buffer.from(readFileSync(path, 'utf8'), 'base64'));
        if (Buffer.from(kept, 'base64').length === 32) return kept;
      } catch {
        // None yet, or of another keychain.
      }
      try {
        const key = randomBytes(32).toString('base64');
        writePrivately(path, keychain.encryptString(key).toString('base64'));
        return key;
      } catch {
        return null;
      }
    },
  };
}

/**
 * Gives CORE the key whenever it starts and whenever the settings change; only where states are to be
 * encrypted, because a keychain may ask the person before it opens.
 */
export function handStateKey(ports: {
  readonly core: Pick<CoreProcess, 'client' | 'status' | 'onStatus'>;
  readonly stateKey: StateKey;
  readonly log: (event: string) => void;
}): void {
  const { core, stateKey, log } = ports;
  const hand = async (): Promise<void> => {
    const { encryptStates } = await core.client.call('settings.get', {});
    await core.client.call('private.stateKey', {
      key: encryptStates ? stateKey.read() : null,
      canProtect: stateKey.canProtect(),
    });
  };
  const handOrNote = (): void => {
    hand().catch(() => log('stateKey.notHanded'));
  };
  core.onStatus(({ state }) => {
    if (state === 'ready') handOrNote();
  });
  core.client.on('settings.changed', handOrNote);
  if (core.status.state === 'ready') handOrNote();
}
