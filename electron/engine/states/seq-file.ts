import type { FileHandle } from 'node:fs/promises';

/**
 * llama.cpp's file of one sequence (`llama_state_seq_save_file`, release v0.4.0), taken apart and put
 * together again. Little endian throughout:
 *
 *   u32 magic, u32 version, u32 count, i32 tokens[count]
 *   u32 streams, and for each stream u32 cells; nothing more for the empty ones, and for the sequence's own
 *     cells × { i32 position, u32 1, i32 sequence }
 *     u32 0 (values lie as keys do: flash attention), u32 layers
 *     layers × { i32 type, u64 row bytes, cells × row }   keys
 *     layers × { i32 type, u64 row bytes, cells × row }   values
 *   hybrids: u32 1, i32 position, u32 0, u32 0, u32 layers of the whole model,
 *     each recurrent layer's { i32 type, u64 bytes, bytes }, first all convolutions, then all states
 */

/** Keys or values of one attention layer. */
export interface Section {
  /** ggml's number. */
  readonly type: number;
  /** Bytes of one token's row. */
  readonly row: number;
}

/** All of a file that is neither tokens, rows nor recurrent state. */
export interface SequenceLayout {
  readonly streams: number;
  /** The sequence's own stream. */
  readonly stream: number;
  readonly sequence: number;
  /** Keys of every attention layer, then values of every one. */
  readonly sections: readonly Section[];
  /** Bytes of the recurrent part; 0 = a model without one. */
  readonly tail: number;
}

export interface ParsedSequence {
  readonly layout: SequenceLayout;
  readonly tokens: Uint32Array;
  /** Where in the file each section's first row stands. */
  readonly rows: readonly number[];
  /** Where the recurrent part begins: it ends with the file. */
  readonly tailAt: number;
}

/** Takes bytes in order; the buffer may be used again when the promise resolves. */
export interface Sink {
  write(bytes: Buffer): Promise<void>;
}

const magic = 0x67_67_73_71;
const version = 3;
/** ggml's types of KV rows -> bytes of one block: f32, f16, q4_0, q8_0. */
const rowTypes: ReadonlyMap<number, number> = new Map([
  [0, 4],
  [1, 2],
  [2, 18],
  [8, 34],
]);
const recurrentTypes: ReadonlyMap<number, number> = new Map([
  [0, 4],
  [1, 2],
]);
/** Far above every model there is: a number beyond is no number of a state. */
const most = { tokens: 2 ** 24, streams: 4096, layers: 4096, row: 2 ** 24 } as const;
const cellBytes = 12;
const piece = 1 << 20;

class NotUnderstood extends Error {}

function demand(isSo: boolean): asserts isSo {
  if (!isSo) throw new NotUnderstood();
}

/**
 * Reads a file's structure without its rows. null = not every byte of it is understood: another
 * architecture, another release, cells in another order, something in front or behind.
 */
export async function parseSequence(
  file: FileHandle,
  size: number,
): Promise<ParsedSequence | null> {
  try {
    return await parse(createCursor(file, size));
  } catch (error) {
    if (error instanceof NotUnderstood) return null;
    throw error;
  }
}

interface Cursor {
  readonly size: number;
  at: number;
  take(length: number): Promise<Buffer>;
  u32(): Promise<number>;
  skip(length: number): void;
}

function createCursor(file: FileHandle, size: number): Cursor {
  const cursor: Cursor = {
    size,
    at: 0,
    async take(length) {
      demand(cursor.at + length <= size);
      const bytes = Buffer.allocUnsafe(length);
      await readFully(file, bytes, cursor.at).catch((error: unknown) => {
        throw error instanceof ShortRead ? new NotUnderstood() : error;
      });
      cursor.at += length;
      return bytes;
    },
    u32: async () => (await cursor.take(4)).readUInt32LE(0),
    skip(length) {
      demand(cursor.at + length <= size);
      cursor.at += length;
    },
  };
  return cursor;
}

