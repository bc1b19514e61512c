import { constants, existsSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Files } from './ports.ts';

/** The real disk. Throws what Node throws (ENOSPC, EACCES, EROFS …). */
export const diskFiles: Files = {
  async open(path) {
    // Not 'r+' or 'w+': made if missing, never emptied, never through a symbolic link.
    const noFollow = process.platform === 'win32' ? 0 : constants.O_NOFOLLOW;
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT | noFollow, 0o644);
    return {
      async write(pieces, position) {
        const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
        const { bytesWritten } = await handle.writev(pieces, position);
        if (bytesWritten === total) return;
        // A full disk or a signal can cut a write short: the rest goes piece by piece.
        const rest = Buffer.concat(pieces).subarray(bytesWritten);
        for (let done = 0; done < rest.length;) {
          done += (
            await handle.write(rest, done, rest.length - done, position + bytesWritten + done)
          ).bytesWritten;
        }
      },
      read: async (into, position) => (await handle.read(into, 0, into.length, position)).bytesRead,
      truncate: (bytes) => handle.truncate(bytes),
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  async size(path) {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },
  async rename(from, to) {
    await rename(from, to);
    // Windows cannot open a folder for this; its file system logs renames itself.
    if (process.platform === 'win32') return;
    const folder = await open(dirname(to), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  remove: (path) => rm(path, { force: true }),
  async makeFolder(path) {
    try {
      await mkdir(path, { recursive: true });
    } catch (error) {
      // Node says this of a read-only disk, too; making the uppermost one alone tells the true reason.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      let first = path;
      while (!existsSync(dirname(first))) first = dirname(first);
      await mkdir(first);
      await mkdir(path, { recursive: true });
    }
  },
  list: (folder) => readdir(folder),
  async free(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
};
