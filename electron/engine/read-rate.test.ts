import { describe, expect, it } from 'vitest';
import { bestRate } from './read-rate.ts';

const mebi = 1024 * 1024;

describe('reading memory', () => {
  it('tells the best of three rounds, in bytes a second', () => {
    let now = 0;
    let reads = 0;
    // The second round is disturbed: each of its steps takes ten times as long.
    const clock = () => {
      reads += 1;
      now += reads > 5 && reads < 12 ? 100 : 10;
      return now;
    };
    // Steps of 4 MiB in 10 ms each.
    expect(bestRate(Buffer.alloc(16 * mebi, 1), clock)).toBeCloseTo((4 * mebi) / 0.01);
  });

  it('refuses a buffer that would end the search early', () => {
    const bytes = Buffer.alloc(16 * mebi, 1);
    bytes[3] = 0xff;
    expect(() => bestRate(bytes)).toThrow(/holds the byte/);
  });
});