async function parse(cursor: Cursor): Promise<ParsedSequence> {
  demand((await cursor.u32()) === magic);
  demand((await cursor.u32()) === version);
  const count = await cursor.u32();
  demand(count >= 1 && count <= most.tokens);
  const tokens = new Uint32Array(count);
  await inPieces(count, 4, cursor, (bytes, at) => {
    for (let index = 0; index * 4 < bytes.length; index += 1) {
      const token = bytes.readInt32LE(index * 4);
      demand(token >= 0);
      tokens[at + index] = token;
    }
  });
  const attention = await parseAttention(cursor, count);
  const tailAt = cursor.at;
  if (tailAt < cursor.size) await parseRecurrent(cursor, count, attention.sections.length / 2);
  demand(cursor.at === cursor.size);
  const { rows, ...layout } = attention;
  return { layout: { ...layout, tail: cursor.size - tailAt }, tokens, rows, tailAt };
}

type Attention = Omit<SequenceLayout, 'tail'> & { readonly rows: readonly number[] };

async function parseAttention(cursor: Cursor, count: number): Promise<Attention> {
  const streams = await cursor.u32();
  demand(streams >= 1 && streams <= most.streams);
  let own: Omit<Attention, 'streams' | 'stream'> | null = null;
  let stream = 0;
  for (let index = 0; index < streams; index += 1) {
    const cells = await cursor.u32();
    if (cells === 0) continue;
    demand(own === null && cells === count);
    stream = index;
    const sequence = await parseCells(cursor, count);
    // With several streams each sequence has its own.
    demand(streams === 1 || sequence === stream);
    own = { sequence, ...(await parseSections(cursor, count)) };
  }
  demand(own !== null);
  return { streams, stream, ...own };
}

/** Positions must go 0, 1, 2, …: rows are cut and joined by their place. @returns the sequence's id. */
async function parseCells(cursor: Cursor, count: number): Promise<number> {
  let sequence = -1;
  await inPieces(count, cellBytes, cursor, (bytes, at) => {
    for (let offset = 0; offset < bytes.length; offset += cellBytes) {
      const id = bytes.readInt32LE(offset + 8);
      if (sequence < 0) sequence = id;
      demand(bytes.readInt32LE(offset) === at + offset / cellBytes);
      demand(bytes.readUInt32LE(offset + 4) === 1 && id === sequence && id >= 0);
    }
  });
  demand(sequence < most.streams);
  return sequence;
}

async function parseSections(
  cursor: Cursor,
  count: number,
): Promise<Pick<Attention, 'sections' | 'rows'>> {
  demand((await cursor.u32()) === 0);
  const layers = await cursor.u32();
  demand(layers >= 1 && layers <= most.layers);
  const sections: Section[] = [];
  const rows: number[] = [];
  for (let index = 0; index < layers * 2; index += 1) {
    const section = await parseHead(cursor, rowTypes);
    demand(section.row <= most.row);
    sections.push(section);
    rows.push(cursor.at);
    cursor.skip(section.row * count);
  }
  return { sections, rows };
}

async function parseHead(cursor: Cursor, types: ReadonlyMap<number, number>): Promise<Section> {
  const head = await cursor.take(12);
  const type = head.readInt32LE(0);
  const bytes = head.readBigUInt64LE(4);
  demand(bytes > 0n && bytes <= BigInt(cursor.size));
  const row = Number(bytes);
  const block = types.get(type);
  demand(block !== undefined && row % block === 0);
  return { type, row };
}

