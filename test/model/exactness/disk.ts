import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KvType } from '../../../electron/ipc/contract/index.ts';
import type { EngineInfo } from '../../../electron/engine/port.ts';
import { openDisk } from '../../../electron/engine/states/disk.ts';
import { stateStoreKey } from '../../../electron/engine/states/key.ts';
import { createSeal } from '../../../electron/engine/states/seal.ts';
import type { Entry } from '../../../electron/engine/states/tree.ts';

export interface KeptState {
  readonly id: string;
  readonly tokens: readonly number[];
}

/**
 * The states that a folder holds for a model loaded in this way, as they are on disk now.
 * @param look A folder that is made for the look: whoever opens one removes what it does not know.
 */
export async function keptOnDisk(options: {
  readonly folder: string;
  readonly look: string;
  readonly modelPath: string;
  readonly model: string;
  readonly kvType: KvType;
  readonly info: EngineInfo;
}): Promise<readonly KeptState[]> {
  const { folder, look, info, ...origin } = options;
  if (!existsSync(folder)) return [];
  mkdirSync(look, { recursive: true });
  try {
    for (const name of readdirSync(folder)) {
      try {
        linkSync(join(folder, name), join(look, name));
      } catch {
        // Gone between the two looks.
      }
    }
    const { backend, engineVersion, sessions } = info;
    const key = await stateStoreKey({ ...origin, backend, engineVersion, sessions });
    const disk = await openDisk(look, key, createSeal(null));
    const entries = await disk.load();
    return entries
      .filter(({ gone }) => !gone)
      .map((entry) => ({ id: entry.id, tokens: tokensOf(entry) }));
  } finally {
    rmSync(look, { recursive: true, force: true });
  }
}

function tokensOf(entry: Entry): number[] {
  const before = entry.parent === null ? [] : tokensOf(entry.parent).slice(0, entry.shared);
  return [...before, ...entry.tokens];
}

/** Folders of the states' scratch files (electron/engine/states/scratch.ts) that stayed when all was closed. */
export function leftInMemory(states: string): string[] {
  const mark = createHash('sha256').update(resolve(states)).digest('hex').slice(0, 16);
  const memory = '/dev/shm';
  if (!existsSync(memory)) return [];
  return readdirSync(memory)
    .filter((name) => name.startsWith(`quarry-states-${mark}-`))
    .map((name) => join(memory, name));
}
