import { describe, expect, it } from 'vitest';
import { createBatches } from './batches.ts';

const ones = (count: number) => Array.from({ length: count }, () => 1);

describe('the batches of a context', () => {
  it('hold the steps of all answers in the order of their sequences', () => {
    const batches = createBatches();
    for (let index = 0; index < 3; index += 1) batches.enter();
    const items = [2, 0, 1].map((sequence) => ({
      tokens: ones(1),
      evaluationPriority: batches.mark(sequence, true),
    }));
    const parts = batches.parts({ items, size: 512 });
    expect(parts.map(({ item }) => item)).toEqual([items[1], items[2], items[0]]);
    expect(parts.every(({ processAmount }) => processAmount === 1)).toBe(true);
  });

  it('wait a few rounds for an answer that has not asked yet, and go on without it', () => {
    const batches = createBatches();
    batches.enter();
    const leave = batches.enter();
    const items = [{ tokens: ones(1), evaluationPriority: batches.mark(0, true) }];
    let rounds = 0;
    while (batches.parts({ items, size: 512 }).length === 0) rounds += 1;
    expect(rounds).toBeGreaterThan(0);
    expect(rounds).toBeLessThan(100);
    leave();
    leave();
    expect(batches.parts({ items, size: 512 })).toHaveLength(1);
  });

  it('never wait while only a prompt is read', () => {
    const batches = createBatches();
    batches.enter();
    const items = [{ tokens: ones(64), evaluationPriority: batches.mark(0, false) }];
    expect(batches.parts({ items, size: 512 })).toHaveLength(1);
  });

  it('give a prompt what the steps leave', () => {
    const batches = createBatches();
    batches.enter();
    const prompt = { tokens: ones(512), evaluationPriority: batches.mark(0, false) };
    const step = { tokens: ones(1), evaluationPriority: batches.mark(1, true) };
    expect(batches.parts({ items: [prompt, step], size: 512 })).toEqual([
      { item: prompt, processAmount: 511 },
      { item: step, processAmount: 1 },
    ]);
  });
});
