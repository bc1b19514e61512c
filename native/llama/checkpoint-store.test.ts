import { describe, expect, it } from 'vitest';
import { createCheckpoints, createGivingBack } from './checkpoint-store.ts';

/** The library's sequence as far as checkpoints need it, and how many of them take memory at most. */
function createSequence() {
  let taken = 0;
  const memory = { now: 0, most: 0 };
  const make = (maxPos: number): [string, object] => {
    memory.now += 1;
    memory.most = Math.max(memory.most, memory.now);
    return ['turn', { maxPos, size: 1, dispose: () => void (memory.now -= 1) }];
  };
  const _checkpoints: [string, object][] = [];
  const sequence = {
    _checkpoints: { _checkpoints, _memoryUsage: 0, _resizeCheckpointsCount: () => undefined },
    async _takeNamedCheckpoint() {
      this._checkpoints._checkpoints.push(make((taken += 10)));
    },
  };
  return { sequence, memory };
}

describe('checkpoints', () => {
  it('are taken only when what was left behind is given back, in whichever sequence', async () => {
    const one = createSequence();
    const other = createSequence();
    const givingBack = createGivingBack();
    const first = createCheckpoints(() => one.sequence, givingBack);
    const second = createCheckpoints(() => other.sequence, givingBack);
    for (let count = 0; count < 3; count += 1) await first.take('turn');
    first.leave(0);
    expect(first.list()).toEqual([]);
    expect(one.memory.now).toBe(3);
    const taking = second.take('turn');
    first.leave(0);
    await taking;
    expect(one.memory.now).toBe(0);
    expect(other.memory.now).toBe(1);
    expect(one.memory.most).toBe(3);
  });

  it('are given back one by one, so that others get their turn between', async () => {
    const { sequence, memory } = createSequence();
    const checkpoints = createCheckpoints(() => sequence, createGivingBack());
    for (let count = 0; count < 3; count += 1) await checkpoints.take('turn');
    checkpoints.leave(11);
    const seen: number[] = [];
    while (memory.now > 1) {
      seen.push(memory.now);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(seen).toContain(2);
    expect(checkpoints.list()).toMatchObject([{ position: 11 }]);
  });
});
