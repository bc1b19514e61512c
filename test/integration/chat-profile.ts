import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { setUp } from './chat-support.ts';
import type { Setup } from './chat-support.ts';

/** A database file for each test of the file that calls `useChatProfile`, and the chats that open it. */
export interface ChatProfile {
  /** Path of the database; there once a chat was started. */
  readonly file: string;
  /** The folder that it lies in, removed after the test. */
  readonly folder: string;
  /** One after the other on the same file; what still runs at the test's end is ended then. */
  start(options?: Parameters<typeof setUp>[0]): Setup;
  end(setup: Setup): Promise<void>;
}

export function useChatProfile(): ChatProfile {
  let folder: string;
  const open = new Set<Setup>();
  const profile: ChatProfile = {
    get folder() {
      return folder;
    },
    get file() {
      return join(folder, 'quarry.db');
    },
    start(options = {}) {
      const setup = setUp({ file: profile.file, ...options });
      open.add(setup);
      return setup;
    },
    async end(setup) {
      open.delete(setup);
      await setup.end();
    },
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-chat-'));
  });
  afterEach(async () => {
    for (const setup of open) await profile.end(setup);
    rmSync(folder, { recursive: true, force: true });
  });
  return profile;
}
