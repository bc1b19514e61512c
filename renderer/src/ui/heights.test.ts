import { describe, expect, it } from 'vitest';
import { Heights } from './heights.ts';

describe('heights of a long list', () => {
  it('knows where each thing stands, before and after some were measured', () => {
    const plain = Array.from({ length: 1000 }, (_, index) => 10 + (index % 7));
    const heights = new Heights(plain.length, (index) => plain[index] ?? 0);
    const check = () => {
      let top = 0;
      plain.forEach((height, index) => {
        expect(heights.topOf(index)).toBe(top);
        expect(heights.at(top)).toBe(index);
        expect(heights.at(top + height - 1)).toBe(index);
        top += height;
      });
      expect(heights.total).toBe(top);
    };
    check();
    for (const index of [0, 1, 500, 998, 999]) {
      const change = heights.measure(index, 40 + index);
      expect(change).toBe(40 + index - (plain[index] ?? 0));
      plain[index] = 40 + index;
    }
    check();
    expect(heights.isMeasured(500)).toBe(true);
    expect(heights.isMeasured(501)).toBe(false);
  });

  it('answers beyond both ends, and for nothing at all', () => {
    const heights = new Heights(3, () => 10);
    expect([heights.at(-5), heights.at(29), heights.at(500)]).toEqual([0, 2, 2]);
    const none = new Heights(0, () => 10);
    expect([none.total, none.at(0), none.measure(0, 5)]).toEqual([0, 0, 0]);
  });
});
