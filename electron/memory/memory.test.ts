import { describe, expect, it } from 'vitest';
import type { EngineMemory } from '../engine/port.ts';
import type { MemorySample, ModelHeader } from '../ipc/contract/index.ts';
import type { LoadedProcess } from '../models/index.ts';
import { accuracyOf, breakEven } from './compare.ts';
import { computeBytes, kvBytes, predictMemory } from './estimate.ts';
import { thinForChart } from './history.ts';
import { toMeasured } from './measured.ts';

const mib = 2 ** 20;

const header = (over: Partial<ModelHeader> = {}): ModelHeader => ({
  architecture: 'granitehybrid',
  name: 'Hybrid',
  parameters: 1,
  quantization: 'Q4_K_M',
  bytes: 901 * mib,
  tensorBytes: 900 * mib,
  tensorCount: 1,
  vocabulary: 100_352,
  layers: 40,
  attentionLayers: 4,
  recurrentLayers: 36,
  embeddingLength: 1536,
  declaredContext: 2 ** 20,
  kvBytesPerToken: 8192,
  recurrentBytesPerSession: 58_060_800,
  hasChatTemplate: true,
  experts: 0,
  ...over,
});

describe('the prediction', () => {
  it('is the sum of its parts, and never more than its ceiling (lmstudio#1862, ollama#12692)', () => {
    for (const sessions of [1, 4, 16]) {
      const { total, ceiling, ...parts } = predictMemory(header(), 131_072, sessions, {
        checkpoints: 5 * mib,
      });
      expect(Object.values(parts).reduce((sum, bytes) => sum + bytes, 0)).toBe(total);
      expect(ceiling).toBeGreaterThanOrEqual(total);
    }
  });

  it('counts 34 and 18 bytes for 32 elements of a quantised KV cache', () => {
    const of = (kvType: 'f16' | 'q8_0' | 'q4_0') => kvBytes(header(), 4096, 2, kvType);
    expect(of('f16')).toBe(64 * mib);
    expect(of('q8_0')).toBe(34 * mib);
    expect(of('q4_0')).toBe(18 * mib);
  });

  it('leaves out the logits of a whole batch, which llama.cpp reserves and never touches', () => {
    const reserved = 512 * 4 * header().vocabulary;
    expect(computeBytes(header(), 4096)).toBeLessThan(reserved / 2);
  });

  it('grows with the text that is held, up to the context', () => {
    const at = (tokensUsed: number) => predictMemory(header(), 4096, 1, { tokensUsed }).compute;
    expect(at(4096)).toBeGreaterThan(at(256));
    expect(at(1_000_000)).toBe(at(4096));
  });

  it('takes the share of the process that was measured on this machine', () => {
    const bare = 300 * mib;
    const [without, with_] = [{}, { bare }].map((given) => predictMemory(header(), 4096, 1, given));
    expect(with_!.process).toBeGreaterThan(bare);
    expect(with_!.total - without!.total).toBe(with_!.process - without!.process);
  });
});

describe('what was predicted beside what came of it', () => {
  it('tells median and worst, without sign', () => {
    const runs = [103, 98, 100, 110].map((predicted) => ({ predicted, measured: 100 }));
    const { count, medianPercent, withinPercent } = accuracyOf(runs);
    expect(count).toBe(4);
    expect(medianPercent).toBeCloseTo(2.5);
    expect(withinPercent).toBeCloseTo(10);
    expect(accuracyOf([])).toEqual({ count: 0, medianPercent: null, withinPercent: null });
  });
});

describe('the break-even', () => {
  it('is the first step of 256 tokens from which one takes less', () => {
    const hybrid = (context: number) => 1000 + context;
    const dense = (context: number) => 10 * context;
    expect(breakEven(hybrid, dense, 4096)).toBe(256);
    expect(breakEven((context) => 90_000 + context, dense, 131_072)).toBe(10_240);
    expect(hybrid(10_240)).toBeLessThan(dense(10_240));
    expect(breakEven(dense, hybrid, 131_072)).toBeNull();
    expect(breakEven(hybrid, dense, 100)).toBeNull();
  });
});

describe('a chart', () => {
  const at = (time: number, resident: number, modelId = 'a') =>
    ({ at: time, resident, modelId }) as MemorySample;

  it('keeps the peak of every stretch, the newest sample, and every model', () => {
    const samples = Array.from({ length: 1000 }, (_, time) => at(time, time === 333 ? 99 : 1));
    const thinned = thinForChart([...samples, at(1000, 7), at(1001, 3, 'b')], 10);
    expect(thinned.length).toBeLessThanOrEqual(20);
    expect(thinned).toContainEqual(at(333, 99));
    expect(thinned).toContainEqual(at(1000, 7));
    expect(thinned).toContainEqual(at(1001, 3, 'b'));
    expect(thinned.map((one) => one.at)).toEqual(
      thinned.map((one) => one.at).toSorted((a, b) => a - b),
    );
    expect(thinForChart([], 10)).toEqual([]);
  });
});

describe('a sample', () => {
  const engine = (over: Partial<EngineMemory>): EngineMemory =>
    ({
      resident: 500,
      weights: 200,
      weightParts: { mapped: 0, read: 200, repacked: 0, device: 0 },
      kv: 50,
      recurrent: 20,
      compute: 150,
      output: 10,
      checkpoints: 5,
      process: 100,
      devices: [],
      ...over,
    }) as EngineMemory;
  const entry = { model: { id: 'm' } } as LoadedProcess;
  const untouched = (over: Partial<EngineMemory>) =>
    toMeasured(entry, engine(over), 1).sample.untouched;

  it('tells what is reserved and not in memory', () => {
    expect(untouched({})).toBe(35);
    expect(untouched({ resident: 600 })).toBe(0);
    // Never more than the buffers that can be untouched.
    expect(untouched({ resident: 100 })).toBe(160);
  });

  it('does not take mapped weights, or those on a device, for missing buffers', () => {
    const mapped = { mapped: 200, read: 0, repacked: 0, device: 0 };
    expect(untouched({ weightParts: mapped, resident: 330 })).toBe(5);
    expect(untouched({ weightParts: { ...mapped, mapped: 0, device: 200 }, resident: 10 })).toBe(0);
  });
});
