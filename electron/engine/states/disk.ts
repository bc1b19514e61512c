import { chmod, lstat, mkdir, open, readFile, readdir, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { createPartReader, createPartWriter, openSized, partOf } from './parts.ts';
import type { PartReader } from './parts.ts';
import type { Seal } from './seal.ts';
import type { Section, Sink } from './seq-file.ts';
import { idPattern, readSidecar, writeSidecar } from './sidecar.ts';
import type { Described } from './sidecar.ts';
import { dataBytes, ownRowBytes, tailBytes, tokenBytes } from './tree.ts';
import type { Entry, Proofs } from './tree.ts';

/**
 * Files of the states' folder. `<id>.state` is the sidecar and makes the others valid, `<salt>.rows`
 * holds a state's own tokens and rows, `<salt>.tail` its recurrent part. Data files are written once
 * and never changed. Whatever else is in the folder goes when it is opened.
 */
export interface Disk {
  readonly folder: string;
  /** Bytes of one frame's proof. */
  readonly proofBytes: number;
  /** Reads all that is whole and of this key, and removes the rest. */
  load(): Promise<Entry[]>;
  /** Writes the data files under temporary names and flushes them. */
  writeData(request: DataRequest): Promise<Proofs>;
  /** Gives the data files their names. */
  publishData(salt: string, hasTail: boolean): Promise<void>;
  describe(entry: Entry): Buffer;
  /** Replaces the sidecar in one step. Its own bytes are on disk twice meanwhile. */
  writeSidecar(id: string, bytes: Buffer): Promise<void>;
  /** Opens a state's rows; `close` when done. Throws `Damaged`. */
  openRows(entry: Entry): Promise<OpenPart>;
  openTail(entry: Entry): Promise<OpenPart>;
  markUsed(entry: Entry): Promise<void>;
  paths(entry: Pick<Entry, 'id' | 'salt'>): { sidecar: string; rows: string; tail: string };
  /** Removes everything that an unfinished writing left. */
  discard(salt: string, id: string | null): Promise<void>;
}

export interface OpenPart {
  readonly reader: PartReader;
  close(): Promise<void>;
}

export interface DataRequest {
  readonly salt: string;
  readonly tokens: Uint32Array;
  readonly sections: readonly Section[];
  readonly parts: {
    rows(section: number, out: Sink): Promise<void>;
    /** null = the state has no recurrent part, or keeps it no more. */
    readonly tail: ((out: Sink) => Promise<void>) | null;
  };
  /** Awaited before every frame. */
  readonly pause: () => Promise<void>;
}

const largestSidecar = 64 << 20;
const part = (path: string): string => `${path}.part`;

/** @param folder Of these states alone: everything else in it is removed. Made private if need be. */
export async function openDisk(folder: string, key: string, seal: Seal): Promise<Disk> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const sidecarOf = (id: string): string => join(folder, `${id}.state`);
  const rowsOf = (salt: string): string => join(folder, `${salt}.rows`);
  const tailOf = (salt: string): string => join(folder, `${salt}.tail`);

  const openPart = async (
    path: string,
    size: number,
    place: readonly [part: number, start: number, length: number],
    salt: string,
    proofs: Buffer,
  ): Promise<OpenPart> => {
    const [number, start, length] = place;
    const file = await openSized(path, size);
    const reader = createPartReader(file, start, length, seal.frames(salt), number, proofs);
    return { reader, close: () => file.close() };
  };
  const openRows = (entry: Entry): Promise<OpenPart> =>
    openPart(
      rowsOf(entry.salt),
      dataBytes(entry),
      [partOf.rows, tokenBytes(entry), ownRowBytes(entry)],
      entry.salt,
      entry.proofs.rows,
    );

  /** The state, with its own tokens; null where a file of it is not as it should be. */
  const read = async (id: string): Promise<{ entry: Entry; parent: string | null } | null> => {
    const path = sidecarOf(id);
    const found = await lstat(path);
    if (!found.isFile() || found.size > largestSidecar) return null;
    const described = readSidecar(seal, key, id, await readFile(path));
    if (described === null) return null;
    const entry = toEntry(described, found);
    if (entry.proofs.tail.length > 0) {
      const tail = await lstat(tailOf(entry.salt)).catch(() => null);
      entry.hasTail = tail?.isFile() === true && tail.size === entry.layout.tail;
    }
    entry.gone = described.owners.length === 0 || (entry.layout.tail > 0 && !entry.hasTail);
    const tokens = await openPart(
      rowsOf(entry.salt),
      dataBytes(entry),
      [partOf.tokens, 0, tokenBytes(entry)],
      entry.salt,
      entry.proofs.tokens,
    );
    try {
      const bytes = Buffer.allocUnsafe(tokenBytes(entry));
      let at = 0;
      const sink: Sink = {
        write: async (some) => {
          at += some.copy(bytes, at);
        },
      };
      await tokens.reader.copy(0, bytes.length, sink);
      for (let index = 0; index < entry.tokens.length; index += 1) {
        entry.tokens[index] = bytes.readUInt32LE(index * 4);
      }
    } finally {
      await tokens.close();
    }
    return { entry, parent: described.parent };
  };

  return {
    folder,
    proofBytes: seal.proofBytes,
    openRows,
    async load() {
      const names = await readdir(folder);
      const found = new Map<string, { entry: Entry; parent: string | null }>();
      for (const name of names) {
        const id = /^(.*)\.state$/.exec(name)?.[1];
        if (id === undefined || !idPattern.test(id)) continue;
        const one = await read(id).catch(() => null);
        if (one !== null) found.set(id, one);
      }
      const entries = link(found);
      const known = new Set(
        entries.flatMap(({ id, salt, hasTail }) => [
          ...[`${id}.state`, `${salt}.rows`],
          ...(hasTail ? [`${salt}.tail`] : []),
        ]),
      );
      for (const name of names) {
        if (!known.has(name)) await rm(join(folder, name), { force: true, recursive: true });
      }
      return entries;
    },
    async writeData({ salt, tokens, sections, parts, pause }) {
      const frames = seal.frames(salt);
      const none: Buffer = Buffer.alloc(0);
      const proofs = { tokens: none, rows: none, tail: none };
      const data = await open(part(rowsOf(salt)), 'wx', 0o600);
      try {
        const ids = createPartWriter(data, 0, frames, partOf.tokens, pause);
        const bytes = Buffer.allocUnsafe(tokens.length * 4);
        tokens.forEach((token, index) => bytes.writeUInt32LE(token, index * 4));
        await ids.write(bytes);
        proofs.tokens = await ids.end();
        const rows = createPartWriter(data, bytes.length, frames, partOf.rows, pause);
        for (const section of sections.keys()) await parts.rows(section, rows);
        proofs.rows = await rows.end();
        await data.sync();
      } finally {
        await data.close();
      }
      if (parts.tail === null) return proofs;
      const tail = await open(part(tailOf(salt)), 'wx', 0o600);
      try {
        const writer = createPartWriter(tail, 0, frames, partOf.tail, pause);
        await parts.tail(writer);
        proofs.tail = await writer.end();
        await tail.sync();
      } finally {
        await tail.close();
      }
      return proofs;
    },
    async publishData(salt, hasTail) {
      await rename(part(rowsOf(salt)), rowsOf(salt));
      if (hasTail) await rename(part(tailOf(salt)), tailOf(salt));
    },
    describe: (entry) =>
      writeSidecar(seal, key, {
        ...entry,
        owners: [...entry.owners],
        parent: entry.parent?.id ?? null,
      }),
    async writeSidecar(id, bytes) {
      const path = sidecarOf(id);
      const file = await open(part(path), 'w', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(part(path), path);
      await flushFolder(folder);
    },
    openTail: (entry) =>
      openPart(
        tailOf(entry.salt),
        tailBytes(entry),
        [partOf.tail, 0, tailBytes(entry)],
        entry.salt,
        entry.proofs.tail,
      ),
    async markUsed({ id }) {
      const now = new Date();
      await utimes(sidecarOf(id), now, now).catch(() => {});
    },
    paths: ({ id, salt }) => ({
      sidecar: sidecarOf(id),
      rows: rowsOf(salt),
      tail: tailOf(salt),
    }),
    async discard(salt, id) {
      const paths = [rowsOf(salt), tailOf(salt), ...(id === null ? [] : [sidecarOf(id)])];
      for (const path of paths.flatMap((each) => [each, part(each)])) {
        await rm(path, { force: true, recursive: true });
      }
    },
  };
}

function toEntry(described: Described, sidecar: { size: number; mtimeMs: number }): Entry {
  const { id, salt, kind, shared, length, layout, proofs, born } = described;
  return {
    ...{ id, salt, kind, shared, length, layout, proofs, born },
    owners: new Set(described.owners),
    parent: null,
    tokens: new Uint32Array(length - shared),
    sidecarBytes: sidecar.size,
    hasTail: false,
    used: sidecar.mtimeMs,
    gone: false,
    broken: false,
    pins: 0,
    holds: new Set(),
  };
}

/** Sets the parents. What has none that fits it, however far up, is left out. */
function link(found: ReadonlyMap<string, { entry: Entry; parent: string | null }>): Entry[] {
  const linked = new Map<string, Entry | null>();
  const resolve = (id: string): Entry | null => {
    const known = linked.get(id);
    if (known !== undefined) return known;
    // What comes back to itself has no beginning.
    linked.set(id, null);
    const one = found.get(id);
    if (one === undefined) return null;
    const parent = one.parent === null ? null : resolve(one.parent);
    if (one.parent !== null && !fits(one.entry, parent)) return null;
    const entry = { ...one.entry, parent };
    linked.set(id, entry);
    return entry;
  };
  return [...found.keys()].flatMap((id) => resolve(id) ?? []);
}

function fits({ shared, layout }: Entry, parent: Entry | null): boolean {
  return (
    parent !== null &&
    shared > parent.shared &&
    shared <= parent.length &&
    JSON.stringify(layout.sections) === JSON.stringify(parent.layout.sections)
  );
}

/** Makes renames last. Not every system can. */
async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => {});
  await handle?.close();
}
