import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { randomUUID } from 'node:crypto';
import { AppError } from '../ipc/app-error.ts';
import type { SavedKind } from '../ipc/contract/index.ts';

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/**
 * The bytes that the window wants saved.
 * @throws 'invalid-argument' when they are not of the kind that it says.
 */
export function contentOf({ kind, data }: { kind: SavedKind; data: string }): Buffer {
  if (kind === 'csv') return Buffer.from(data, 'utf8');
  const bytes = Buffer.from(data, 'base64');
  if (!bytes.subarray(0, pngSignature.length).equals(pngSignature)) {
    throw new AppError('invalid-argument', 'not a PNG', { detail: { field: 'data' } });
  }
  return bytes;
}

/**
 * Writes a file that a person named in a dialog: whole under a passing name, then in place of what
 * stood there, so that a full disk leaves the old file as it was.
 * @returns the file's name without its folder.
 * @throws 'permission-denied', 'disk-full' with the file's name.
 */
export async function saveFile(path: string, bytes: Buffer): Promise<string> {
  const name = basename(path);
  const passing = `${path}.${randomUUID().slice(0, 8)}.part`;
  try {
    const file = await open(passing, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(passing, path);
    return name;
  } catch (error) {
    await rm(passing, { force: true }).catch(() => undefined);
    throw toAppError(error, name);
  }
}

function toAppError(error: unknown, name: string): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const detail = { name };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AppError('disk-full', 'no space for the saved file', { detail });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new AppError('permission-denied', 'the file may not be written there', { detail });
  }
  return new AppError('internal', `the file could not be saved (${code || 'unknown'})`, { detail });
}
