import { lstat, rm } from 'node:fs/promises';
import { openPieces } from './compose.ts';
import type { Disk } from './disk.ts';
import { freshName } from './names.ts';
import { rowBytes } from './seq-file.ts';
import {
  childrenOf,
  dataBytes,
  leastValuable,
  neededRows,
  tailBytes,
  withDescendants,
} from './tree.ts';
import type { Entry } from './tree.ts';

/** The states there are, and the bytes that they take. Its methods that write are called in turn. */
export interface Room {
  readonly entries: readonly Entry[];
  /** All files there are, and those reserved for. */
  readonly bytes: number;
  budget: number;
  /** Takes in a state whose files are there. */
  add(entry: Entry): void;
  use(entry: Entry): void;
  /** Evicts until so many bytes more fit. @returns false where that cannot be. */
  make(bytes: number): Promise<boolean>;
  /** The same, and counts them from now on. */
  reserve(bytes: number): Promise<boolean>;
  release(bytes: number): void;
  /** Sets a state's owners, on disk too; the state goes where they cannot be written. */
  own(entry: Entry, owners: readonly string[]): Promise<void>;
  /** A state whose rows are not to be trusted goes with all that stand on them. `sweep` removes them. */
  break(entry: Entry): void;
  /** Removes the files that nobody needs any more. */
  sweep(): Promise<void>;
  /** Resolves when no file that a state may be put together of is being replaced. */
  settled(): Promise<void>;
}

