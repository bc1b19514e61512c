import { open, rm } from 'node:fs/promises';
import type { Disk, OpenPart } from './disk.ts';
import { createFileSink, Damaged } from './parts.ts';
import type { Room } from './room.ts';
import type { Sink } from './seq-file.ts';
import { sequenceBytes, writeSequence } from './seq-file.ts';
import { piecesOf, sectionStart, tailBytes, tokensOf } from './tree.ts';
import type { Entry, Piece } from './tree.ts';

export interface Composer {
  /**
   * Writes llama.cpp's file of a state's first `length` tokens. @returns them, or null where that could
   * not be: what was found damaged is a state no more, together with all that stands on its rows.
   */
  compose(entry: Entry, length: number, path: string): Promise<readonly number[] | null>;
  /** Resolves when no state is being composed: somebody waits for it, and keeping does not. */
  quiet(): Promise<void>;
}

export function createComposer(disk: Disk, room: Room): Composer {
  const running = new Set<Promise<unknown>>();

  const write = async (entry: Entry, length: number, path: string): Promise<readonly number[]> => {
    const tokens = tokensOf(entry, length);
    const source = await openPieces(disk, room, piecesOf(entry, length));
    const layout = { ...entry.layout, tail: tailBytes(entry) };
    try {
      const file = await open(path, 'w', 0o600);
      try {
        const sink = createFileSink(file);
        await writeSequence(sink, layout, tokens, {
          rows: source.rows,
          async tail(out) {
            if (layout.tail > 0) await copyTail(disk, entry, out);
          },
        });
        if ((await sink.end()) !== sequenceBytes(layout, length)) throw new Damaged('a wrong size');
      } finally {
        await file.close();
      }
    } finally {
      await source.close();
    }
    return [...tokens];
  };

  return {
    async compose(entry, length, path) {
      const pinned = piecesOf(entry, length).map((piece) => piece.entry);
      for (const each of [entry, ...pinned]) each.pins += 1;
      const work = write(entry, length, path).catch(async () => {
        await rm(path, { force: true }).catch(() => {});
        return null;
      });
      running.add(work);
      try {
        return await work;
      } finally {
        running.delete(work);
        for (const each of [entry, ...pinned]) each.pins -= 1;
      }
    },
    async quiet() {
      while (running.size > 0) await Promise.all(running);
    },
  };
}

async function copyTail(disk: Disk, entry: Entry, out: Sink): Promise<void> {
  try {
    const { reader, close } = await disk.openTail(entry);
    try {
      await reader.copy(0, entry.layout.tail, out);
    } finally {
      await close();
    }
  } catch (error) {
    if (error instanceof Damaged) entry.gone = true;
    throw error;
  }
}

export interface RowSource {
  rows(section: number, out: Sink): Promise<void>;
  close(): Promise<void>;
}

/** Rows of several states as those of one. A damaged one is broken in `room` before `Damaged` is thrown. */
export async function openPieces(
  disk: Disk,
  room: Pick<Room, 'break'>,
  pieces: readonly Piece[],
): Promise<RowSource> {
  const opened: { piece: Piece; part: OpenPart; starts: readonly number[] }[] = [];
  const blamed = async (piece: Piece, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (error instanceof Damaged) room.break(piece.entry);
      throw error;
    }
  };
  const close = async (): Promise<void> => {
    for (const { part } of opened) await part.close();
  };
  try {
    for (const piece of pieces) {
      await blamed(piece, async () => {
        const starts = piece.entry.layout.sections.map((_, at) => sectionStart(piece.entry, at));
        opened.push({ piece, starts, part: await disk.openRows(piece.entry) });
      });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    close,
    async rows(section, out) {
      for (const { piece, part, starts } of opened) {
        const { entry, from, to } = piece;
        const row = entry.layout.sections[section]?.row ?? 0;
        const start = starts[section] ?? 0;
        // What the sink throws is not the state's fault, and is not `Damaged`.
        await blamed(piece, () =>
          part.reader.copy(
            start + (from - entry.shared) * row,
            start + (to - entry.shared) * row,
            out,
          ),
        );
      }
    },
  };
}
