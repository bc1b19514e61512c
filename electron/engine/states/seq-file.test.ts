import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFileSink } from './parts.ts';
import { parseSequence, readFully, sequenceBytes, writeSequence } from './seq-file.ts';
import type { ParsedSequence } from './seq-file.ts';
import { denseShape, hybridShape, sequenceFile } from './sequences.fixture.ts';
import type { SequenceShape } from './sequences.fixture.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-seq-'));
  path = join(folder, 'sequence');
});
afterAll(() => rm(folder, { recursive: true }));

async function parse(bytes: Buffer): Promise<ParsedSequence | null> {
  await writeFile(path, bytes);
  const file = await open(path);
  try {
    return await parseSequence(file, bytes.length);
  } finally {
    await file.close();
  }
}

/** Takes a file apart and writes it again. */
async function again(bytes: Buffer): Promise<Buffer | null> {
  const parsed = await parse(bytes);
  if (parsed === null) return null;
  const { layout, rows, tailAt, tokens } = parsed;
  const copy = `${path}.copy`;
  const [source, target] = [await open(path), await open(copy, 'w')];
  const pick = async (at: number, length: number): Promise<Buffer> => {
    const some = Buffer.alloc(length);
    await readFully(source, some, at);
    return some;
  };
  const sink = createFileSink(target);
  await writeSequence(sink, layout, tokens, {
    async rows(section, out) {
      const row = layout.sections[section]?.row ?? 0;
      await out.write(await pick(rows[section] ?? 0, row * tokens.length));
    },
    tail: async (out) => out.write(await pick(tailAt, layout.tail)),
  });
  expect(await sink.end()).toBe(sequenceBytes(layout, tokens.length));
  await source.close();
  await target.close();
  return readFile(copy);
}

const shapes: readonly (readonly [name: string, shape: SequenceShape])[] = [
  ['a hybrid in the last of two streams', hybridShape],
  ['a dense model', denseShape],
  ['a dense model with four streams', { ...denseShape, streams: 4 }],
];

describe.each(shapes)('%s', (_, shape) => {
  it.each([1, 2, 300])(
    'with %i tokens is taken apart and put together byte for byte',
    async (n) => {
      const tokens = Array.from({ length: n }, (__, index) => (index * 7919) % 49_155);
      for (let sequence = 0; sequence < shape.streams; sequence += 1) {
        const bytes = sequenceFile(shape, tokens, sequence);
        const parsed = await parse(bytes);
        expect(parsed?.layout).toMatchObject({ streams: shape.streams, sequence });
        expect([...(parsed?.tokens ?? [])]).toEqual(tokens);
        expect((await again(bytes))?.equals(bytes)).toBe(true);
      }
    },
  );

  it('is refused where its structure is not understood', async () => {
    const bytes = sequenceFile(shape, [5, 6, 7]);
    const changed = (at: number, value: number): Buffer => {
      const copy = Buffer.from(bytes);
      copy.writeUInt32LE(value, at);
      return copy;
    };
    expect(await parse(Buffer.alloc(0))).toBeNull();
    expect(await parse(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeNull();
    expect(await parse(Buffer.concat([bytes, Buffer.alloc(4)]))).toBeNull();
    expect(await parse(bytes.subarray(0, -1))).toBeNull();
    expect(await parse(changed(0, 1)), 'magic').toBeNull();
    expect(await parse(changed(4, 4)), 'version').toBeNull();
    expect(await parse(changed(8, 2)), 'count').toBeNull();
    expect(await parse(changed(8, 0xffff_ffff)), 'count').toBeNull();
    expect(await parse(changed(24, 0xffff_ffff)), 'streams').toBeNull();
    const cells = 24 + 4 + shape.streams * 4;
    expect(await parse(changed(cells, 1)), 'position').toBeNull();
    expect(await parse(changed(cells + 4, 2)), 'two sequences in a cell').toBeNull();
    const data = cells + 3 * 12;
    expect(await parse(changed(data, 1)), 'values the other way').toBeNull();
    expect(await parse(changed(data + 4, 0x7fff_ffff)), 'layers').toBeNull();
    expect(await parse(changed(data + 8, 30)), 'type').toBeNull();
    expect(await parse(changed(data + 12, 0xffff_fff0)), 'row').toBeNull();
    expect(await parse(changed(data + 16, 1)), 'row above 4 GiB').toBeNull();
  });

  it('of any truncation is refused, and any flipped bit is either kept as it is or refused', async () => {
    const bytes = sequenceFile(shape, [9, 8, 7, 6]);
    for (let round = 0; round < 100; round += 1) {
      const at = Math.floor((round / 100) * bytes.length);
      expect(await parse(bytes.subarray(0, at))).toBeNull();
      const flipped = Buffer.from(bytes);
      // Every byte of the heads, which stand in front.
      const place = round < 60 ? round : at;
      flipped[place] = (flipped[place] ?? 0) ^ (1 << (round % 8));
      const written = await again(flipped);
      if (written !== null) expect(written.equals(flipped)).toBe(true);
    }
  });
});