async function parseRecurrent(cursor: Cursor, count: number, attention: number): Promise<void> {
  const head = await cursor.take(20);
  demand(head.readUInt32LE(0) === 1 && head.readInt32LE(4) === count - 1);
  demand(head.readUInt32LE(8) === 0 && head.readUInt32LE(12) === 0);
  const layers = head.readUInt32LE(16);
  demand(layers <= most.layers && layers > attention);
  const recurrent = layers - attention;
  // Every layer of a kind is of one size: a head that is no head does not get past this.
  for (let kind = 0; kind < 2; kind += 1) {
    let first: Section | null = null;
    for (let index = 0; index < recurrent; index += 1) {
      const section = await parseHead(cursor, recurrentTypes);
      first ??= section;
      demand(section.type === first.type && section.row === first.row);
      cursor.skip(section.row);
    }
  }
}

async function inPieces(
  count: number,
  width: number,
  cursor: Cursor,
  use: (bytes: Buffer, at: number) => void,
): Promise<void> {
  demand(cursor.at + count * width <= cursor.size);
  const step = Math.floor(piece / width);
  for (let at = 0; at < count; at += step) {
    use(await cursor.take(Math.min(step, count - at) * width), at);
  }
}

/** Bytes of the file for so many tokens. */
export function sequenceBytes(layout: SequenceLayout, count: number): number {
  const heads = 12 + 4 + layout.streams * 4 + 8 + layout.sections.length * 12;
  return heads + count * (4 + cellBytes + rowBytes(layout)) + layout.tail;
}

/** Bytes of one token's rows in all sections. */
export function rowBytes({ sections }: SequenceLayout): number {
  return sections.reduce((sum, { row }) => sum + row, 0);
}

/** Rows of one may stand in a file of the other. */
export function sameRows(one: SequenceLayout, other: SequenceLayout): boolean {
  return (
    one.sections.length === other.sections.length &&
    one.sections.every(({ type, row }, index) => {
      const section = other.sections[index];
      return section?.type === type && section.row === row;
    })
  );
}

/**
 * Writes a file as llama.cpp would have.
 * @param parts Write all rows of a section, and the recurrent part, into the sink that they are given.
 */
export async function writeSequence(
  out: Sink,
  layout: SequenceLayout,
  tokens: Uint32Array,
  parts: {
    rows(section: number, out: Sink): Promise<void>;
    tail(out: Sink): Promise<void>;
  },
): Promise<void> {
  const { sections, streams, stream, sequence } = layout;
  const count = tokens.length;
  await out.write(u32s([magic, version, count]));
  const step = Math.floor(piece / cellBytes);
  for (let at = 0; at < count; at += step) {
    await out.write(u32s(tokens.subarray(at, at + step)));
  }
  await out.write(u32s([streams, ...Array.from({ length: stream }, () => 0), count]));
  for (let at = 0; at < count; at += step) {
    const length = Math.min(step, count - at);
    const cells = Buffer.allocUnsafe(length * cellBytes);
    for (let index = 0; index < length; index += 1) {
      cells.writeInt32LE(at + index, index * cellBytes);
      cells.writeUInt32LE(1, index * cellBytes + 4);
      cells.writeInt32LE(sequence, index * cellBytes + 8);
    }
    await out.write(cells);
  }
  await out.write(u32s([0, sections.length / 2]));
  for (const [index, { type, row }] of sections.entries()) {
    const head = Buffer.allocUnsafe(12);
    head.writeInt32LE(type, 0);
    head.writeBigUInt64LE(BigInt(row), 4);
    await out.write(head);
    await parts.rows(index, out);
  }
  await out.write(u32s(Array.from({ length: streams - stream - 1 }, () => 0)));
  await parts.tail(out);
}

function u32s(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * 4);
  for (let index = 0; index < values.length; index += 1) {
    bytes.writeUInt32LE(values[index] as number, index * 4);
  }
  return bytes;
}

/** The file ended before its time. */
export class ShortRead extends Error {}

/** Fills the buffer from a place in the file. Throws `ShortRead`, or what the file system gives. */
export async function readFully(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done);
    if (bytesRead === 0) throw new ShortRead('the file is shorter than it was');
    done += bytesRead;
  }
}
