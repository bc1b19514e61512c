import { createHash, randomBytes } from 'node:crypto';
import { lstat, mkdtemp, open, readdir, rm, statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** A plain file for llama.cpp to write or read. */
export interface ScratchFile {
  readonly path: string;
  /** Removes it, whether it was used or not. Any number of times. */
  remove(): Promise<void>;
}

/**
 * Files for llama.cpp, which writes and reads states only as plain files at a path. They are of mode 0600
 * in a folder of mode 0700, go at once after use, and after a crash when the store is opened next.
 *
 * What that means for encryption: on Linux they lie in memory (/dev/shm) where it has room for twice as
 * much, and reach a disk only as far as the system swaps; everywhere else, and where memory is short, a
 * plain copy of one state is on the disk for as long as it is written or read, and its removed blocks
 * can be found by somebody who reads the raw disk until they are written over.
 */
export interface Scratch {
  /** A place in memory; null where there is none, or too little. */
  inMemory(bytes: number): Promise<ScratchFile | null>;
  /** Removes all of them, and the folder in memory. */
  close(): Promise<void>;
}

/** @param memory A file system in memory; null = none. */
export async function openScratch(
  folder: string,
  memory: string | null = process.platform === 'linux' ? '/dev/shm' : null,
): Promise<Scratch> {
  const mark = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16);
  const prefix = `quarry-states-${mark}-${process.pid}-`;
  if (memory !== null) await removeLeftovers(memory, mark);
  let own: Promise<string> | null = null;

  return {
    async inMemory(bytes) {
      if (memory === null || !(await hasRoom(memory, bytes))) return null;
      own ??= mkdtemp(join(memory, prefix));
      try {
        return await scratchFile(await own);
      } catch {
        own = null;
        return null;
      }
    },
    async close() {
      const made = await own?.catch(() => null);
      own = null;
      if (typeof made === 'string') await rm(made, { force: true, recursive: true });
    },
  };
}

/** An empty file of mode 0600: who writes it keeps the mode. */
export async function scratchFile(folder: string): Promise<ScratchFile> {
  const path = join(folder, `${randomBytes(8).toString('hex')}.scratch`);
  const file = await open(path, 'wx', 0o600);
  await file.close();
  return { path, remove: () => rm(path, { force: true }) };
}

async function hasRoom(memory: string, bytes: number): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(memory);
    // A file system in memory may promise more than there is.
    return bavail * bsize >= 2 * bytes && process.availableMemory() >= 4 * bytes;
  } catch {
    return false;
  }
}

/**
 * Folders of processes that ended before they could: all that worked on the same states, and those of
 * other states whose process is no more. Only own ones, and real ones.
 */
async function removeLeftovers(memory: string, mark: string): Promise<void> {
  const own = process.getuid?.();
  for (const name of await readdir(memory).catch(() => [])) {
    const [, whose, pid] = /^quarry-states-([0-9a-f]{16})-(\d+)-/.exec(name) ?? [];
    if (whose === undefined || (whose !== mark && isAlive(Number(pid)))) continue;
    const path = join(memory, name);
    const found = await lstat(path).catch(() => null);
    if (found?.isDirectory() !== true || found.uid !== own) continue;
    await rm(path, { force: true, recursive: true }).catch(() => {});
  }
}

/** True also for a process that is somebody else's. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
