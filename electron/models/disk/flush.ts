import { open } from 'node:fs/promises';

/** Makes a rename in a folder survive a power cut. */
export async function flushFolder(folder: string): Promise<void> {
  // Windows cannot open folders; there the rename itself is journalled.
  if (process.platform === 'win32') return;
  const handle = await open(folder);
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems (network, FUSE) have no such flush.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error;
  } finally {
    await handle.close();
  }
}
