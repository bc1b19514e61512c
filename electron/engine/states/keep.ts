import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { openPieces } from './compose.ts';
import type { Disk } from './disk.ts';
import { freshName } from './names.ts';
import { frameBytes, frameCount } from './parts.ts';
import type { KeepRequest, StateRef } from './port.ts';
import type { Room } from './room.ts';
import { parseSequence, readFully, rowBytes, sameRows } from './seq-file.ts';
import type { ParsedSequence, Sink } from './seq-file.ts';
import { worthier } from './sidecar.ts';
import { dataBytes, inCommon, piecesOf, tailBytes } from './tree.ts';
import type { Entry } from './tree.ts';

/** Files that a state is put together of: all are open at once. */
const mostPieces = 48;

export interface Keeper {
  keep(request: KeepRequest): Promise<{ readonly ref: StateRef; readonly isSame: boolean } | null>;
}

/** @param pause Awaited before every frame: who waits for a state goes first. */
export function createKeeper(disk: Disk, room: Room, pause: () => Promise<void>): Keeper {
  /** The rows that need not be written, and whose they are. */
  const standing = async (
    { from, tokens }: KeepRequest,
    file: FileHandle,
    parsed: ParsedSequence,
  ): Promise<{ parent: Entry | null; shared: number }> => {
    const none = { parent: null, shared: 0 };
    let parent = room.entries.find(({ id }) => id === from?.ref.id) ?? null;
    if (from === null || parent === null || parent.broken) return none;
    const { shared } = from;
    if (!(shared >= 1 && shared <= parent.length && shared <= tokens.length)) return none;
    if (inCommon(parent, tokens) < shared || !sameRows(parent.layout, parsed.layout)) return none;
    while (parent !== null && parent.shared >= shared) ({ parent } = parent);
    if (parent === null || piecesOf(parent, shared).length >= mostPieces) return none;
    if (!(await isSameRow(disk, room, parent, shared - 1, file, parsed))) {
      return none;
    }
    return { parent, shared };
  };

  const write = async (
    request: KeepRequest,
    file: FileHandle,
    parsed: ParsedSequence,
  ): Promise<Entry | null> => {
    const { layout, rows, tailAt } = parsed;
    const { parent, shared } = await standing(request, file, parsed);
    const length = parsed.tokens.length;
    const tokens = parsed.tokens.slice(shared);
    const proofBytes = disk.proofBytes;
    const empty = (bytes: number): Buffer => Buffer.alloc(frameCount(bytes) * proofBytes);
    const entry: Entry = {
      ...{ id: freshName(), salt: freshName(), kind: request.kind },
      owners: new Set(request.owners),
      ...{ parent, shared, length, tokens, layout },
      proofs: {
        tokens: empty(tokens.length * 4),
        rows: empty(tokens.length * rowBytes(layout)),
        tail: empty(layout.tail),
      },
      sidecarBytes: 0,
      hasTail: layout.tail > 0,
      born: Date.now(),
      used: 0,
      gone: false,
      broken: false,
      pins: 0,
      holds: new Set(),
    };
    entry.sidecarBytes = disk.describe(entry).length;
    const need = entry.sidecarBytes + dataBytes(entry) + tailBytes(entry);
    if (need > room.budget) return null;
    const hold = { shared };
    parent?.holds.add(hold);
    try {
      if (!(await room.reserve(need))) return null;
      try {
        entry.proofs = await disk.writeData({
          ...{ salt: entry.salt, tokens, sections: layout.sections, pause },
          parts: {
            rows: (section, out) => {
              const row = layout.sections[section]?.row ?? 0;
              const start = rows[section] ?? 0;
              return copy(file, start + shared * row, start + length * row, out);
            },
            tail: entry.hasTail ? (out) => copy(file, tailAt, tailAt + layout.tail, out) : null,
          },
        });
        // While it was written, somebody who read may have found its parent damaged.
        if (parent?.broken === true) throw new Error('its rows are broken');
        await disk.publishData(entry.salt, entry.hasTail);
        await disk.writeSidecar(entry.id, disk.describe(entry));
      } catch {
        await disk.discard(entry.salt, entry.id);
        room.release(need);
        return null;
      }
      room.release(need);
      room.add(entry);
      return entry;
    } finally {
      parent?.holds.delete(hold);
      await room.sweep();
    }
  };

  return {
    async keep(request) {
      if (request.owners.length === 0) return null;
      const file = await open(request.path, 'r').catch(() => null);
      if (file === null) return null;
      try {
        const parsed = await parseSequence(file, (await file.stat()).size);
        if (parsed === null || !isEqual(parsed.tokens, request.tokens)) return null;
        const { length } = parsed.tokens;
        const there = room.entries.find(
          (entry) =>
            !entry.gone && entry.length === length && inCommon(entry, parsed.tokens) === length,
        );
        if (there !== undefined) {
          const owners = new Set([...there.owners, ...request.owners]);
          const kind = worthier(there.kind, request.kind);
          room.use(there);
          if (kind === there.kind && owners.size === there.owners.size) await disk.markUsed(there);
          else await room.own(Object.assign(there, { kind }), [...owners]);
          if (there.gone) return null;
          return { ref: { id: there.id, position: length }, isSame: false };
        }
        const entry = await write(request, file, parsed);
        return entry && { ref: { id: entry.id, position: length }, isSame: true };
      } catch {
        // What the file system gives: a full disk, most likely.
        return null;
      } finally {
        await file.close();
      }
    },
  };
}

function isEqual(found: Uint32Array, expected: readonly number[]): boolean {
  return found.length === expected.length && expected.every((token, at) => found[at] === token);
}

async function copy(file: FileHandle, from: number, to: number, out: Sink): Promise<void> {
  const bytes = Buffer.allocUnsafe(Math.min(frameBytes, to - from));
  for (let at = from; at < to;) {
    const some = bytes.subarray(0, Math.min(bytes.length, to - at));
    await readFully(file, some, at);
    await out.write(some);
    at += some.length;
  }
}

/**
 * Compares one row of the first and last keys and values with what is kept: whoever says that rows are
 * the same and errs would mix two histories, and nothing else would notice.
 */
async function isSameRow(
  disk: Disk,
  room: Room,
  parent: Entry,
  at: number,
  file: FileHandle,
  { layout, rows }: ParsedSequence,
): Promise<boolean> {
  const pieces = piecesOf(parent, at + 1).slice(-1);
  const [piece] = pieces;
  if (piece === undefined) return false;
  const source = await openPieces(disk, room, [{ ...piece, from: at }]).catch(() => null);
  if (source === null) return false;
  const layers = layout.sections.length / 2;
  try {
    for (const section of new Set([0, layers - 1, layers, 2 * layers - 1])) {
      const row = layout.sections[section]?.row ?? 0;
      const found = Buffer.alloc(row);
      let filled = 0;
      await source.rows(section, {
        write: async (bytes) => {
          filled += bytes.copy(found, filled);
        },
      });
      const expected = Buffer.alloc(row);
      await readFully(file, expected, (rows[section] ?? 0) + at * row);
      if (!found.equals(expected)) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    await source.close();
  }
}
