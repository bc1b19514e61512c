import { join } from 'node:path';
import type { StoredDocument } from '../../storage/repositories/documents.ts';
import type { WatchedFolder } from '../../storage/repositories/watched.ts';
import { createRules } from './rules.ts';
import { scan } from './scan.ts';

/**
 * How much of a collection lies below another folder, told by places and sizes without reading a file: what tells
 * the folder that was renamed or moved from one chosen by mistake, before anything goes for good.
 *
 * @param documents those below the folder as it was
 */
export async function lookElsewhere(
  { folder, rules }: Pick<WatchedFolder, 'folder' | 'rules'>,
  documents: readonly StoredDocument[],
  to: string,
  signal: AbortSignal,
): Promise<{ readonly found: number; readonly missing: number }> {
  const { files, unseen } = await scan(to, createRules(rules), signal);
  const sizes = new Set([...files.values()].map(({ format, bytes }) => `${format} ${bytes}`));
  const isUnseen = (path: string): boolean => unseen.some((place) => path.startsWith(place));
  let found = 0;
  let missing = 0;
  for (const { path, format, bytes } of documents) {
    const there = join(to, path.slice(join(folder, '/').length));
    if (sizes.has(`${format} ${bytes}`)) found += 1;
    // What changed there is read again; of what cannot be looked at nothing goes.
    else if (!files.has(there) && !isUnseen(there)) missing += 1;
  }
  return { found, missing };
}
