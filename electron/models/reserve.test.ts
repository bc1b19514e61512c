import { describe, expect, it } from 'vitest';
import type { EngineMemory } from '../engine/port.ts';
import { AppError } from '../ipc/app-error.ts';
import type { Plan } from './fit.ts';
import { unpromised } from './reserve.ts';

const mebi = 1024 * 1024;
const memory = { total: 16_000 * mebi, available: 6000 * mebi };
const plan = { predicted: { ceiling: 3000 * mebi }, checkpointBudget: 500 * mebi } as Plan;
const loaded = (resident: number, device = 0) => ({
  plan,
  engine: { memory: async () => ({ resident, weightParts: { device } }) as EngineMemory },
});

describe('memory that was promised to loaded models', () => {
  it('unsloth#11073: what their buffers and checkpoints will still take is not free', async () => {
    const seen = await unpromised(memory, [loaded(2400 * mebi), loaded(3400 * mebi)]);
    expect(seen).toEqual({ total: memory.total, available: (6000 - 1100 - 100) * mebi });
  });

  it('is nothing where they hold more than they were promised, or hold it on a graphics device', async () => {
    expect(await unpromised(memory, [loaded(4000 * mebi)])).toEqual(memory);
    expect(await unpromised(memory, [loaded(700 * mebi, 3000 * mebi)])).toEqual(memory);
  });

  it('is nothing for an engine that has ended', async () => {
    const gone = {
      plan,
      engine: { memory: () => Promise.reject(new AppError('engine-crashed', 'gone')) },
    };
    expect(await unpromised(memory, [gone])).toEqual(memory);
  });

  it('never makes available less than nothing', async () => {
    const tight = { total: memory.total, available: 100 * mebi };
    expect((await unpromised(tight, [loaded(0)])).available).toBe(0);
  });
});
