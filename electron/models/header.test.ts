import { describe, expect, it } from 'vitest';
import type { ModelHeader } from '../ipc/contract/index.ts';
import { denseKvBytesPerToken, kvBytes, predictMemory } from '../memory/estimate.ts';
import { contextLimit, contextReason, planFit, promptLimit, tooLarge } from './fit.ts';
import { ggufBytes, graniteFixture, graniteShapes } from './gguf.fixture.ts';
import type { Fixture } from './gguf.fixture.ts';
import { parseGguf } from './gguf.ts';
import { readModelHeader, toModelHeader } from './header.ts';

const miniature = new URL('../../resources/miniature/miniature.gguf', import.meta.url).pathname;
const kib = 1024;
const mib = 1024 * 1024;
const gib = 1024 * mib;

async function headerOf(fixture: Fixture, path = '/models/file.gguf'): Promise<ModelHeader> {
  const bytes = ggufBytes(fixture);
  const gguf = await parseGguf(
    async (target, wanted, position) => {
      const piece = bytes.subarray(position, position + wanted);
      target.set(piece);
      return piece.length;
    },
    bytes.length,
    'file.gguf',
  );
  return toModelHeader(gguf, path);
}
type Shape = keyof typeof graniteShapes;
const granite = (shape: Shape) => headerOf(graniteFixture(graniteShapes[shape]));

describe('memory formulas against the table of granite.md §2.1', () => {
  const rows: readonly [Shape, recurrent: number, kvPerToken: number, at128K: number][] = [
    ['350m', 0, 28 * kib, 3584],
    ['h-350m', 22_622_208, 4 * kib, 512],
    ['1b', 0, 80 * kib, 10_240],
    ['h-1b', 58_060_800, 8 * kib, 1024],
    ['micro', 0, 80 * kib, 10_240],
    ['h-micro', 77_377_536, 8 * kib, 1024],
    ['h-tiny', 58_060_800, 8 * kib, 1024],
    ['h-small', 154_644_480, 16 * kib, 2048],
    ['4.1-3b', 0, 80 * kib, 10_240],
    ['4.1-8b', 0, 160 * kib, 20_480],
    ['4.1-30b', 0, 256 * kib, 32_768],
  ];
  it.each(rows)('%s', async (shape, recurrent, kvPerToken, at128K) => {
    const header = await granite(shape);
    expect(header.recurrentBytesPerSession).toBe(recurrent);
    expect(header.kvBytesPerToken).toBe(kvPerToken);
    expect(kvBytes(header, 131_072, 1)).toBe(at128K * mib);
    expect(kvBytes(header, 4096, 1)).toBe((at128K / 32) * mib);
  });

  it('eight sessions of 128K of h-micro', async () => {
    const { kv, recurrent } = predictMemory(await granite('h-micro'), 131_072, 8);
    expect(Math.round((kv + recurrent) / mib)).toBe(8782);
  });

  it('counts every layer for the dense comparison', async () => {
    expect(denseKvBytesPerToken(await granite('h-tiny'))).toBe(80 * kib);
    expect(denseKvBytesPerToken(await granite('micro'))).toBe(80 * kib);
  });

  it('rounds a session up as llama.cpp does', async () => {
    const header = await granite('h-tiny');
    expect(kvBytes(header, 1000, 2)).toBe(2 * 1024 * 8 * kib);
  });
});

describe('facts of a header', () => {
  it('reads the miniature and does not call it Granite', async () => {
    const header = await readModelHeader(miniature);
    expect(header).toMatchObject({
      architecture: 'granitehybrid',
      name: 'Miniature (demo)',
      parameters: 5_104_736,
      quantization: 'F16',
      bytes: 10_347_968,
      vocabulary: 3072,
      layers: 7,
      attentionLayers: 3,
      recurrentLayers: 4,
      embeddingLength: 256,
      declaredContext: 8192,
      kvBytesPerToken: 3 * 2 * 2 * 64 * 2,
      recurrentBytesPerSession: 4 * 4 * (3 * (512 + 64) + 32 * 512),
      hasChatTemplate: true,
      experts: 0,
    });
    expect(contextLimit(header)).toBe(8192);
    expect(promptLimit(header)).toBe(704);
  });

  it('names the quantisation by file type, else by the weights', async () => {
    expect((await granite('micro')).quantization).toBe('Q4_K_M');
    const { metadata, tensors } = graniteFixture(graniteShapes.micro);
    const { 'general.file_type': _, ...others } = metadata;
    const without = await headerOf({ metadata: others, tensors: tensors ?? [] });
    expect(without.quantization).toBe('Q6_K');
  });

  it('takes the file name where the header has none, and never a line break', async () => {
    const { metadata, tensors } = graniteFixture(graniteShapes.micro);
    const named = (name: string) =>
      headerOf(
        { metadata: { ...metadata, 'general.name': name }, tensors: tensors ?? [] },
        '/m/My model.gguf',
      );
    expect((await named('')).name).toBe('My model');
    expect((await named('a\nb\u202Ec')).name).toBe('a b c');
  });

  it.each([
    ['no architecture', {}],
    ['no layers', { 'general.architecture': 'clip', 'clip.vision.block_count': 27 }],
  ])('refuses a file with %s', async (_, metadata) => {
    await expect(headerOf({ metadata })).rejects.toMatchObject({
      code: 'model-architecture-unknown',
    });
  });

  it('refuses one part of a split model', async () => {
    const { metadata } = graniteFixture(graniteShapes.micro);
    await expect(headerOf({ metadata: { ...metadata, 'split.count': 3 } })).rejects.toMatchObject({
      code: 'model-load-failed',
      detail: { parts: 3 },
    });
  });
});