export function createRoom(disk: Disk, limit: number): Room {
  const entries: Entry[] = [];
  let budget = limit;
  let bytes = 0;
  let reserved = 0;
  let uses = 0;
  /** Bytes of files that could not be removed. */
  let stuck = 0;
  /** A file had another size than it was written with. */
  let isMeddled = false;

  const sizeOf = async (path: string): Promise<number | null> =>
    (await lstat(path).catch(() => null))?.size ?? null;
  /** What cannot be removed stays counted. */
  const remove = async (path: string, size: number): Promise<void> => {
    if ((await sizeOf(path)) !== size) isMeddled = true;
    await rm(path, { force: true, recursive: true, maxRetries: 3 }).catch(() => {});
    if ((await sizeOf(path)) === null) bytes -= size;
    else stuck += size;
  };
  /**
   * Where somebody has exchanged files, what goes with one state is not what was counted for it: more would
   * be left in the folder than the count says.
   */
  const recount = async (): Promise<void> => {
    isMeddled = false;
    const paths = entries.flatMap((entry) => {
      const { sidecar, rows, tail } = disk.paths(entry);
      return [sidecar, rows, ...(entry.hasTail ? [tail] : [])];
    });
    const sizes = await Promise.all(paths.map(sizeOf));
    bytes = reserved + stuck + sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  };
  const removeTail = async (entry: Entry): Promise<void> => {
    if (!entry.hasTail) return;
    const size = tailBytes(entry);
    entry.hasTail = false;
    await remove(disk.paths(entry).tail, size);
  };
  const erase = async (entry: Entry): Promise<void> => {
    entries.splice(entries.indexOf(entry), 1);
    const { sidecar, rows } = disk.paths(entry);
    // First what makes the others valid.
    await remove(sidecar, entry.sidecarBytes);
    await removeTail(entry);
    await remove(rows, dataBytes(entry));
  };

  /** Writes the entry as it is now. @returns false where it could not: nothing has changed then. */
  const rewrite = async (entry: Entry): Promise<boolean> => {
    const text = disk.describe(entry);
    if (bytes + text.length > budget) return false;
    bytes += text.length;
    try {
      await disk.writeSidecar(entry.id, text);
    } catch {
      bytes -= text.length;
      await rm(`${disk.paths(entry).sidecar}.part`, { force: true }).catch(() => {});
      return false;
    }
    bytes -= entry.sidecarBytes;
    entry.sidecarBytes = text.length;
    return true;
  };

  /** Rows and tokens behind those that others need are somebody's removed words: they go too. */
  const cut = async (entry: Entry, length: number): Promise<boolean> => {
    const salt = freshName();
    const own = length - entry.shared;
    const need = own * (4 + rowBytes(entry.layout));
    if (bytes + need > budget) return false;
    bytes += need;
    const old = {
      salt: entry.salt,
      length: entry.length,
      tokens: entry.tokens,
      proofs: entry.proofs,
    };
    const [oldPath, oldBytes] = [disk.paths(entry).rows, dataBytes(entry)];
    try {
      const source = await openPieces(disk, room, [{ entry, from: entry.shared, to: length }]);
      try {
        const tokens = old.tokens.slice(0, own);
        const proofs = await disk.writeData({
          ...{ salt, tokens, sections: entry.layout.sections },
          parts: { rows: source.rows, tail: null },
          pause: async () => {},
        });
        await disk.publishData(salt, false);
        Object.assign(entry, { salt, length, tokens, proofs });
      } finally {
        await source.close();
      }
      if (!(await rewrite(entry))) throw new Error('the sidecar could not be written');
    } catch {
      Object.assign(entry, old);
      await disk.discard(salt, null).catch(() => {});
      bytes -= need;
      return false;
    }
    await remove(oldPath, oldBytes);
    return true;
  };

  let cutting: Promise<boolean> | null = null;

  const sweep = async (): Promise<void> => {
    await sweepAll();
    if (isMeddled) await recount();
  };
  const sweepAll = async (): Promise<void> => {
    const uncut = new Set<Entry>();
    for (;;) {
      const unneeded = entries.find(
        (entry) =>
          entry.gone &&
          entry.pins === 0 &&
          entry.holds.size === 0 &&
          childrenOf(entries, entry).length === 0,
      );
      if (unneeded !== undefined) {
        await erase(unneeded);
        continue;
      }
      const rest = entries.filter((entry) => entry.gone && !entry.broken);
      for (const entry of rest) if (entry.pins === 0) await removeTail(entry);
      const long = rest.find(
        (entry) =>
          entry.pins === 0 && !uncut.has(entry) && neededRows(entries, entry) < entry.length,
      );
      if (long === undefined) return;
      cutting = cut(long, neededRows(entries, long)).finally(() => {
        cutting = null;
      });
      if (await cutting) continue;
      uncut.add(long);
      // Its words must go, whoever stands on them.
      if (long.owners.size === 0) room.break(long);
    }
  };

  const make = async (more: number): Promise<boolean> => {
    while (bytes + more > budget) {
      const victim = leastValuable(entries, uses);
      if (victim === null) return false;
      victim.gone = true;
      await sweep();
    }
    return true;
  };

  const room: Room = {
    entries,
    get bytes() {
      return bytes;
    },
    get budget() {
      return budget;
    },
    set budget(value) {
      budget = value;
    },
    add(entry) {
      entries.push(entry);
      bytes += entry.sidecarBytes + dataBytes(entry) + tailBytes(entry);
      room.use(entry);
    },
    use(entry) {
      uses += 1;
      entry.used = uses;
    },
    make,
    async reserve(more) {
      if (!(await make(more))) return false;
      bytes += more;
      reserved += more;
      return true;
    },
    release(less) {
      bytes -= less;
      reserved -= less;
    },
    async own(entry, owners) {
      const before = [...entry.owners];
      const set = (names: readonly string[]): void => {
        entry.owners.clear();
        for (const name of names) entry.owners.add(name);
      };
      set(owners);
      entry.pins += 1;
      const fits = await make(disk.describe(entry).length).finally(() => {
        entry.pins -= 1;
      });
      if (fits && (await rewrite(entry))) return;
      // An owner more can be done without; one that is left over would be remembered for ever.
      if (owners.length > before.length) set(before);
      else entry.gone = true;
      await sweep();
    },
    break(entry) {
      for (const each of withDescendants(entries, entry)) {
        each.gone = true;
        each.broken = true;
      }
    },
    sweep,
    async settled() {
      while (cutting !== null) await cutting;
    },
  };
  return room;
}
