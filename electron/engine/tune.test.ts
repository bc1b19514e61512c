import { describe, expect, it } from 'vitest';
import { createThreadGovernor, measureReading, threadCandidates, tuneThreads } from './tune.ts';

/** A machine whose steps take a given time per thread count, on a clock of its own. */
function createMachine(cost: (threads: number) => number) {
  let time = 0;
  let threads = 0;
  return {
    steps: [] as number[],
    use: (count: number) => {
      threads = count;
    },
    async step() {
      this.steps.push(threads);
      time += cost(threads);
    },
    now: () => time,
    get threads() {
      return threads;
    },
  };
}

async function tune(cores: number, cost: (threads: number) => number, limitMs = 10_000) {
  const machine = createMachine(cost);
  const result = await tuneThreads({
    cores,
    limitMs,
    now: machine.now,
    use: machine.use,
    step: () => machine.step(),
  });
  return { ...result, machine };
}

describe('threadCandidates', () => {
  it('goes up to the number of cores', () => {
    expect(threadCandidates(1)).toEqual([1]);
    expect(threadCandidates(2)).toEqual([1, 2]);
    expect(threadCandidates(8)).toEqual([1, 2, 3, 4, 6, 8]);
    expect(threadCandidates(10)).toEqual([1, 2, 3, 4, 6, 8, 10]);
  });
});

describe('tuneThreads', () => {
  it('takes all cores where each one helps', async () => {
    const { threads, timings, machine } = await tune(8, (count) => 80 / count);
    expect(threads).toBe(8);
    expect(machine.threads).toBe(8);
    expect(timings.find((timing) => timing.threads === 8)?.msPerToken).toBeCloseTo(10);
  });

  it('takes few where the others stall', async () => {
    const { threads } = await tune(8, (count) => (count <= 2 ? 20 / count : 900));
    expect(threads).toBe(2);
  });

  it('prefers fewer threads when more hardly help', async () => {
    expect((await tune(2, (count) => (count === 1 ? 10 : 9.9))).threads).toBe(1);
  });

  it('spends one step on a count that is hopeless', async () => {
    const { machine } = await tune(2, (count) => (count === 1 ? 4 : 1300));
    expect(machine.steps.filter((count) => count === 2)).toHaveLength(1);
    expect(machine.threads).toBe(1);
  });

  it('stops trying when the time is up', async () => {
    const { timings } = await tune(16, (count) => 4000 / count, 100);
    expect(timings).toHaveLength(1);
  });
});

describe('createThreadGovernor', () => {
  const feed = (governor: { observe(ms: number): number }, ms: number, tokens: number): number => {
    let threads = 0;
    for (let index = 0; index < tokens; index += 1) threads = governor.observe(ms);
    return threads;
  };

  it('stays while tokens come evenly, single slow ones included', () => {
    const governor = createThreadGovernor(4);
    for (let round = 0; round < 20; round += 1) {
      feed(governor, 10, 7);
      expect(governor.observe(400)).toBe(4);
    }
  });

  it('halves the count when tokens take much longer', () => {
    const governor = createThreadGovernor(4);
    feed(governor, 10, 16);
    expect(feed(governor, 1300, 8)).toBe(2);
    expect(governor.threads).toBe(2);
  });

  it('tries the higher count again later, and waits longer when that fails', () => {
    const governor = createThreadGovernor(4);
    feed(governor, 10, 8);
    feed(governor, 1300, 8);
    expect(feed(governor, 15, 248)).toBe(2);
    expect(feed(governor, 15, 8)).toBe(4);
    expect(feed(governor, 1300, 8)).toBe(2);
    expect(feed(governor, 15, 400)).toBe(2);
  });

  it('never goes below one', () => {
    const governor = createThreadGovernor(1);
    feed(governor, 10, 8);
    expect(feed(governor, 9000, 80)).toBe(1);
  });

  it('compares several answers at once with themselves, not with a lone one', () => {
    const governor = createThreadGovernor(4);
    feed(governor, 10, 16);
    // Four at once take four times as long for a reason: no thread is given up for it.
    for (let index = 0; index < 64; index += 1) expect(governor.observe(40, 4)).toBe(4);
    for (let index = 0; index < 8; index += 1) governor.observe(400, 4);
    expect(governor.threads).toBe(2);
  });

  it('draws nothing from tokens measured across a change of how many write', () => {
    const governor = createThreadGovernor(4);
    feed(governor, 10, 16);
    for (let round = 0; round < 10; round += 1) {
      feed(governor, 900, 7);
      governor.observe(900, 2);
    }
    expect(governor.threads).toBe(4);
  });
});

describe('measureReading', () => {
  const measure = async (msPerToken: number, most = 512) => {
    let time = 0;
    let read = 0;
    const read1 = async (tokens: number): Promise<void> => {
      read += tokens;
      time += tokens * msPerToken;
    };
    return { ...(await measureReading({ read: read1, now: () => time, most })), read };
  };

  it('chooses the largest chunk after which a stop is felt soon', async () => {
    expect(await measure(0.1)).toMatchObject({ chunk: 512 });
    expect(await measure(1)).toMatchObject({ chunk: 256 });
    expect(await measure(1.6)).toMatchObject({ chunk: 128 });
    expect(await measure(6)).toMatchObject({ chunk: 64 });
    expect(await measure(100)).toMatchObject({ chunk: 64 });
  });

  it('chooses the same for rates that differ a little', async () => {
    const chunks = await Promise.all([1.2, 1.3, 1.4, 1.6, 1.8, 2.2].map((rate) => measure(rate)));
    expect(new Set(chunks.map(({ chunk }) => chunk)).size).toBe(1);
  });

  it('reads little where reading is slow, and never more than fits', async () => {
    expect((await measure(100)).read).toBe(16);
    expect(await measure(0.1, 30)).toMatchObject({ chunk: 16, read: 32 });
    expect(await measure(0.1, 9)).toMatchObject({ chunk: 9 });
  });
});