describe('context limits', () => {
  it('are the trained lengths, not the 2^20 of a hybrid header', async () => {
    expect((await granite('h-tiny')).declaredContext).toBe(2 ** 20);
    expect(contextLimit(await granite('h-tiny'))).toBe(131_072);
    expect(contextLimit(await granite('h-350m'))).toBe(32_768);
    expect(contextLimit(await granite('350m'))).toBe(32_768);
    expect(contextLimit(await granite('micro'))).toBe(131_072);
  });

  it('are capped for an unknown hybrid and declared for others', async () => {
    const header = await granite('h-tiny');
    expect(contextLimit({ ...header, architecture: 'jamba' })).toBe(131_072);
    const dense = { ...(await granite('micro')), architecture: 'llama' };
    expect(contextLimit({ ...dense, declaredContext: 8192 })).toBe(8192);
    expect(contextLimit({ ...dense, declaredContext: 262_144 })).toBe(262_144);
  });
});

const big = { total: 64 * gib, available: 60 * gib };

describe('what decides an automatic context', () => {
  it('is the memory only where it is', async () => {
    const long = await granite('h-tiny');
    const short = { ...(await granite('micro')), declaredContext: 4096 };
    const demo = await readModelHeader(miniature);
    const why = (header: ModelHeader, contextSize: number | null, available: number) => {
      const wish = { contextSize, sessions: 1 };
      return contextReason(header, wish, planFit(header, wish, { total: 64 * gib, available }));
    };
    const cases = [
      [long, null, 60 * gib, 'usual'],
      [long, null, planFit(long, { contextSize: 8192, sessions: 1 }, big).needed, 'memory'],
      [long, null, gib, 'least'],
      [long, 8192, 60 * gib, 'settings'],
      [short, null, 60 * gib, 'trained'],
      [short, 8192, 60 * gib, 'trained'],
      [short, 4096, 60 * gib, 'settings'],
      [demo, null, 60 * gib, 'demo'],
      [demo, null, gib / 4, 'demo'],
      [demo, 4096, 60 * gib, 'settings'],
    ] as const;
    expect(cases.map(([header, wished, free]) => why(header, wished, free))).toEqual(
      cases.map((one) => one[3]),
    );
  });
});

describe('the plan for a machine', () => {
  const wish = { contextSize: null, sessions: 1 };
  const asLarge = async (shape: Shape, tensorBytes: number) => ({
    ...(await granite(shape)),
    tensorBytes,
  });

  it('takes at most 32768 by itself and the trained length on demand', async () => {
    const header = await asLarge('h-tiny', 4 * gib);
    expect(planFit(header, wish, big)).toMatchObject({ contextSize: 32_768, fits: true });
    expect(planFit(header, { ...wish, contextSize: 2 ** 20 }, big).contextSize).toBe(131_072);
  });

  it('takes less context where memory is short, in powers of two', async () => {
    const header = await asLarge('micro', 2 * gib);
    const plan = planFit(header, wish, { total: 8 * gib, available: 4.5 * gib });
    expect(plan.fits).toBe(true);
    expect(plan.contextSize).toBeLessThan(32_768);
    expect(Math.log2(plan.contextSize) % 1).toBe(0);
    const twice = planFit(
      header,
      { ...wish, contextSize: plan.contextSize * 2 },
      {
        total: 8 * gib,
        available: 4.5 * gib,
      },
    );
    expect(twice.fits).toBe(false);
  });

  it('refuses with numbers', async () => {
    const header = await asLarge('h-small', 19 * gib);
    const memory = { total: 16 * gib, available: 12 * gib };
    const plan = planFit(header, wish, memory);
    expect(plan.fits).toBe(false);
    const error = tooLarge('small.gguf', plan, memory);
    expect(error.code).toBe('model-too-large');
    expect(error.detail).toMatchObject({ needed: plan.needed, available: 12 * gib, sessions: 1 });
    expect(plan.needed).toBeGreaterThan(19 * gib);
  });

  it('keeps the miniature small', async () => {
    const plan = planFit(await readModelHeader(miniature), { ...wish, sessions: 4 }, big);
    expect(plan).toMatchObject({ contextSize: 2048, fits: true, comfortable: true });
  });
});
