import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createBatcher } from './batch.ts';

beforeEach(() => void vi.useFakeTimers({ now: 0 }));
afterEach(() => void vi.useRealTimers());

it('gives the first piece at once and joins what follows closely', () => {
  const given: [number, string][] = [];
  const batcher = createBatcher(20, { now: () => Date.now() }, (text) =>
    given.push([Date.now(), text]),
  );
  batcher.add('a');
  vi.advanceTimersByTime(5);
  batcher.add('b');
  batcher.add('c');
  vi.advanceTimersByTime(40);
  batcher.add('d');
  vi.advanceTimersByTime(1);
  batcher.add('e');
  batcher.flush();
  batcher.flush();
  vi.advanceTimersByTime(100);
  expect(given).toEqual([
    [0, 'a'],
    [20, 'bc'],
    [45, 'd'],
    [46, 'e'],
  ]);
});

it('does not wait for a clock that was set back', () => {
  vi.setSystemTime(3_600_000);
  const given: string[] = [];
  const batcher = createBatcher(20, { now: () => Date.now() }, (text) => given.push(text));
  batcher.add('a');
  vi.setSystemTime(0);
  batcher.add('b');
  vi.advanceTimersByTime(20);
  expect(given).toEqual(['a', 'b']);
});
