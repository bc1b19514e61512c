import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Shape } from '../../electron/models/catalog/catalog.ts';
import { readGguf } from '../../electron/models/gguf.ts';
import { toModelHeader } from '../../electron/models/header.ts';
import { memoryOf } from '../../electron/models/catalog/size.ts';
import { probeGguf } from '../../native/llama/gguf-probe.ts';
import { typed } from './mix.ts';
import { shapeModel, shapeModels } from './models.ts';
import type { ShapeModel } from './models.ts';
import { blockPattern, toHalf } from './random.ts';
import { sizeRows } from './sizes.ts';
import { tensorsOf } from './tensors.ts';
import { ensureShape, planShape, writeShape } from './write.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'quarry-shapes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const tiny = (shape: Partial<Shape> = {}): ShapeModel => {
  const model = shapeModel('h-tiny');
  return {
    ...model,
    shape: {
      ...model.shape,
      ...{ vocabulary: 2048, embedding: 256, layers: 3, attentionLayers: [1], feedForward: 256 },
      ...{ heads: 4, kvHeads: 2, headSize: 64 },
      experts: { count: 4, used: 2, size: 256 },
      ssm: { heads: 8, headWidth: 64, inner: 512, state: 64, convolution: 4, groups: 1 },
      ...shape,
    },
  };
};

describe('sizes of Granite files (peers: LM Studio 1862, ollama 12692)', () => {
  const rows = sizeRows();
  const known = rows.filter((row) => row.difference !== null);

  test('are within 1 % of every size that is published', () => {
    const names = known.map(({ id, quantization }) => `${id} ${quantization}`);
    expect(names).toEqual([
      ...['350m Q4_K_M', '350m Q8_0', 'h-350m Q8_0', '1b Q4_K_M', 'h-1b Q4_K_M', 'micro Q4_K_M'],
      ...['h-micro Q4_K_M', 'h-micro Q8_0', 'h-tiny Q4_K_M', 'h-small Q4_K_M'],
      ...['4.2-3b Q4_K_M', '4.2-8b Q4_K_M', '4.2-30b Q4_K_M'],
    ]);
    for (const row of known) expect(Math.abs(row.difference!), row.id).toBeLessThan(0.01);
  });

  test('differ from exactly known ones by the same header text: every tensor has its real size', () => {
    const exact = known.filter((row) => !row.id.startsWith('4.2'));
    const above = exact.map((row) => row.published! - row.computed);
    // Their names and descriptions differ; one matrix of the wrong type would be far more.
    expect(Math.max(...above) - Math.min(...above)).toBeLessThan(2048);
  });

  test('cover every model of the catalogue in four mixes', () => {
    expect(rows.length).toBe(4 * shapeModels().length);
    const ids = shapeModels().map((model) => model.id);
    expect(ids).toEqual([
      ...['350m', 'h-350m', '1b', 'h-1b', 'micro', 'h-micro', 'h-tiny', 'h-small'],
      ...['4.1-3b', '4.1-8b', '4.1-30b', '4.2-3b', '4.2-8b', '4.2-30b'],
    ]);
  });
});

describe('the mix', () => {
  const types = (id: string, quantization: 'Q4_K_M' | 'Q4_0') =>
    new Map(
      typed(tensorsOf(shapeModel(id).shape), quantization).map(({ name, type }) => [name, type]),
    );

  test('Q4_K_M makes the same tensors finer as llama.cpp', () => {
    const of = types('h-micro', 'Q4_K_M');
    expect(of.get('token_embd.weight')).toBe('Q6_K');
    expect(of.get('blk.0.ffn_down.weight')).toBe('Q6_K');
    expect(of.get('blk.5.ffn_down.weight')).toBe('Q4_K');
    expect(of.get('blk.7.ffn_down.weight')).toBe('Q6_K');
    expect(of.get('blk.39.ffn_down.weight')).toBe('Q6_K');
    expect(of.get('blk.0.ssm_in.weight')).toBe('Q4_K');
    // Four attention layers: the third and the fourth.
    const values = [5, 15, 25, 35].map((layer) => of.get(`blk.${layer}.attn_v.weight`));
    expect(values).toEqual(['Q4_K', 'Q4_K', 'Q6_K', 'Q6_K']);
    for (const name of ['ssm_conv1d.weight', 'ssm_a', 'attn_norm.weight', 'ssm_norm.weight']) {
      expect(of.get(`blk.0.${name}`)).toBe('F32');
    }
    expect(types('h-tiny', 'Q4_0').get('blk.0.ffn_gate_inp.weight')).toBe('F32');
    expect(types('4.2-3b', 'Q4_0').get('token_embd.weight')).toBe('Q4_0');
  });

  test('rows that are no multiple of 256 get types of smaller blocks', () => {
    const model = tiny({ embedding: 288, ssm: null, experts: null, attentionLayers: null });
    const of = new Map(typed(tensorsOf(model.shape), 'Q4_K_M').map((one) => [one.name, one.type]));
    expect(of.get('blk.1.attn_q.weight')).toBe('Q5_0');
    expect(of.get('blk.2.attn_v.weight')).toBe('Q8_0');
    expect(of.get('token_embd.weight')).toBe('Q8_0');
  });
});

