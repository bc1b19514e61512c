import { describe, expect, it } from 'vitest';
import type { MemorySample } from '../../../../electron/ipc/contract/index.ts';
import { measuredParts, notResident, partNames, stackOf, sum } from './parts.ts';

const sample = (over: Partial<MemorySample> = {}): MemorySample => ({
  at: 1000,
  modelId: 'm',
  pid: 7,
  resident: 200,
  proportional: null,
  privateBytes: null,
  swapped: null,
  footprint: null,
  commit: null,
  weights: 100,
  kv: 20,
  recurrent: 10,
  compute: 15,
  output: 5,
  checkpoints: 0,
  process: 40,
  untouched: 0,
  vram: null,
  ...over,
});

describe('parts', () => {
  it('calls the remainder the rest, and adds up to the resident memory', () => {
    expect(measuredParts(sample()).rest).toBe(50);
    expect(sum(measuredParts(sample()))).toBe(200);
    expect(notResident(sample())).toBe(0);
  });

  it('says what is not in memory instead of a negative rest', () => {
    const mapped = sample({ resident: 90 });
    expect(measuredParts(mapped).rest).toBe(0);
    expect(notResident(mapped)).toBe(60);
  });

  it('stacks up to the resident memory and never beyond', () => {
    const [seconds, ...series] = stackOf([sample(), sample({ at: 2000, resident: 90 })], partNames);
    expect(seconds).toEqual([1, 2]);
    expect(series.at(-1)).toEqual([200, 90]);
    // What is not in memory yet is missing from the weights, not from what was computed.
    expect(series[0]).toEqual([100, 40]);
    for (let i = 1; i < series.length; i += 1) {
      for (const at of [0, 1]) {
        expect(series[i]?.[at] as number).toBeGreaterThanOrEqual(series[i - 1]?.[at] as number);
      }
    }
  });

  it('leaves a gap where another process begins', () => {
    const [seconds, weights] = stackOf(
      [sample(), sample({ at: 9000, pid: 8 }), sample({ at: 10_000, pid: 8 })],
      ['weights'],
    );
    expect(seconds).toEqual([1, 5, 9, 10]);
    expect(weights).toEqual([100, null, 100, 100]);
  });
});
