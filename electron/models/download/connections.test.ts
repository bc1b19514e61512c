import { describe, expect, it } from 'vitest';
import { createConnections } from './connections.ts';

/** Numbers of connections over `ticks` ticks on a line of which `speed` tells what so many bring. */
function climb(speed: (connections: number) => number, ticks: number, most = 8): number[] {
  const lanes = createConnections(most);
  return Array.from({ length: ticks }, () => {
    lanes.tick(speed(lanes.target));
    return lanes.target;
  });
}

describe('the number of connections', () => {
  it('doubles up to the limit where each connection is limited', () => {
    expect(climb((n) => n * 4e6, 4)).toEqual([4, 8, 8, 8]);
    expect(climb((n) => n * 4e6, 4, 5)).toEqual([4, 5, 5, 5]);
    expect(climb((n) => n * 4e6, 3, 1)).toEqual([1, 1, 1]);
  });

  it('goes back where more bring nothing, and tries one more only after a rest', () => {
    const seen = climb(() => 50e6, 40);
    expect(seen.slice(0, 2)).toEqual([4, 2]);
    expect(seen.slice(2, 17).every((n) => n === 2)).toBe(true);
    expect(Math.max(...seen.slice(2))).toBe(3);
  });

  it('climbs one by one where more bring little, up to where they bring nothing', () => {
    const seen = climb((n) => Math.min(n, 5) ** 0.3 * 1e6, 12);
    expect(seen.slice(0, 4)).toEqual([4, 5, 6, 5]);
    expect(seen.at(-1)).toBe(5);
  });

  it('waits while nothing comes, and halves when the server asks for less', () => {
    const lanes = createConnections(8);
    lanes.tick(0);
    expect([lanes.target, lanes.climbing]).toEqual([2, true]);
    for (const rate of [2, 4, 8]) lanes.tick(rate);
    expect([lanes.target, lanes.climbing]).toEqual([8, false]);
    lanes.ease();
    expect(lanes.target).toBe(4);
    for (let tick = 0; tick < 15; tick += 1) lanes.tick(9);
    expect(lanes.target).toBe(4);
  });
});
