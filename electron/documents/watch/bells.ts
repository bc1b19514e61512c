import { readFileSync, watch } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { extname } from 'node:path';
import type { LimitedReason } from '../../ipc/contract/index.ts';
import { formatOf } from '../ingest/formats.ts';
import { rulesFile } from './rules.ts';

/**
 * Watches that say "something happened below this folder", no more: what happened, a scan finds out. So a lost, doubled
 * or misread event costs time and never a document.
 *
 * Linux: one inotify watch a folder, set by the scan before it lists the folder. macOS and Windows: one handle for the
 * whole tree, which also leaves folders free to be renamed.
 */
export interface Bells {
  /** A scan begins: folders that it does not name until `end` are no longer watched. */
  begin(): void;
  folder(path: string, inode: string): void;
  end(): void;
  /** Null: changes are told. */
  readonly limited: LimitedReason | null;
  close(): void;
}

export interface Watching {
  /** The system's own, or another in tests. */
  readonly watch: typeof watch;
  readonly wholeTrees: boolean;
  /** Watches that all folders together may take. */
  readonly most: number;
}

/** Half of what the user has: editors and other programs live on the same allowance. */
function allowance(): number {
  try {
    return Math.floor(Number(readFileSync('/proc/sys/fs/inotify/max_user_watches', 'utf8')) / 2);
  } catch {
    return 4096;
  }
}

export const systemWatching = (): Watching => ({
  watch,
  wholeTrees: process.platform !== 'linux',
  most: process.platform === 'linux' ? Math.min(allowance(), 65_536) : Infinity,
});

/** Makes bells that share one allowance. */
export function createBellFoundry(watching: Watching): (root: string, onRing: () => void) => Bells {
  let used = 0;
  return (root, onRing) => {
    const hung = new Map<string, { readonly inode: string; readonly close: () => void }>();
    let named = new Set<string>();
    let limited: LimitedReason | null = null;

    const drop = (path: string): void => {
      hung.get(path)?.close();
      if (hung.delete(path)) used -= 1;
    };
    const dropAll = (): void => {
      for (const path of [...hung.keys()]) drop(path);
    };
    const fail = (error: unknown): void => {
      const { code } = error as { code?: unknown };
      limited = code === 'ENOSPC' || code === 'EMFILE' || code === 'ENFILE' ? 'watches' : 'failed';
      // Half a watched folder would only hide that the rest is not.
      dropAll();
    };
    const hang = (path: string, inode: string): void => {
      if (limited !== null) return;
      if (used >= watching.most) {
        fail({ code: 'ENOSPC' });
        return;
      }
      try {
        const watcher = watching.watch(
          path,
          { persistent: false, recursive: watching.wholeTrees },
          (kind, name) => {
            if (isOfInterest(kind, name)) onRing();
          },
        );
        watcher.on('error', () => {
          drop(path);
          onRing();
        });
        hung.set(path, { inode, close: () => watcher.close() });
        used += 1;
      } catch (error) {
        // The folder may be gone already; its own folder's watch tells of that.
        if ((error as { code?: unknown }).code !== 'ENOENT') fail(error);
      }
    };

    return {
      begin() {
        named = new Set();
        limited = null;
      },
      folder(path, inode) {
        if (watching.wholeTrees && path !== root) return;
        named.add(path);
        // Another folder at the same path: the old watch hears nothing of it.
        if (hung.get(path)?.inode === inode) return;
        drop(path);
        hang(path, inode);
      },
      end() {
        for (const path of [...hung.keys()]) if (!named.has(path)) drop(path);
      },
      get limited() {
        return limited;
      },
      close: dropAll,
    };
  };
}

/** Writing to a file that is no document changes nothing; names that come and go may be folders. */
function isOfInterest(kind: string, name: string | null): boolean {
  if (kind !== 'change' || name === null) return true;
  return formatOf(name) !== null || name.endsWith(rulesFile) || extname(name) === '';
}

/** File systems whose changes other machines make: NFS, SMB (three versions), 9p, AFS, FUSE (sshfs and the like). */
const remoteKinds = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x5346414f, 0x65735546,
]);

/** Whether the folder lies on another machine. Known on Linux, and of Windows shares by their name. */
export async function isRemote(folder: string): Promise<boolean> {
  if (folder.startsWith('\\\\')) return true;
  if (process.platform !== 'linux') return false;
  return statfs(folder).then(
    ({ type }) => remoteKinds.has(type >>> 0),
    () => false,
  );
}
