import { describe, expect, it } from 'vitest';
import { AppError } from '../ipc/app-error.ts';
import { createRelief, tightness } from './relief.ts';
import type { Relievable } from './relief.ts';

const mebi = 1024 * 1024;
const gib = 1024 * mebi;
const noPressure = { stalledPercent: null, systemLevel: null } as const;
const quiet = { info: () => {}, warn: () => {}, error: () => {} };

describe('how short memory is', () => {
  const total = 16 * gib;
  it('goes by what is available: a twentieth is tight, half of it critical', () => {
    expect(tightness({ total, available: 2 * gib }, noPressure)).toBe('calm');
    expect(tightness({ total, available: 700 * mebi }, noPressure)).toBe('tight');
    expect(tightness({ total, available: 300 * mebi }, noPressure)).toBe('critical');
  });

  it('takes waiting for memory into account only where little is left', () => {
    const stalled = { stalledPercent: 40, systemLevel: null };
    expect(tightness({ total, available: 2 * gib }, stalled)).toBe('tight');
    expect(tightness({ total, available: 8 * gib }, stalled)).toBe('calm');
  });

  it('believes the system where it names a level', () => {
    const plenty = { total, available: 8 * gib };
    expect(tightness(plenty, { stalledPercent: null, systemLevel: 'warning' })).toBe('tight');
    expect(tightness(plenty, { stalledPercent: null, systemLevel: 'critical' })).toBe('critical');
    expect(tightness(plenty, { stalledPercent: null, systemLevel: 'normal' })).toBe('calm');
  });

  it('has an edge on small and on large machines', () => {
    expect(tightness({ total: gib, available: 100 * mebi }, noPressure)).toBe('tight');
    expect(tightness({ total: 512 * gib, available: 2 * gib }, noPressure)).toBe('calm');
  });
});

interface Fake {
  name: string;
  isIdle: boolean;
  lastUsed: number;
  checkpoints: number;
  bytes: number;
  budget: number;
  /** Bytes that saving its conversations writes. */
  states: number;
}

function setUp(models: readonly Partial<Fake>[], available: number) {
  const done: string[] = [];
  let now = 1_800_000_000_000;
  const loaded = models.map((model, index): Fake => ({
    name: `m${index}`,
    isIdle: true,
    lastUsed: index,
    checkpoints: 100 * mebi,
    bytes: 2 * gib,
    budget: 512 * mebi,
    states: 0,
    ...model,
  }));
  const state = { available, loaded };
  const relief = createRelief({
    machine: { memory: () => ({ total: 16 * gib, available: state.available }) },
    pressure: async () => noPressure,
    loaded: () =>
      state.loaded.map((fake): Relievable => ({
        modelId: fake.name,
        modelName: fake.name,
        isIdle: fake.isIdle,
        lastUsed: fake.lastUsed,
        checkpointBudget: fake.budget,
        engine: {
          trim: async (budget) => {
            done.push(`trim ${fake.name} ${budget}`);
            const given = Math.max(0, fake.checkpoints - budget);
            fake.checkpoints -= given;
            state.available += given;
            return given;
          },
        },
      })),
    saveStates: async (modelId) => {
      const fake = state.loaded.find(({ name }) => name === modelId);
      if (fake?.isIdle !== true) return 0;
      done.push(`save ${modelId}`);
      return fake.states;
    },
    unload: async (modelId) => {
      const gone = state.loaded.find(({ name }) => name === modelId);
      if (gone === undefined) throw new AppError('not-found', 'no such model');
      if (!gone.isIdle) throw new AppError('model-busy', 'an answer is being written');
      done.push(`unload ${modelId}`);
      state.loaded = state.loaded.filter((fake) => fake !== gone);
      state.available += gone.bytes;
    },
    onRelief: () => {},
    clock: { now: () => now },
    log: quiet,
  });
  return { relief, done, state, pass: (ms: number) => (now += ms) };
}

