import type { Stats } from 'node:fs';
import { lstat, readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Leftover, StoragePart } from '../../ipc/contract/index.ts';
import { kindOf } from './names.ts';
import { markName } from './place.ts';

/** Bound against a folder that is a whole disk. */
const mostEntries = 100_000;

/** Bytes that a file takes on the disk; its length where the system does not tell. */
export const onDisk = ({ blocks, size }: Stats): number => (blocks > 0 ? blocks * 512 : size);

interface Sum {
  bytes: number;
  files: number;
}

/** Everything below a folder, links counted as themselves and never followed. */
export async function sumOf(
  folder: string,
  skip: (name: string) => boolean = () => false,
): Promise<Sum> {
  const sum: Sum = { bytes: 0, files: 0 };
  const open = [folder];
  let seen = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const entries = await readdir(next, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if ((seen += 1) > mostEntries) return sum;
      if (next === folder && skip(entry.name)) continue;
      const path = join(next, entry.name);
      if (entry.isDirectory()) open.push(path);
      else {
        const found = await lstat(path).catch(() => null);
        if (found === null) continue;
        sum.bytes += onDisk(found);
        sum.files += 1;
      }
    }
  }
  return sum;
}

/** What the library's folder holds, by what the database knows of it. */
export interface FolderContents {
  readonly parts: readonly StoragePart[];
  readonly leftovers: readonly Leftover[];
}

export async function readLibraryFolder(
  folder: string,
  known: {
    readonly models: ReadonlySet<string>;
    readonly downloads: ReadonlySet<string>;
    /** Ids of imports under way: their copies are nobody's leftovers. */
    readonly imports: ReadonlySet<string>;
  },
): Promise<FolderContents> {
  const sums = new Map<StoragePart['kind'], Sum>();
  const leftovers: Leftover[] = [];
  const add = (kind: StoragePart['kind'], bytes: number): void => {
    const sum = sums.get(kind) ?? { bytes: 0, files: 0 };
    sums.set(kind, { bytes: sum.bytes + bytes, files: sum.files + 1 });
  };
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const { name } = entry;
    const found = await lstat(join(folder, name)).catch(() => null);
    if (found === null || name === markName) continue;
    const bytes = entry.isDirectory() ? (await sumOf(join(folder, name))).bytes : onDisk(found);
    const kind = entry.isFile() ? kindOf(name) : 'foreign';
    if (known.models.has(name)) add('models', bytes);
    else if (known.downloads.has(name)) {
      add(kind === 'quarantine' ? 'quarantined' : 'downloads', bytes);
    } else if (kind === 'import' && known.imports.has(name.slice(0, -'.part'.length))) {
      add('downloads', bytes);
    } else {
      add('leftovers', bytes);
      leftovers.push({ name, bytes, kind });
    }
  }
  const parts = [...sums].map(([kind, sum]) => ({ kind, ...sum }));
  return { parts, leftovers: leftovers.sort((a, b) => b.bytes - a.bytes) };
}

const databaseName = /^quarry\.db/;
const named = ['documents', 'backups', 'states'];

/** What the profile holds besides the library; `isHome` = the library is in the profile. */
export async function readProfile(
  dataFolder: string,
  isHome: boolean,
): Promise<readonly StoragePart[]> {
  const inside = async (kind: StoragePart['kind'], name: string): Promise<StoragePart> => ({
    kind,
    ...(await sumOf(join(dataFolder, name))),
  });
  const database = await sumOf(dataFolder, (name) => !databaseName.test(name));
  const rest = await sumOf(
    dataFolder,
    (name) => databaseName.test(name) || named.includes(name) || (isHome && name === 'models'),
  );
  const parts: StoragePart[] = [
    await inside('documents', 'documents'),
    { kind: 'database', ...database },
    await inside('backups', 'backups'),
    await inside('states', 'states'),
    { kind: 'rest', ...rest },
  ];
  return parts.filter(({ files }) => files > 0);
}

/** Of the disk that holds a folder; null where there is none. */
export async function roomOf(
  folder: string,
): Promise<{ readonly free: number; readonly total: number } | null> {
  const found = await statfs(folder).catch(() => null);
  if (found === null) return null;
  return { free: found.bavail * found.bsize, total: found.blocks * found.bsize };
}
