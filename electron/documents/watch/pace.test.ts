import { expect, it } from 'vitest';
import { createPace } from './pace.ts';

it('gpt4all#1757: says nothing of the time left before it can know, then what follows from the speed', () => {
  const pace = createPace();
  const file = 968 * 1024;
  for (let count = 0; count < 4; count += 1) pace.note(file, 1000);
  expect(pace.left(100, 100 * file)).toBeNull();
  pace.note(file, 1000);
  expect(pace.left(100, 100 * file)).toBe(100);
  // Faster from now on: the last readings count most.
  for (let count = 0; count < 500; count += 1) pace.note(file, 100);
  expect(pace.left(100, 100 * file)).toBeLessThan(12);
  expect(pace.left(0, 0)).toBe(0);
});
