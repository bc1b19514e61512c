import {
  lstat,
  mkdir,
  readFile,
  readdir,
  realpath,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import type { Ids } from '../../core/ports.ts';
import { AppError } from '../../ipc/app-error.ts';
import { getLibrary, insertLibrary } from '../../storage/repositories/library.ts';
import type { Writer } from '../../storage/sql.ts';
import { flushFolder } from './flush.ts';

/** Says whose library a folder is. */
export const markName = '.quarry-library';
/** What Quarry makes in a folder that a person chose. */
export const ownFolder = 'Quarry';

/** Where copied and downloaded models lie. */
export interface Place {
  folder(): string;
  isDefault(): boolean;
  /** False while the disk is away. The profile's own folder is there, or is made when it is needed. */
  isThere(): Promise<boolean>;
  /** The folder, to write into. Throws 'library-missing'. */
  need(): Promise<string>;
  isInside(path: string): boolean;
  /**
   * The folder that a move to `chosen` fills: `Quarry` in it, or the profile's own.
   * Throws 'folder-unusable' (detail: path, reason).
   */
  target(chosen: string): Promise<string>;
  /** Makes a target and puts the mark into it. */
  prepare(target: string): Promise<void>;
  /** Takes the mark away, and the folder where nothing else is in it. Never throws. */
  abandon(folder: string): Promise<void>;
  /** Is this a folder with our mark, or the profile's own? */
  isOurs(folder: string): Promise<boolean>;
  readonly home: string;
}

export function createPlace(ports: {
  readonly db: Writer;
  readonly ids: Ids;
  readonly dataFolder: string;
}): Place {
  const { db } = ports;
  const home = join(ports.dataFolder, 'models');
  const row = () => {
    const known = getLibrary(db);
    if (known !== undefined) return known;
    insertLibrary(db, ports.ids.next());
    return getLibrary(db)!;
  };
  const folder = (): string => row().folder ?? home;

  const isOurs: Place['isOurs'] = async (path) =>
    path === home ? isAtHome() : (await markOf(path)) === row().id;

  /** A link to a disk that is away must not be taken for a folder that is still to be made. */
  const isAtHome = async (): Promise<boolean> => {
    const found = await stat(home).catch(() => null);
    if (found !== null) return found.isDirectory();
    return (await lstat(home).catch(() => null)) === null;
  };

  const isThere = (): Promise<boolean> => isOurs(folder());

  return {
    home,
    folder,
    isDefault: () => folder() === home,
    isThere,
    isOurs,
    isInside: (path) => isBelow(folder(), path),
    async need() {
      const path = folder();
      if (!(await isThere())) throw missing(path);
      if (path === home) await mkdir(home, { recursive: true, mode: 0o700 });
      return path;
    },
    async target(chosen) {
      const refuse = (reason: string, path: string): AppError =>
        new AppError('folder-unusable', `the library cannot move there: ${reason}`, {
          detail: { path, reason },
        });
      const given = resolve(chosen);
      const found = await stat(given).catch(() => null);
      if (found === null || !found.isDirectory()) throw refuse('none', given);
      const real = await realpath(given);
      const now = await realpath(folder()).catch(() => folder());
      const profile = await realpath(ports.dataFolder);
      if (real === profile || isBelow(profile, real)) {
        if (folder() === home) throw refuse('same', home);
        return home;
      }
      const target = basename(given) === ownFolder ? given : join(given, ownFolder);
      if ((await realpath(target).catch(() => target)) === now) throw refuse('same', target);
      if (real === now || isBelow(now, real)) throw refuse('inside', target);
      const there = await lstat(target).catch(() => null);
      if (there === null) return target;
      if (!there.isDirectory()) throw refuse('filled', target);
      const mark = await markOf(target);
      if (mark === row().id) return target;
      if (mark !== null) throw refuse('foreign', target);
      const names = (await readdir(target)).filter((name) => name !== markName);
      if (names.length > 0) throw refuse('filled', target);
      return target;
    },
    async prepare(target) {
      // Not `recursive`: on a disk that is read-only that says "no such file".
      const isMade = await mkdir(target, { mode: 0o700 }).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false;
          throw error;
        },
      );
      if (target === home || (await markOf(target)) === row().id) return;
      const mark = join(target, markName);
      try {
        await writeFile(mark, `${row().id}\n`, { mode: 0o600, flush: true });
        await flushFolder(target);
      } catch (error) {
        await rm(mark, { force: true }).catch(() => undefined);
        if (isMade) await rmdir(target).catch(() => undefined);
        throw error;
      }
    },
    async abandon(path) {
      if (path === home || path === folder()) return;
      if ((await markOf(path)) !== row().id) return;
      // The mark stays while something else is there: it says whose the rest is.
      const rest = await readdir(path).catch(() => []);
      if (rest.some((name) => name !== markName)) return;
      await rm(join(path, markName), { force: true }).catch(() => undefined);
      await rmdir(path).catch(() => undefined);
    },
  };
}

export function missing(folder: string): AppError {
  return new AppError('library-missing', 'the disk with the models is not there', {
    detail: { path: folder },
  });
}

/** What stands in a folder's mark; null = no mark, or one that was never written. */
async function markOf(folder: string): Promise<string | null> {
  const path = join(folder, markName);
  const found = await lstat(path).catch(() => null);
  if (found === null || !found.isFile() || found.size > 200) return null;
  const text = (await readFile(path, 'utf8').catch(() => '')).trim();
  return text === '' ? null : text;
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === path;
}
