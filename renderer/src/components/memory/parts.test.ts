import { describe, expect, it } from 'vitest';
import type { MemorySample } from '../../../../electron/ipc/contract/index.ts';
import { measuredParts, notResident, residentParts, sum } from './parts.ts';

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

  it('takes what is missing from the weights, not from what was computed', () => {
    const parts = residentParts(sample({ resident: 90 }));
    expect(parts.weights).toBe(40);
    expect(sum(parts)).toBe(90);
  });

  it('leaves out buffers that were reserved and never touched', () => {
    const parts = measuredParts(sample({ compute: 15, output: 5, untouched: 17 }));
    expect([parts.compute, parts.output]).toEqual([0, 3]);
  });
});