describe('giving memory back', () => {
  it('saves the conversations of an idle model to disk before it ends, after all checkpoints', async () => {
    const { relief, done, state } = setUp(
      [{ lastUsed: 2 }, { lastUsed: 1, states: 70 * mebi }, { isIdle: false, lastUsed: 0 }],
      100 * mebi,
    );
    for (let looks = 0; looks < 5; looks += 1) {
      await relief.look();
      state.available = 100 * mebi;
    }
    const steps = [
      'trim m1 0',
      'trim m0 0',
      'trim m2 0',
      'save m1',
      'unload m1',
      'save m0',
      'unload m0',
    ];
    expect(done).toEqual(steps);
    const records = relief.records().map(({ what, modelId, bytes }) => [what, modelId, bytes]);
    // m0 held no conversation: nothing was written and nothing is said.
    expect(records).toEqual([
      ['model', 'm0', 2 * gib],
      ['model', 'm1', 2 * gib],
      ['states', 'm1', 70 * mebi],
      ['checkpoints', 'm2', 100 * mebi],
      ['checkpoints', 'm0', 100 * mebi],
      ['checkpoints', 'm1', 100 * mebi],
    ]);
  });

  it('does nothing while there is enough', async () => {
    const { relief, done } = setUp([{}, {}], 4 * gib);
    await relief.look();
    expect(done).toEqual([]);
    expect(relief.records()).toEqual([]);
  });

  it('unsloth#11073: gives checkpoints first, then idle models, the longest unused first', async () => {
    const { relief, done, state } = setUp(
      [{ lastUsed: 30 }, { lastUsed: 10 }, { lastUsed: 20 }],
      100 * mebi,
    );
    await relief.look();
    expect(done).toEqual(['trim m1 0', 'trim m2 0', 'trim m0 0']);
    state.available = 100 * mebi;
    await relief.look();
    expect(done.at(-1)).toBe('unload m1');
    state.available = 100 * mebi;
    await relief.look();
    expect(done.at(-1)).toBe('unload m2');
    expect(relief.records().map(({ what, modelId }) => `${what} ${modelId}`)).toEqual([
      'model m2',
      'model m1',
      'checkpoints m0',
      'checkpoints m2',
      'checkpoints m1',
    ]);
    expect(relief.records()[0]?.bytes).toBe(2 * gib);
  });

  it('stops as soon as there is enough again', async () => {
    const { relief, done } = setUp([{}, {}], 700 * mebi);
    await relief.look();
    await relief.look();
    await relief.look();
    expect(done.filter((line) => line.startsWith('unload'))).toEqual([]);
  });

  it('never ends a model that is answering, and takes its checkpoints only when critical', async () => {
    const tight = setUp([{ isIdle: false }], 700 * mebi);
    await tight.relief.look();
    expect(tight.done).toEqual([]);
    const critical = setUp([{ isIdle: false }], 100 * mebi);
    await critical.relief.look();
    await critical.relief.look();
    expect(critical.done).toEqual(['trim m0 0']);
  });

  it('lets checkpoints be kept again after a minute of calm, not before', async () => {
    const { relief, done, state, pass } = setUp([{}], 700 * mebi);
    await relief.look();
    state.available = 8 * gib;
    await relief.look();
    pass(59_000);
    await relief.look();
    expect(done).toEqual(['trim m0 0']);
    pass(2000);
    await relief.look();
    expect(done).toEqual(['trim m0 0', `trim m0 ${512 * mebi}`]);
    pass(120_000);
    await relief.look();
    expect(done).toHaveLength(2);
  });

  it('a model that begins to answer just then is left alone', async () => {
    const { relief, state, done } = setUp([{ checkpoints: 0 }], 100 * mebi);
    const [fake] = state.loaded;
    Object.defineProperty(fake, 'isIdle', {
      get: (() => {
        let looks = 0;
        return () => (looks += 1) <= 1;
      })(),
    });
    await relief.look();
    expect(done).toEqual(['trim m0 0']);
    expect(state.loaded).toHaveLength(1);
  });
});
