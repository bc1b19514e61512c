import { expect, it } from 'vitest';
import { steady } from './time.ts';

it('steady time goes on, and never back when the clock is set back', () => {
  let wall = 1000;
  const now = steady({ now: () => wall });
  wall = 1500;
  expect(now()).toBe(1500);
  wall = 200;
  expect(now()).toBe(1500);
  wall = 260;
  expect(now()).toBe(1560);
  wall = 9000;
  expect(now()).toBe(10_300);
});
