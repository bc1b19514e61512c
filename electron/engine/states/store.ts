import { rm } from 'node:fs/promises';
import { createComposer } from './compose.ts';
import { openDisk } from './disk.ts';
import { createKeeper } from './keep.ts';
import type { StateRef, StateStore } from './port.ts';
import { createRoom } from './room.ts';
import { openScratch, scratchFile } from './scratch.ts';
import type { ScratchFile } from './scratch.ts';
import { createSeal } from './seal.ts';
import { sequenceBytes } from './seq-file.ts';
import { inCommon, tailBytes } from './tree.ts';
import type { Entry } from './tree.ts';

/** What `openStateStore` gives: the port, and the files that llama.cpp reads and writes on the way. */
export interface OpenStateStore extends StateStore {
  /**
   * A file for llama.cpp to write a sequence to, or for `compose`: in memory where there is room (see
   * `scratch.ts`), else in this folder, counted and with others evicted for it. Remove it at once after
   * use. @param bytes At most so many will be written. @returns null where there is no room.
   */
  scratch(bytes: number): Promise<ScratchFile | null>;
  /** Bytes of the file that `compose` writes. 0 = there is no such state any more. */
  composedBytes(ref: StateRef): number;
}

export interface StateStoreOptions {
  /** Of this model alone. Whatever in it is not a whole state of this key is removed. */
  readonly folder: string;
  /** Of `stateStoreKey`. */
  readonly key: string;
  /** Bytes that the folder may take. */
  readonly budget: number;
  /** 32 bytes; with it everything in the folder is encrypted. null = nothing is. */
  readonly secret: Buffer | null;
  /** Sequences can be cut at any token: a state then stands for each of its beginnings too. */
  readonly cuttable: boolean;
  /** A file system in memory for scratch files; null = none. The system's own where not given. */
  readonly memory?: string | null;
}

/**
 * Opens a folder of states; one process at a time. Throws what the file system gives where the folder
 * cannot be made; afterwards nothing throws but mistakes: what fails is not kept, or read again.
 *
 * On the way out:   const file = await store.scratch(bytes); sequence.save(file.path);
 *                   await store.keep({ path: file.path, … }); await file.remove();
 * On the way back:  const found = store.find(tokens, most);
 *                   const file = await store.scratch(store.composedBytes(found.ref));
 *                   const ids = await store.compose(found.ref, file.path);
 *                   ids !== null && (await sequence.load(file.path, ids)); await file.remove();
 *                   await store.touch(found.ref, conversation);
 * What is kept next of that sequence says `from: { ref: found.ref, shared }`, where `shared` is the
 * lowest length that the sequence has had since.
 */
export async function openStateStore(options: StateStoreOptions): Promise<OpenStateStore> {
  const { folder, cuttable } = options;
  const disk = await openDisk(folder, options.key, createSeal(options.secret));
  const scratch = await openScratch(folder, options.memory);
  const room = createRoom(disk, options.budget);
  const composer = createComposer(disk, room);
  const keeper = createKeeper(disk, room, async () => {
    await composer.quiet();
    if (isClosed) throw new Error('closed');
  });
  const loaded = await disk.load();
  loaded.sort((one, other) => one.used - other.used);
  for (const entry of loaded) room.add(entry);

  // Changes go one after the other; reading states goes beside them.
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work);
    last = done.catch(() => {});
    return done;
  };
  const live = (ref: StateRef): Entry | null => {
    const entry = isClosed ? undefined : room.entries.find(({ id }) => id === ref.id);
    const isThere = entry !== undefined && !entry.gone;
    if (!isThere || ref.position < 1 || ref.position > entry.length) return null;
    return cuttable || ref.position === entry.length ? entry : null;
  };
  await inTurn(async () => {
    await room.sweep();
    await room.make(0);
  });

  return {
    get bytes() {
      return room.bytes;
    },
    find(tokens, most) {
      let best: { entry: Entry; position: number; isWhole: boolean } | null = null;
      const known = new Map<Entry, number>();
      for (const entry of isClosed ? [] : room.entries) {
        if (entry.gone) continue;
        const same = inCommon(entry, tokens, known);
        const position = cuttable ? Math.min(same, most) : same === entry.length ? same : 0;
        if (position < 1 || position > most) continue;
        const isWhole = position === entry.length;
        const isBetter =
          best === null ||
          position > best.position ||
          (position === best.position &&
            (isWhole === best.isWhole ? entry.used > best.entry.used : isWhole));
        if (isBetter) best = { entry, position, isWhole };
      }
      if (best === null) return null;
      const { entry, position, isWhole } = best;
      return { ref: { id: entry.id, position }, position, isWhole };
    },
    async compose(ref, path) {
      await room.settled();
      const entry = live(ref);
      if (entry === null) return null;
      room.use(entry);
      const tokens = await composer.compose(entry, ref.position, path);
      // Who waits for the state does not wait for the tidying.
      void inTurn(async () => {
        await room.sweep();
        await room.make(0);
      }).catch(() => {});
      return tokens;
    },
    keep: (request) =>
      inTurn(async () => {
        try {
          return isClosed ? null : await keeper.keep(request);
        } finally {
          await rm(request.path, { force: true }).catch(() => {});
        }
      }),
    touch: (ref, owner) =>
      inTurn(async () => {
        const entry = live(ref);
        if (entry === null) return;
        room.use(entry);
        const isWhole = ref.position === entry.length;
        if (!isWhole || entry.owners.has(owner)) await disk.markUsed(entry);
        else await room.own(entry, [...entry.owners, owner]);
      }),
    disown: (owner) =>
      inTurn(async () => {
        for (const entry of isClosed ? [] : [...room.entries]) {
          if (!entry.owners.has(owner) || !room.entries.includes(entry)) continue;
          if (entry.gone) {
            entry.owners.delete(owner);
            continue;
          }
          const others = [...entry.owners].filter((each) => each !== owner);
          if (others.length > 0) {
            await room.own(entry, others);
          } else {
            entry.owners.clear();
            entry.gone = true;
          }
        }
        await room.sweep();
      }),
    resize: (budget) =>
      inTurn(async () => {
        const before = room.bytes;
        room.budget = budget;
        if (!isClosed) await room.make(0);
        return Math.max(0, before - room.bytes);
      }),
    async scratch(bytes) {
      if (isClosed) return null;
      const inMemory = await scratch.inMemory(bytes);
      if (inMemory !== null) return inMemory;
      return inTurn(async () => {
        if (isClosed || !(await room.reserve(bytes))) return null;
        const file = await scratchFile(folder).catch(() => null);
        if (file === null) {
          room.release(bytes);
          return null;
        }
        let isThere = true;
        return {
          path: file.path,
          async remove() {
            await file.remove();
            if (isThere) room.release(bytes);
            isThere = false;
          },
        };
      });
    },
    composedBytes(ref) {
      const entry = live(ref);
      if (entry === null) return 0;
      return sequenceBytes({ ...entry.layout, tail: tailBytes(entry) }, ref.position);
    },
    async close() {
      isClosed = true;
      await last;
      await composer.quiet();
      await last;
      await scratch.close();
    },
  };
}
