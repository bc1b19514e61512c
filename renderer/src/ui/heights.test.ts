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

describe('what a person looks at', () => {
  const heights = new Heights(10, (index) => (index === 4 ? 2000 : 100));

  it('is the thing at the top, however short it is', () => {
    expect(heights.lookedAt(0, 600)).toBe(0);
    expect(heights.lookedAt(200, 600)).toBe(2);
    expect(heights.lookedAt(249, 600)).toBe(2);
    expect(heights.lookedAt(251, 600)).toBe(3);
  });

  it('is a thing longer than the view while it takes half of it', () => {
    expect(heights.lookedAt(700, 600)).toBe(4);
    expect(heights.lookedAt(2000, 600)).toBe(4);
    expect(heights.lookedAt(2150, 600)).toBe(5);
  });

  it('is none beyond the ends', () => {
    expect(heights.lookedAt(100_000, 600)).toBe(9);
    expect(new Heights(0, () => 1).lookedAt(0, 600)).toBe(0);
  });
});