describe('a written shape', () => {
  test('reads back with the facts of its model, marked as a shape', async () => {
    const model = tiny();
    const plan = planShape(model, 'Q4_K_M');
    const file = join(folder, 'tiny.gguf');
    const written = await writeShape(plan, file, 1);
    expect(written).toMatchObject({ isNew: true, bytes: (await stat(file)).size });
    const gguf = await readGguf(file);
    const header = toModelHeader(gguf, file);
    expect(header).toMatchObject({
      name: 'Shape of h-tiny (random weights)',
      ...{ isShape: true, architecture: 'granitehybrid', quantization: 'Q4_K_M' },
      ...{ layers: 3, attentionLayers: 1, recurrentLayers: 2, vocabulary: 2048, experts: 4 },
      ...{ hasChatTemplate: true, declaredContext: 2 ** 20 },
      ...memoryOf(model.shape),
    });
    expect(gguf.neededBytes).toBe(written.bytes);
    expect((await probeGguf(file)).tensorBytes).toBe(header.tensorBytes);
  });

  test('is the same file for the same seed, another for another, and is written once', async () => {
    const plan = (seed: number) => planShape(tiny(), 'Q8_0', seed);
    const at = (name: string) => join(folder, `${name}.gguf`);
    await writeShape(plan(1), at('a'), 1);
    await writeShape(plan(1), at('b'), 1);
    await writeShape(plan(2), at('c'), 2);
    const hashes = await Promise.all(
      ['a', 'b', 'c'].map(async (name) =>
        createHash('sha256')
          .update(await readFile(at(name)))
          .digest('hex'),
      ),
    );
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
    expect(await writeShape(plan(1), at('a'), 1)).toMatchObject({ isNew: false });
    // Another seed, or a file that was cut: written again.
    expect(await writeShape(plan(2), at('a'), 2)).toMatchObject({ isNew: true });
    await truncate(at('b'), 1000);
    expect(await writeShape(plan(1), at('b'), 1)).toMatchObject({ isNew: true });
  });

  test('an unknown model is refused with the names of those there are', async () => {
    await expect(ensureShape({ id: 'h-huge', quantization: 'Q8_0' })).rejects.toThrow(/h-small/);
  });
});

describe('random weights', () => {
  test('16-bit floats have the bits of the standard', () => {
    const bits = [0, 1, -2, 65_504, 6.103515625e-5, 5.960464477539063e-8, 0.333251953125];
    expect(bits.map(toHalf)).toEqual([0, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555]);
    // The last step below a power of two rounds up to it.
    expect(toHalf(1.9999)).toBe(0x4000);
  });

  const fromHalf = (bits: number): number => {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const size =
      exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15);
    return bits & 0x8000 ? -size : size;
  };
  /** The weights of the first blocks, as the format defines them. */
  const weights = {
    Q4_0: (block: Buffer) =>
      [...block.subarray(2)].flatMap((byte) =>
        [byte & 15, byte >> 4].map((q) => fromHalf(block.readUInt16LE(0)) * (q - 8)),
      ),
    Q8_0: (block: Buffer) =>
      Array.from({ length: 32 }, (_, i) => fromHalf(block.readUInt16LE(0)) * block.readInt8(2 + i)),
    Q4_K: (block: Buffer) =>
      Array.from({ length: 256 }, (_, i) => {
        const sub = Math.floor(i / 32);
        const at = 4 + (sub % 4);
        const [a, b, c] = [block[at]!, block[at + 4]!, block[at + 8]!];
        const scale = sub < 4 ? a & 63 : (c & 15) | ((a >> 6) << 4);
        const least = sub < 4 ? b & 63 : (c >> 4) | ((b >> 6) << 4);
        const byte = block[16 + 32 * Math.floor(i / 64) + (i % 32)]!;
        const q = sub % 2 === 0 ? byte & 15 : byte >> 4;
        return (
          fromHalf(block.readUInt16LE(0)) * scale * q - fromHalf(block.readUInt16LE(2)) * least
        );
      }),
  };

  test.each([
    ['Q4_0', 18],
    ['Q8_0', 34],
    ['Q4_K', 144],
  ] as const)('%s blocks have mean 0 and the spread that was asked for', (type, bytes) => {
    const spread = 1 / Math.sqrt(2048);
    const pattern = blockPattern(type, spread, 1);
    const all = Array.from({ length: 2000 }, (_, index) =>
      weights[type](pattern.subarray(index * bytes, (index + 1) * bytes)),
    ).flat();
    const mean = all.reduce((sum, one) => sum + one, 0) / all.length;
    const deviation = Math.sqrt(all.reduce((sum, one) => sum + one * one, 0) / all.length);
    expect(Math.abs(mean)).toBeLessThan(0.03 * spread);
    expect(deviation / spread).toBeGreaterThan(0.95);
    expect(deviation / spread).toBeLessThan(1.05);
  });
});
