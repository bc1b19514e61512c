import { describe, expect, it } from 'vitest';
import type { CheckpointEntry } from './checkpoints.ts';
import { checkpointsToDrop } from './checkpoints.ts';

function entry(sessionId: string, kind: string, position: number, bytes = 10): CheckpointEntry {
  return { sessionId, kind, position, bytes };
}

const conversation = (id: string): CheckpointEntry[] => [
  entry(id, 'base', 100),
  entry(id, 'prompt', 150),
  entry(id, 'answer', 180),
  entry(id, 'turn', 185),
  entry(id, 'prompt', 220),
  entry(id, 'answer', 260),
];

describe('checkpointsToDrop', () => {
  it('drops nothing within the budget', () => {
    expect(checkpointsToDrop(conversation('a'), 60, ['a'])).toEqual([]);
  });

  it('gives up what a later one serves as well, then old ones, and the place for regenerate last', () => {
    const all = conversation('a');
    const order = checkpointsToDrop(all, 0, ['a']).map((item) => item.position);
    expect(order[0]).toBe(180);
    expect(order[1]).toBe(150);
    expect(order.at(-1)).toBe(220);
    expect(order).toHaveLength(all.length);
  });

  it('keeps what the conversation in use needs before what a resting one needs', () => {
    const dropped = checkpointsToDrop([...conversation('old'), ...conversation('now')], 60, [
      'old',
      'now',
    ]);
    expect(dropped).toHaveLength(6);
    const kept = conversation('now').filter(
      (item) =>
        !dropped.some((other) => other.sessionId === 'now' && other.position === item.position),
    );
    expect(kept.map((item) => item.position)).toEqual([100, 185, 220, 260]);
  });

  it.each([
    ['the end of the answer before it', [entry('a', 'prompt', 150), entry('a', 'answer', 180)]],
    ['the prompt of an answer of a few tokens', [entry('a', 'prompt', 150)]],
  ])('keeps where the last question begins: %s', (_, before) => {
    const old = [entry('a', 'base', 10), entry('a', 'prompt', 50), entry('a', 'answer', 80)];
    const last = [entry('a', 'prompt', 220), entry('a', 'answer', 260)];
    const order = checkpointsToDrop([...old, ...before, ...last], 30, ['a']);
    expect(order.map(({ position }) => position)).not.toContain(before.at(-1)?.position);
    expect(order.map(({ position }) => position)).toContain(50);
  });

  it('keeps what a conversation is about to go back to, whatever else there is', () => {
    const wanted = { ...entry('old', 'answer', 180), isWanted: true };
    const all = [entry('old', 'base', 10), wanted, ...conversation('now')];
    const order = checkpointsToDrop(all, 10, ['old', 'now']);
    expect(order).toHaveLength(all.length - 1);
    expect(order).not.toContain(wanted);
  });

  it('drops only as many as it must', () => {
    expect(checkpointsToDrop(conversation('a'), 55, ['a'])).toHaveLength(1);
    expect(checkpointsToDrop([entry('a', 'prompt', 5, 100)], 50, ['a'])).toHaveLength(1);
  });
});
