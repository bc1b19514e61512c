import { describe, expect, it } from 'vitest';
import type { KvType } from '../../../../electron/ipc/contract/index.ts';
import { predictedMemory } from '../../samples.fake.ts';
import { findReach, missingFor } from './reach.ts';

const giga = 2 ** 30;
const offers = [
  { quantization: 'Q4_K_M', bytes: 18 * giga },
  { quantization: 'F16', bytes: 60 * giga },
  { quantization: 'Q2_K', bytes: 11 * giga },
];
const factor: Record<KvType, number> = { f16: 1, q8_0: 0.53, q4_0: 0.28 };

/** A machine with so much free, and a model whose text takes a gigabyte for 8192 tokens. */
const machine =
  (free: number) => async (wish: { quantization: string; contextSize: number; kvType: KvType }) => {
    const file = offers.find(({ quantization }) => quantization === wish.quantization);
    const ceiling = (file?.bytes ?? 0) + (wish.contextSize / 8192) * giga * factor[wish.kvType];
    return predictedMemory({ ...wish, ceiling, machineAvailable: free, contextLimit: 131_072 });
  };

describe('what it would take to run a model', () => {
  it('takes the finest file that fits, then the longest text', async () => {
    const reach = await findReach(offers, machine(23 * giga));
    expect(reach?.best).toMatchObject({
      quantization: 'Q4_K_M',
      contextSize: 32_768,
      kvType: 'f16',
      fits: true,
    });
    expect(reach?.smallest).toMatchObject({ quantization: 'Q2_K', contextSize: 1024 });
  });

  it('gives up precision before it gives up the file', async () => {
    const reach = await findReach(offers, machine(18.3 * giga));
    expect(reach?.best).toMatchObject({ quantization: 'Q4_K_M', kvType: 'q8_0' });
  });

  it('says how much is missing where nothing fits', async () => {
    const reach = await findReach(offers, machine(9 * giga));
    expect(reach?.best).toBeNull();
    if (!reach) throw new Error('no answer');
    const missing = missingFor(reach.smallest);
    expect(missing.bytes).toBeCloseTo(reach.smallest.prediction.ceiling - 9 * giga, 0);
    expect(missing.bytes).toBeGreaterThan(2 * giga);
    expect(missing.machineIsEnough).toBe(true);
  });

  it('keeps free what the machine needs for everything else', async () => {
    const reach = await findReach(offers, machine(23 * giga), 3 * giga);
    expect(reach?.best).toMatchObject({ quantization: 'Q4_K_M', contextSize: 16_384 });
    expect((await findReach(offers, machine(12 * giga), 2 * giga))?.best).toBeNull();
  });

  it('falls back to the smallest where only that fits', async () => {
    const reach = await findReach(offers, machine(11.1 * giga));
    expect(reach?.best).toEqual(reach?.smallest);
    expect(reach?.best?.fits).toBe(true);
  });

  it('has no answer for a model without files', async () => {
    expect(await findReach([], machine(giga))).toBeNull();
  });
});
