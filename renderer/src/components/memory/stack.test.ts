import { describe, expect, it } from 'vitest';
import type { MemorySample } from '../../../../electron/ipc/contract/index.ts';
import { loadedMemory } from '../../samples.fake.ts';
import { bandsOf, csvOf, stackOf, valuesAt } from './stack.ts';

const { sample: base } = loadedMemory();
const sample = (over: Partial<MemorySample> = {}): MemorySample => ({
  ...base,
  at: 1000,
  resident: 200,
  weights: 100,
  kv: 20,
  recurrent: 10,
  compute: 15,
  output: 5,
  checkpoints: 0,
  process: 40,
  untouched: 0,
  ...over,
});
const none: ReadonlySet<number> = new Set();

describe('the stack over time', () => {
  it('reaches to the resident memory, with what was never touched left out', () => {
    const one = sample({ compute: 500, untouched: 485 });
    const bands = bandsOf([one], ['m']);
    const stack = stackOf([one], bands, none, 0);
    const column = stack[0].indexOf(1);
    expect(stack.at(-1)?.[column]).toBe(200);
    const compute = valuesAt(stack, bands, column).find(({ band }) => band.part === 'compute');
    expect(compute?.bytes).toBe(15);
  });

  it('falls to nothing where a process ends and rises where another begins', () => {
    const samples = [sample(), sample({ at: 9000, pid: 8 }), sample({ at: 10_000, pid: 8 })];
    const stack = stackOf(samples, bandsOf(samples, ['m']), none, 20_000);
    expect(stack[0]).toEqual([0.999, 1, 1.001, 8.999, 9, 10, 10.001]);
    expect(stack.at(-1)).toEqual([0, 200, 0, 0, 200, 200, 0]);
  });

  it('holds until now what is loaded now', () => {
    const stack = stackOf([sample()], bandsOf([sample()], ['m']), new Set([7]), 60_000);
    expect(stack[0].at(-1)).toBe(60);
    expect(stack.at(-1)?.at(-1)).toBe(200);
  });

  it('adds models that were measured at different moments', () => {
    const samples = [
      sample({ at: 1000 }),
      sample({ at: 1500, modelId: 'n', pid: 9, resident: 300 }),
      sample({ at: 2000 }),
      sample({ at: 2500, modelId: 'n', pid: 9, resident: 300 }),
    ];
    const bands = bandsOf(samples, ['m', 'n']);
    const stack = stackOf(samples, bands, new Set([7, 9]), 2500);
    const total = (at: number) => stack.at(-1)?.[stack[0].indexOf(at)];
    expect([total(1), total(1.5), total(2), total(2.5)]).toEqual([200, 500, 500, 500]);
    expect(bands.filter(({ modelId }) => modelId === 'n').map(({ part }) => part)).toContain('kv');
  });
});

describe('the file of figures', () => {
  it('has a row for every sample, in bytes, with empty fields where nothing is told', () => {
    const rows = csvOf([sample({ proportional: 150 })], () => 'Granite, "tiny"').split('\r\n');
    expect(rows[0]).toMatch(/^time,model,pid,resident_bytes,proportional_bytes,private_bytes,/);
    expect(rows[1]).toMatch(/^1970-01-01T00:00:01.000Z,"Granite, ""tiny""",7,200,150,,,/);
    expect(rows[1]?.replace(/"[^"]*(""[^"]*)*"/, '').split(',')).toHaveLength(
      rows[0]?.split(',').length ?? 0,
    );
  });

  it('never lets a name be a formula', () => {
    expect(csvOf([sample()], () => '=1+1')).toContain(",'=1+1,");
  });
});
