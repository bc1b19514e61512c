import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../ipc/app-error.ts';
import type { DocumentFormat } from '../../ipc/contract/index.ts';
import { explainFileError } from './fingerprint.ts';
import { formatOf } from './formats.ts';

export interface FoundFile {
  readonly path: string;
  readonly format: DocumentFormat;
  readonly bytes: number;
  readonly modifiedAt: number;
}

/** Folders that hold machines' files, not documents. */
const skippedFolders = new Set(['node_modules', '__pycache__', '__MACOSX', '$RECYCLE.BIN', 'venv']);
const mostFiles = 100_000;
const deepest = 64;

/**
 * Every readable file below a folder, or the one file that was named, in an order that depends on
 * names only. Symbolic links inside are not followed (they may lead out of the folder or round in a circle), hidden
 * and machine-made folders are left out, pictures too unless `images` (recognition is switched on). A folder that cannot be listed is passed over.
 * Throws 'document-missing' or 'permission-denied' for the root, 'document-unsupported' for a named file.
 */
export async function findFiles(
  root: string,
  signal: AbortSignal,
  options: { readonly images?: boolean } = {},
): Promise<readonly FoundFile[]> {
  const resolved = await realpath(root).catch((error: unknown) => {
    throw explainFileError(error);
  });
  const found = await lstat(resolved);
  if (found.isFile()) {
    const format = formatOf(root);
    if (format === null) {
      throw new AppError('document-unsupported', 'Quarry does not read this kind of file');
    }
    return [{ path: root, format, bytes: found.size, modifiedAt: Math.trunc(found.mtimeMs) }];
  }
  if (!found.isDirectory()) {
    throw new AppError('document-unsupported', 'neither a file nor a folder');
  }
  const files: FoundFile[] = [];
  const visit = async (folder: string, depth: number): Promise<void> => {
    signal.throwIfAborted();
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (depth === 0) throw explainFileError(error);
      return [];
    });
    entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
    for (const entry of entries) {
      if (files.length >= mostFiles) return;
      if (entry.name.startsWith('.') || entry.name.startsWith('~$')) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth < deepest && !skippedFolders.has(entry.name)) await visit(path, depth + 1);
        continue;
      }
      const format = entry.isFile() ? formatOf(entry.name) : null;
      if (format === null || (format === 'image' && options.images !== true)) continue;
      const facts = await lstat(path).catch(() => null);
      if (facts?.isFile() !== true) continue;
      files.push({ path, format, bytes: facts.size, modifiedAt: Math.trunc(facts.mtimeMs) });
    }
  };
  await visit(root, 0);
  return files;
}
