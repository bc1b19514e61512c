import type { Stats } from 'node:fs';
import { link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../ipc/app-error.ts';
import { hashFile } from '../file-hash.ts';
import { flushFolder } from './flush.ts';
import { movingName, otherName } from './names.ts';

/** One file that a move takes along. */
export interface Item {
  readonly name: string;
  readonly bytes: number;
  /** What people call it. */
  readonly label: string;
  readonly modelId: string | null;
  readonly downloadId: string | null;
  /** null = not known, or it still grows: then nothing that is there already is taken for it. */
  readonly sha256: string | null;
}

export interface Copied {
  /** Its name at the new place. */
  readonly name: string;
  readonly modifiedAt: number;
  /** Of the bytes at the old place as they were read now; null where a second name was enough. */
  readonly sha256: string | null;
}

export interface CopyRun {
  readonly signal: AbortSignal;
  /** Bytes copied and read back, up to twice the file. */
  readonly onBytes: (done: number) => void;
  readonly pause: () => Promise<void>;
  /** On one disk a second name for the same bytes does: no room is needed and nothing can differ. */
  readonly link?: (from: string, to: string) => Promise<void>;
}

/**
 * Brings one file into the target: a second name where it is the same disk, else a copy under a
 * temporary name, flushed, read back and compared, renamed, the folder flushed. Nothing that lies
 * there is written over. Throws 'copy-mismatch', 'cancelled', 'model-missing', what the disk throws.
 */
export async function bring(
  item: Item,
  from: string,
  target: string,
  run: CopyRun,
): Promise<Copied> {
  const source = join(from, item.name);
  const original = await stat(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new AppError('model-missing', 'no such file');
    throw error;
  });
  // A file in a download may lie there from an earlier try and be older: its name is its own.
  const isGrowing = item.downloadId !== null;
  let name = item.name;
  for (let number = 2; ; number += 1) {
    const found = await lstat(join(target, name)).catch(() => null);
    if (found === null || (isGrowing && found.isFile())) break;
    const same = await isSame(item, original, found, join(target, name), run);
    if (same) return { name, modifiedAt: Math.round(found.mtimeMs), sha256: null };
    name = otherName(item.name, number);
  }
  const wanted = join(target, name);
  const temporary = join(target, movingName(item.name));
  await rm(temporary, { force: true });
  const isLinked = await (run.link ?? link)(source, temporary).then(
    () => true,
    () => false,
  );
  let sha256: string | null = null;
  try {
    if (!isLinked) sha256 = await copy(source, temporary, original.size, run);
    await rename(temporary, wanted);
    await flushFolder(target);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  run.onBytes(2 * original.size);
  return { name, modifiedAt: Math.round((await stat(wanted)).mtimeMs), sha256 };
}

async function isSame(
  item: Item,
  original: Stats,
  found: Stats,
  path: string,
  run: CopyRun,
): Promise<boolean> {
  if (!found.isFile() || found.size !== original.size) return false;
  if (found.ino === original.ino && found.dev === original.dev) return true;
  if (item.sha256 === null) return false;
  const { signal, pause } = run;
  const onBytes = (done: number): void => run.onBytes(original.size + done);
  return (await hashFile(path, { signal, pause, onBytes })) === item.sha256;
}

async function copy(source: string, to: string, size: number, run: CopyRun): Promise<string> {
  const { signal, pause, onBytes } = run;
  const target = await open(to, 'wx', 0o600);
  let read: string;
  try {
    read = await hashFile(source, { signal, pause, onBytes, copyTo: target });
    await target.sync();
  } finally {
    await target.close();
  }
  const written = await hashFile(to, {
    signal,
    pause,
    onBytes: (done) => onBytes(size + done),
  });
  if (written !== read) throw new AppError('copy-mismatch', 'the copy holds other bytes');
  return read;
}
